#!/usr/bin/env bash
# export_test.sh: an account that has lived is exported and taken back, elsewhere, by an owner that
# is no superuser, without a difference; what is damaged or in the way is refused whole; long
# ledgers take little memory.
#
# The programs are taken from BUILD (default: the current directory).
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

refused() # CLAIM STATUS PATTERN ARGUMENT...: and nothing has changed
{
	local before after
	before=$(sql "select count(*) from accounts, audit_entries")
	tool "${@:4}"
	after=$(sql "select count(*) from accounts, audit_entries")
	same "$1" "$2 $before" "$status $after"
	told "$1: it says why" "$3"
}

differences() # DIR DIR: but for the instant of the export
{
	diff -r -x manifest.json "$1" "$2" | head -n 5
	diff <(jq -S 'del(.exported_at)' "$1/manifest.json") \
		<(jq -S 'del(.exported_at)' "$2/manifest.json") | head -n 5
}

# ---- A life. ----

# Another installation, whose owner is no superuser; its prices have other ids.
owner=export_owner_$$
there=export_test_$$
psql -qX -v ON_ERROR_STOP=1 "$TEST_DATABASE_URL" -c "create role $owner login createrole" \
	-c "grant promptbuilder_web, promptbuilder_runner to $owner with admin option" \
	-c "create database $there owner $owner"
here_url=$DATABASE_URL
there_url=$(printf '%s' "$DATABASE_URL" | sed "s#://postgres@#://$owner@#; s#/$database?#/$there?#")
forget()
{
	psql -qX "$TEST_DATABASE_URL" -c "drop database if exists $there with (force)" \
		-c "drop role if exists $owner" 2>/dev/null
	cleanup
}
trap forget EXIT
DATABASE_URL=$there_url "$build/promptbuilder" migrate >/dev/null || exit 1

simulator --model claude-unheard-of
runner
for model in claude-opus-4-5-20251101 claude-sonnet-5 claude-unheard-of; do
	runs+=("$(launch "$model" 95 1)")
done
for run in "${runs[@]}"; do
	ended "$run" 60 || exit 1
done
faults refusal
failed_run=$(launch claude-sonnet-5 90 1)
ended "$failed_run" 60
is "runs have ended, well and badly" "completed,completed,completed,failed" "select string_agg(
	status, ',' order by status) from pipeline_runs"
stop_runner

cat >"$work/lines.csv" <<'END'
idempotency_key,assistantId,operation,model,timestamp,input_tokens,output_tokens,usage
k-1,Über/..\Bot “7”,chat,no such model,2026-07-01T00:00:00.000001Z,5,6,
k-2,desk,chat,claude-opus-5,2026-07-02T00:00:00Z,7,8,"{""input_tokens"": 7, ""output_tokens"": 8, ""x"": 1.50}"
k-3,.hidden,chat,claude-opus-5,2026-07-31T23:59:59.999999Z,1234567,8,
END
tool import costs "$work/lines.csv" --account acme
tool prices set --account acme --model 'no such model' --input 1 --output 2.5
tool prices reprice --apply --reason 'Told later'
line=$(sql "select id from cost_entries where idempotency_key = 'k-3'")
tool cost adjust "$line" --usd -0.25 --reason 'Zu viel — “Rabatt”'
tool account zone acme Europe/Berlin
tool budget set --account acme --period month --cap 1000
tool account zone acme Asia/Kathmandu
tool token account acme Eve
sql "insert into cost_entries (account_id, assistant_id, operation, model, input_tokens, output_tokens,
		cache_read_tokens, cost_usd, price_status, timestamp, usage)
	select s.account_id, s.id, (array['chat', 'prompt_analysis', 'prompt_generation'])[1 + n % 3],
		'modèle-' || n % 4, (random() * 1e6)::bigint, (random() * 1e6)::bigint,
		(random() * 1e6)::bigint, (random() * 100)::numeric(20,9),
		case when n % 7 = 0 then 'unpriced' else 'priced' end,
		timestamptz '2026-01-01' + random() * interval '200 days',
		jsonb_build_object('n', n, 'text', E'\u2028 \"\\\\ \t \U0001F600')
	from assistants s, generate_series(1, 700) as n where s.external_id = 'support';
update pipeline_runs set created_at = '2026-01-15' where id = '${runs[1]}';
update prompt_versions set created_at = '2026-01-15' where pipeline_run_id = '${runs[1]}';
update prompt_versions set status = 'final' where pipeline_run_id = '${runs[0]}';
select deployment_change(v.account_id, v.assistant_id, 'production', v.id, E'Los!\n', null, false)
	from prompt_versions v where v.pipeline_run_id = '${runs[0]}';
insert into prompt_versions (account_id, assistant_id, version, version_number, prompt_content,
		prompt_hash, injection_content, origin, parent_id, created_by, message)
	select v.account_id, v.assistant_id, 'v90', 90, E'# Größe\n\n\"x\"\t\U0001F600', 'h', '', 'edit',
		v.id, 'Eve', 'kürzer' from prompt_versions v where v.pipeline_run_id = '${runs[0]}';
update pipeline_runs r set prompt_version_id = v.id
	from prompt_versions v where v.pipeline_run_id = r.id;
insert into version_approvals (account_id, prompt_version_id, actor)
	select account_id, id, 'Änne' from prompt_versions;
insert into version_notes (account_id, prompt_version_id, actor, note)
	select account_id, id, 'Eve', E'erste\nzweite Zeile' from prompt_versions;
insert into accounts (slug, name) values ('zeta', 'Zeta');
insert into assistants (account_id, external_id, name) select id, 'other', 'Foreign'
	from accounts where slug = 'zeta'" >/dev/null
tool prune --before 2026-02 --account acme
is "texts were pruned" 1 "select count(*) from pipeline_runs where pruned_at is not null"
same "nothing is broken before" "" "$(breaches)"
tool doctor

# ---- Out. ----

tool account export acme --to "$work/a"
same "an account is exported" "0 lines" "$status $(sed -n 's/ .*//p;q' "$work/out")"
is "every table of accounts is exported, or left out for a reason" "" "select string_agg(
	c.relname, ', ') from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
	and (c.relname = 'accounts' or exists (select from pg_attribute a where a.attrelid = c.oid
		and a.attname = 'account_id')) and c.relname not in (select name from account_tables())"
is "no trigger takes a row that comes for one that happens" "" "select string_agg(g.tgname || ' on '
	|| t.name, ', ') from pg_trigger g join account_tables() t on g.tgrelid = t.name::regclass
	where t.why_not is null and not g.tgisinternal and g.tgtype & 4 <> 0
	and g.tgname not in ('tr_mark_account', 'tr_fill_step_account')
	and pg_get_triggerdef(g.oid) not like '%is_importing()%'"
same "its files are for nobody else" "" "$(find "$work/a" -type f ! -perm 600 -o -type d ! -perm 700)"
(cd "$work/a" && sha256sum --quiet -c prompts.sha256)
say $? "prompts have their SHA-256"
same "tables have theirs" "" "$(cd "$work/a" && jq -r '.tables[] | .sha256 + "  " + .file' \
	manifest.json | sha256sum --quiet -c 2>&1)"
same "every line is one object" "$(jq '[.tables[].lines] | add' "$work/a/manifest.json")" \
	"$(cat "$work"/a/*.jsonl | jq -c 'select(type == "object")' | wc -l)"
same "all lines of the ledger are there" "$(sql "select count(*) || ' ' || sum(cost_usd) from
	cost_entries")" "$(jq -r .cost_usd "$work/a/cost_entries.jsonl" | awk '{ n++; sub(/\./, "");
	sum += $1 } END { printf "%d %d.%09d\n", n, sum / 1e9, sum % 1e9 }')"
same "versions are files, too" "$(sql "select prompt_content from prompt_versions where version = 'v90'")" \
	"$(cat "$work/a/assistants/support/v90/prompt.md")"
is "no secret is in them" 0 "select count(*) from access_tokens where token_hash = any (
	string_to_array('$(grep -rhoE '[0-9a-f]{64}' "$work/a" | sort -u | paste -sd,)', ','))"
same "and nothing of others" "" "$(grep -rlE "Foreign|$(sql "select id from accounts
	where slug = 'zeta'")" "$work/a")"
is "the installation notes it" acme "select object from audit_entries where action = 'account.export'"
tool account export acme --to "$work/a2/"
same "a second one is the same" "" "$(differences "$work/a" "$work/a2")"
refused "a folder that holds something" 73 'is not empty: name another folder' \
	account export acme --to "$work/a"
tool account export acme --to "$work/a2" --force
same "an earlier export is replaced" "0 " "$status $(differences "$work/a" "$work/a2")"
mkdir "$work/home" && echo mine >"$work/home/file"
refused "but nothing else" 73 'holds something else than an export' \
	account export acme --to "$work/home" --force
same "which stays" mine "$(cat "$work/home/file")"
refused "an account that is not there" 66 'there is no account "nobody"' \
	account export nobody --to "$work/none"
same "leaves no folder" "" "$(ls -d "$work"/none* 2>/dev/null)"
same "and nothing half done is left" "" "$(ls -d "$work"/*.partial* 2>/dev/null)"

# ---- In. ----

DATABASE_URL=$there_url
tool account import "$work/a"
same "it comes in elsewhere, by an owner that is no superuser" 0 "$status"
[ "$status" = 0 ] || sed 's/^/#   /' "$work/err"
tool account export acme --to "$work/b"
same "without a difference" "0 " "$status $(differences "$work/a" "$work/b")"
same "what must hold holds" "" "$(breaches)"
tool ledger verify
same "sums agree with lines" 0 "$status"
is "in each zone that it needs" "Asia/Kathmandu,Europe/Berlin,UTC" "select string_agg(
	distinct d.zone, ',' order by d.zone) from account_days d"
tool audit verify
same "its chain is whole" 0 "$status"
is "nothing of it is told again" "0 0" "select count(*) || ' ' || (select count(*) from audit_entries
	where account_id is null and action not in ('schema.migrate', 'zone.add', 'account.import',
	'account.export')) from outbox"
is "and the import is noted" acme "select object from audit_entries where action = 'account.import'"
is "this owner is no superuser" f "select rolsuper from pg_roles where rolname = current_user"
tool doctor
same "doctor finds no failure" 0 "$(grep -c FAILED "$work/out")"
runner
faults
echo '{"assistantId": "support", "company": "C", "purpose": "Answer."}' >"$work/briefing.json"
tool run launch --account acme "$work/briefing.json"
run=$(sql "select id from pipeline_runs where pipeline_id = '$(head -n 1 "$work/out")'")
ended "$run" 60
is "a run of it completes there" completed "select status from pipeline_runs where id = '$run'"
stop_runner
same "and all holds" "" "$(breaches)"
refused "it does not come in twice" 73 'is here already, as "acme"' account import "$work/a"
refused "nor under another slug" 73 'is here already' account import "$work/a" --as acme2
DATABASE_URL=$here_url
refused "nor where it comes from" 73 'is here already' account import "$work/a" --as copy

# A new installation, now as the superuser, with another account of that slug.
fresh() # makes the other database anew
{
	psql -qX -v ON_ERROR_STOP=1 "$TEST_DATABASE_URL" -c "drop database $there with (force)" \
		-c "create database $there owner $owner"
	DATABASE_URL=$there_url "$build/promptbuilder" migrate >/dev/null
	DATABASE_URL=$there_url "$build/promptbuilder" account add "${1:-other}" >/dev/null 2>&1
}
fresh acme
DATABASE_URL=$there_url
refused "a slug that is taken" 73 'another account "acme": .*--as' account import "$work/a"
tool account import "$work/a" --as acme-2
same "has another one" "0 acme-2" "$status $(sql "select slug from accounts where slug <> 'acme'")"
tool account export acme-2 --to "$work/c"
same "and is otherwise the same" "accounts.jsonl" "$(diff -rq -x manifest.json "$work/a" "$work/c" |
	sed 's/.*\///; s/ .*//')"

# ---- Damage. ----

fresh
damaged() # CLAIM PATTERN COMMAND: in a copy of the folder
{
	rm -rf "$work/d"
	cp -a "$work/a" "$work/d"
	(cd "$work/d" && eval "$3")
	tool account import "$work/d"
	same "$1 is refused" "no 1" "$([ "$status" = 0 ] && echo yes || echo no) $(sql 'select count(*) from accounts')"
	told "$1: it says where" "$2"
}
damaged "a damaged line" 'd/cost_entries.jsonl: line 57 is damaged' \
	"sed -i '57s/{/[/' cost_entries.jsonl"
damaged "a missing line" 'd/cost_entries.jsonl has [0-9]+ lines, but the manifest says' \
	"sed -i 57d cost_entries.jsonl"
damaged "a changed digit" 'd/cost_entries.jsonl is not as it was exported' \
	"sed -i '57s/1/2/' cost_entries.jsonl"
damaged "a file that is cut off" 'd/pipeline_steps.jsonl: line [0-9]+ is cut off' \
	"truncate -s -5 pipeline_steps.jsonl"
damaged "a missing file" 'd/attempts.jsonl: No such file' "rm attempts.jsonl"
damaged "a changed prompt" 'd/assistants/support/v90/prompt.md is not as it was exported' \
	"echo x >>assistants/support/v90/prompt.md"
damaged "a missing prompt" 'v90/prompt.md: No such file' "rm assistants/support/v90/prompt.md"
damaged "a path that leads out" 'prompts.sha256: line 1 is no SHA-256 with a path' \
	"sed -i '1s#assistants#../assistants#' prompts.sha256"
damaged "a missing manifest" 'd is no export of an account' "rm manifest.json"
damaged "a cut manifest" 'd/manifest.json is damaged' "truncate -s 300 manifest.json"
damaged "a newer format" 'format_version 2 is newer than 1' \
	"sed -i 's/\"format_version\":1/\"format_version\":2/' manifest.json"
damaged "something else" 'does not say that it is an export' "echo '{}' >manifest.json"

# What is wrong though its hashes fit: they are made anew.
forged() # CLAIM PATTERN COMMAND
{
	damaged "$1" "$2" "$3
		jq -c '.tables[] | [.file, .sha256]' manifest.json | while read -r pair; do
			file=\$(echo \"\$pair\" | jq -r '.[0]') old=\$(echo \"\$pair\" | jq -r '.[1]')
			sed -i \"s/\$old/\$(sha256sum \"\$file\" | cut -d' ' -f1)/\" manifest.json
		done"
}
forged "an unknown column" 'assistants.jsonl has what this version does not know: mood' \
	"sed -i 's/\"external_id\",\"name\"/\"external_id\",\"mood\"/' manifest.json"
forged "a row of another account" 'assistants.jsonl: line 2: null value in column "account_id"' \
	"sed -i '2s/\"account_id\":\"[^\"]*\"/\"account_id\":\"$(cat /proc/sys/kernel/random/uuid)\"/' assistants.jsonl"
forged "a line that breaks a rule" 'cost_entries.jsonl: line 3: .*violates' \
	"sed -i '3s/\"kind\":\"call\"/\"kind\":\"gift\"/' cost_entries.jsonl"
forged "money from nowhere" 'contradict each other: .*totals of a run' \
	"sed -i '1s/\"total_cost_usd\":\"/\"total_cost_usd\":\"1/' pipeline_runs.jsonl"
forged "a forged chain" 'audit log is broken' \
	"sed -i '2s/\"actor\":\"/\"actor\":\"not /' audit_entries.jsonl"
forged "a version of nobody" 'contradict each other: .*foreign key' \
	"sed -i 's/\"parent_id\":\"[^\"]*\"/\"parent_id\":\"$(cat /proc/sys/kernel/random/uuid)\"/' prompt_versions.jsonl"

# A price of the list that only the other installation has.
fresh
DATABASE_URL=$here_url
tool prices set --model claude-own-list --input 3 --output 4
sql "insert into cost_entries (account_id, assistant_id, operation, model, input_tokens, output_tokens,
		cost_usd, price_id)
	select s.account_id, s.id, 'chat', 'claude-own-list', 1, 1, 0.000007, p.id
	from assistants s, model_prices p where s.external_id = 'desk' and p.model = 'claude-own-list'"
launch claude-sonnet-5 90 1 acme >/dev/null
tool account export acme --to "$work/e"
told "runs that wait are told of" '1 runs are queued or running: this export can be read, but not'
DATABASE_URL=$there_url
refused "they are not imported" 73 '1 runs were queued or running' account import "$work/e"
DATABASE_URL=$here_url
tool run cancel "$(sql "select pipeline_id from pipeline_runs where status = 'queued'")"
tool account export acme --to "$work/e" --force
DATABASE_URL=$there_url
refused "a price that the list lacks" 73 'does not have: claude-own-list from .*--add-prices' \
	account import "$work/e"
tool account import "$work/e" --add-prices
same "is added when asked" "0 imported with account acme" "$status $(sql "select source from
	model_prices where model = 'claude-own-list'")"
tool account export acme --to "$work/f"
same "and makes no difference" "" "$(differences "$work/e" "$work/f")"

# ---- Little memory. ----

# The most memory that a command took, in KB.
memory() # ARGUMENT...
{
	"$build/promptbuilder" "$@" >"$work/out" 2>"$work/err" &
	local pid=$! most=0 now
	while sleep 0.02 && now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
		most=$now
	done
	wait "$pid" || cat "$work/err" >&2
	echo "$most"
}
lines() # COUNT: of the account acme
{
	sql "insert into cost_entries (account_id, assistant_id, operation, model, input_tokens,
			output_tokens, cost_usd, timestamp)
		select s.account_id, s.id, 'chat', 'm', n, n, n * 0.000000001,
			timestamptz '2026-03-01' + n * interval '7 seconds'
		from assistants s, generate_series(1, $1) as n where s.external_id = 'desk'"
}
DATABASE_URL=$here_url
lines 9000
few_out=$(memory account export acme --to "$work/g1")
lines 90000
many_out=$(memory account export acme --to "$work/g2")
DATABASE_URL=$there_url
fresh
few_in=$(memory account import --add-prices "$work/g1")
fresh
many_in=$(memory account import --add-prices "$work/g2")
is "100,000 lines come in" t "select count(*) > 99000 from cost_entries"
[ "$many_out" -le $((few_out + 1024)) ] && [ "$many_in" -le $((few_in + 2048)) ]
say $? "100,000 lines take no more memory than 10,000: out $few_out and $many_out KB, in $few_in and $many_in KB"
tool account export acme --to "$work/g3"
same "without a difference" "" "$(differences "$work/g2" "$work/g3")"

finish
