#!/bin/sh
# runner_test.sh: the operator's page of runners through nginx: what it shows and warns of, pause,
# resume and drain by form and API, by whom; what other pages tell of a pause and of waiting runs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

WORKERS=1 # whose kept pages must not be behind
acme_token=tok_acme_0123456789abcdef
operator_token=op_0123456789abcdef0123
stack_database
# As in production the web logs in as its own role, with its rights.
database_url="postgresql://promptbuilder_web@/postgres?host=$work/pg"
stack_web
stack_nginx
account acme $acme_token
operator $operator_token
jar=$work/jar
acme=$work/acme
sign_in "$jar" operator $operator_token >/dev/null
sign_in "$acme" acme $acme_token >/dev/null

page() { curl -s -b "${2:-$jar}" -c "${2:-$jar}" "$url$1"; }
api() { curl -s -H "Authorization: Bearer ${2:-$operator_token}" "$url/api$1"; }
# send PATH: the form's button
send() { get -b "$jar" -c "$jar" -d "csrf=$token" "$url$1"; }
# runner DIGIT LEASE COLUMN... VALUE...: a runner's row, as a runner writes it
runner()
{
	sql -c "INSERT INTO runners (id, host, pid, version, lease_until${3:+, $3})
		VALUES ('0193300$1-0000-4000-8000-000000000000', 'mill-$1 boot pid', $1, '0.4', now() + interval '$2'${4:+, $4})"
}
runs()
{
	sql -c "INSERT INTO assistants (account_id, external_id, name) SELECT id, 'desk', 'Desk' FROM accounts"
	sql -c "INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id, briefing_id, status, briefing_data)
		SELECT account_id, id, 'pipeline_' || n, 'b', CASE WHEN n = 4 THEN 'running' ELSE 'queued' END, '{}'
		FROM assistants, generate_series(1, 4) n"
	sql -c "INSERT INTO jobs (account_id, pipeline_run_id, run_after, waiting_for)
		SELECT account_id, id, now() + interval '10 min', 'The limit is <reached>.' FROM pipeline_runs
		WHERE pipeline_id IN ('pipeline_1', 'pipeline_2')"
	sql -c "INSERT INTO jobs (account_id, pipeline_run_id, run_after)
		SELECT account_id, id, now() - interval '90 s' FROM pipeline_runs WHERE pipeline_id = 'pipeline_3'"
}

# Who.
is "a member may not see it" 403 "$(code -b "$acme" "$url/runners")"
is "nor by the API" 403 "$(code -H "Authorization: Bearer $acme_token" "$url/api/runners")"
is "nor pause" 403 "$(code -H "Authorization: Bearer $acme_token" -d '' "$url/api/runners/pause")"
is "nor drain" 403 "$(code -H "Authorization: Bearer $acme_token" -d '' "$url/api/runners/drain")"
is "a form needs its token" 403 "$(code -b "$jar" -d 'csrf=wrong' "$url/runners/pause")"
is "the role itself may not" 'ERROR:  new row violates row-level security policy for table "claim_pause"' \
	"$(psql -X -q "$database_url" -c "SET app.account_id = ''; INSERT INTO claim_pause (paused_by) VALUES ('me')" 2>&1)"

# What it warns of.
has "with no runner it says so" "$(page /runners)" 'banner-warning.*No runner claims\.'
runs
has "louder when runs are due" "$(page /runners)" 'banner-failure.*No runner claims, and runs are due'
has "since when" "$(page /runners)" 'the oldest for 1 min'
has "what waits and until when" "$(page /runners | tr -d '\n')" \
	'The limit is &lt;reached&gt;\.</th><td class="num">2</td><td><time datetime='
runner 1 '30 s' is_listening false
runner 2 '30 s'
runner 3 '-10 s'
sql -c "UPDATE jobs SET state = 'running', runner_id = (SELECT id FROM runners WHERE pid = 2)
	WHERE pipeline_run_id = (SELECT id FROM pipeline_runs WHERE pipeline_id = 'pipeline_3')"
page=$(page /runners)
has_not "with runners it does not" "$page" 'No runner claims'
has "a deaf one is told of" "$page" 'hear no notifications: 1\.'
json=$(api /runners)
has "the JSON is the same document" "$json" \
	'^\{"is_claiming":true,"paused_at":null,"paused_by":null,"alive":2,"draining":0,"lost":1,"deaf":1,"runs":1,"open_calls":0,"due":0,"waiting":2,'
has "with each runner" "$json" '"host":"mill-2","pid":2,"version":"0.4","state":"alive","lease_left_ms":2[0-9]{4},"runs":1,"open_calls":0,'
has "and the lost one" "$json" '"host":"mill-3".*"state":"lost","lease_left_ms":0'
is "its CSV has them" 4 "$(curl -s -b "$jar" "$url/runners.csv" | wc -l)"
has "and the reasons theirs" "$(curl -s -b "$jar" "$url/runners.csv?table=waiting_for")" '^"?The limit is <reached>\."?,2,'
home=$(page / | tr -d '\n')
has "the operator's home has a summary" "$home" 'Runners</h2>.*Alive</dt><dd>2, <span class="failure">lost 1</span>.*In flight</dt><dd>runs 1, calls 0.*2: The limit is'
has_not "an account's has none" "$(page / "$acme")" 'Runners</h2>'
has "its JSON, too" "$(api /)" '"pause":null,"runners":\{"is_claiming":true'
has_not "not an account's" "$(api / $acme_token)" '"runners"'

# Pause and resume.
token=$(csrf "$jar" "$url/runners")
list=$(page /pipeline-runs "$acme")
has_not "no list speaks of a pause" "$list" 'Claims are paused'
has "waiting runs say for what, until when" "$list" 'until <time datetime="2[^"]*Z">[^<]*</time>: The limit is &lt;reached&gt;\.'
has "the list's JSON, too" "$(api /pipeline-runs $acme_token)" '"waiting_for":"The limit is <reached>\.","waiting_until":"2[^"]*Z"'
has "the run's page, too" "$(page /pipeline-runs/pipeline_1 "$acme" | tr -d '\n')" 'waits until <time.*It waits\.</strong> The limit is'
has "and its JSON" "$(api /pipeline-runs/pipeline_1 $acme_token)" '"waiting_for":"The limit is <reached>\.","waiting_until":"2[^"]*Z","paused_at":null'
answer=$(send /runners/pause)
has "a form pauses" "$answer" '^HTTP/1.1 303'
has "and leads back" "$answer" '^location: /runners'
page=$(page /runners)
has "the page says that" "$page" 'Claims are paused\. What runs goes on\.'
has "since when and by whom" "$page" 'Claims are paused</strong> since <time[^>]*>[^<]*</time> by Op:'
has "and offers the way back" "$page" 'action="/runners/resume"'
has "the list of runs says so at once" "$(page /pipeline-runs "$acme")" 'Claims are paused</strong> since .* by Op'
has "and a queued run" "$(page /pipeline-runs/pipeline_1 "$acme")" 'claims are paused since .* by Op'
has "and the home page" "$(page / "$acme")" 'Claims are paused</strong> since .* by Op'
paused=$(api /runners | sed 's/.*"paused_at":"\([^"]*\)".*/\1/')
is "another pause leaves it as it is" "{\"pause\":{\"paused_at\":\"$paused\",\"paused_by\":\"Op\"}}" \
	"$(curl -s -H "Authorization: Bearer $operator_token" -d '' "$url/api/runners/pause")"
has "an API resumes" "$(curl -s -H "Authorization: Bearer $operator_token" -d '' "$url/api/runners/resume")" \
	"^\{\"pause\":\{\"paused_at\":\"$paused\""
has_not "and the list says nothing again" "$(page /pipeline-runs "$acme")" 'Claims are paused'

# A wait that is over changes the kept page, too.
has "a run waits" "$(page /pipeline-runs "$acme")" 'The limit is'
sql -c "UPDATE jobs SET run_after = clock_timestamp() WHERE waiting_for IS NOT NULL"
has_not "until its time has come" "$(page /pipeline-runs "$acme")" 'The limit is'

# Drain.
id=01933001-0000-4000-8000-000000000000
has "a form drains one" "$(send "/runners/$id/drain")" '^HTTP/1.1 303'
is "which is told, with who asked" "$id|Op" \
	"$(sql -c "SELECT id, drain_requested_by FROM runners WHERE drain_requested_at IS NOT NULL")"
has "and shown" "$(page /runners | tr -d '\n')" 'mill-1, pid 1.*draining</strong><br><span class="muted small">asked .* by Op'
is "a lost one cannot be" 404 "$(code -b "$jar" -d "csrf=$token" "$url/runners/01933003-0000-4000-8000-000000000000/drain")"
is "nor what is none" 404 "$(code -b "$jar" -d "csrf=$token" "$url/runners/0/drain")"
has "an API drains all" "$(curl -s -H "Authorization: Bearer $operator_token" -d '' "$url/api/runners/drain")" \
	'^\{"runners":\[\{"id":"01933001-.*"drain_requested_by":"Op"\},\{"id":"01933002-'
has "then nobody claims" "$(api /runners)" '"is_claiming":false,.*"alive":0,"draining":2,'

# Calls that may have been charged.
sql -c "INSERT INTO pipeline_steps (account_id, pipeline_run_id, step_name, step_order, step_key, status)
	SELECT account_id, id, 'prompt_generation', 1, 'generation', 'running' FROM pipeline_runs WHERE pipeline_id = 'pipeline_4'"
sql -c "INSERT INTO attempts (account_id, pipeline_run_id, pipeline_step_id, number, epoch, runner_id, model,
	state, request_hash, reserved_usd, succeeded, estimated, ended_at, error_type)
	SELECT s.account_id, s.pipeline_run_id, s.id, n, 1, uuid_v7(), 'claude-sonnet-5',
	CASE n WHEN 1 THEN 'settled' ELSE 'unknown' END, 'h', 0.5, n = 1, n > 1, now(), 'runner_lost'
	FROM pipeline_steps s, generate_series(1, 2) n"
sql -c "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, pipeline_step_id, attempt_id,
	operation, model, input_tokens, output_tokens, cost_usd, estimated)
	SELECT r.account_id, r.assistant_id, r.id, a.pipeline_step_id, a.id, 'prompt_generation', a.model, 0, 0, 0.5, true
	FROM attempts a JOIN pipeline_runs r ON r.id = a.pipeline_run_id"
sql -c "INSERT INTO cost_entries (account_id, assistant_id, pipeline_run_id, pipeline_step_id, attempt_id,
	operation, model, input_tokens, output_tokens, cost_usd, kind, corrects_id, reason, actor)
	SELECT e.account_id, e.assistant_id, e.pipeline_run_id, e.pipeline_step_id, e.attempt_id, e.operation, e.model,
	7, 9, -0.4, 'adjustment', e.id, 'late', 'runner' FROM cost_entries e JOIN attempts a ON a.id = e.attempt_id
	WHERE a.number = 1"
json=$(api /pipeline-runs/pipeline_4)
has "an unknown call tells what is reserved and booked" "$json" \
	'"number":2,"state":"unknown",[^}]*"cost_usd":"0\.500000000","reserved_usd":"0\.500000000","corrected_usd":null'
has "a corrected one is one call, with its sum" "$json" \
	'"number":1,"state":"settled",[^}]*"input_tokens":7,"output_tokens":9,[^}]*"cost_usd":"0\.100000000","reserved_usd":"0\.500000000","corrected_usd":"-0\.400000000"\},\{'
page=$(page /pipeline-runs/pipeline_4)
has "the page says that it may have been billed" "$page" 'unknown, may have been billed'
has "and what was corrected" "$page" 'Corrected later by <span title="-0\.400000000"'
has "the day counts them" "$(page /runners)" '1: their runners were lost'
finish
