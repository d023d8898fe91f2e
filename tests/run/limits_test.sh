#!/usr/bin/env bash
# limits_test.sh: the runner against a provider with limits, one that lies, and one behind a real
# TLS front with HTTP/2. Prints a TAP line per claim.
#
#	tests/run/limits_test.sh [CASE...]
#
# The programs are taken from BUILD (default: the current directory).
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

outcomes() # NAME: how many calls ended so, by the provider's count
{
	curl -sf "$provider/simulator/stats" | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2 | grep . || echo 0
}

launch_many() { sql "select launch('claude-sonnet-5', 95, 1) from generate_series(1, $1)" >/dev/null; }
all_ended() { wait_for "$1" 0 "select count(*) from jobs where state <> 'done'"; }
completed() # COUNT: of the last runs, all
{
	is "all runs complete" "$1" "select count(*) from (select status from pipeline_runs
		order by created_at desc limit $1) as r where status = 'completed'"
}

# 60 runs of 4 calls, of which 40 a "minute" of 2 s may be made: 240 calls take at least 10 s.
case_requests()
{
	simulator --rpm 40 --minute-ms 2000 --latency-ms 100
	runner
	begin=$(date +%s%3N)
	launch_many 60
	wait_for 10 t "select count(*) > 0 from jobs where state = 'running' and
		waiting_for like 'The provider''s limit of requests to claude-sonnet-5 is used up%'
		and run_after > now() - interval '1 s'"
	say $? "waiting runs say what they wait for and until when"
	all_ended 60
	echo "# took $(($(date +%s%3N) - begin)) ms, at least 10000 by the limit; $(outcomes 429) times 429"
	completed 60
	is "hardly a call is refused (at most 5 of 240)" t "select $(outcomes 429) <= 5"
	is "nothing waits in the books any more" 0 "select count(*) from jobs where waiting_for is not null"
	stop_runner
	stop_simulator
}

# Output tokens are reserved by what answers took, not by max_tokens.
case_tokens()
{
	simulator --otpm 6000 --itpm 20000 --minute-ms 2000 --latency-ms 50
	runner
	begin=$(date +%s%3N)
	launch_many 20
	all_ended 60
	echo "# took $(($(date +%s%3N) - begin)) ms; $(outcomes 429) times 429"
	completed 20
	is "hardly a call is refused (at most 8 of 80)" t "select $(outcomes 429) <= 8"
	stop_runner
	stop_simulator
}

# An overload of the provider: the breaker spares it nearly all calls, and one call finds the end.
case_overload()
{
	simulator --latency-ms 50 --fault 529
	PROMPTBUILDER_RETRY_BASE_MS=1s PROMPTBUILDER_RETRY_MAX_MS=2s \
		PROMPTBUILDER_CALL_ATTEMPTS=10 PROMPTBUILDER_RAMP_CALLS=6 runner
	launch_many 40
	wait_for 20 t "select count(*) >= 30 from jobs where state = 'running' and
		waiting_for like 'The provider is overloaded; calls of claude-sonnet-5 pause.'"
	say $? "runs wait for the breaker and say so"
	is "meanwhile hardly anybody called (at most 20 of 40 runs that would)" t \
		"select $(outcomes 529) <= 20"
	faults
	all_ended 60
	completed 40
	stop_runner
	stop_simulator
}

# One lie after the other that run_test.sh does not know: the failed attempts, and what the
# sentence says.
lies="
html-ok|settled:unreadable:estimated|cannot be used (the answer is not an event stream)
gzip|settled:unreadable:estimated|cannot be used (the answer is compressed although
rubbish|settled:unreadable:estimated|cannot be used (an event of the answer is not JSON)
flood-text|settled:unreadable:estimated|cannot be used (the text of the answer is too long)
flood-line|settled:unreadable:estimated|cannot be used (an event of the answer is too long)
flood-pings|settled:silence:estimated|fell silent in the middle
header-flood|settled:unreadable:estimated|cannot be used (the header of the answer does not end)
header-line|settled:unreadable:estimated|cannot be used (a line in the header of the answer is too long)
early-hints-flood|settled:unreadable:estimated|cannot be used (the header of the answer does not end)
no-answer|settled:no_answer:estimated|did not begin to answer within PROMPTBUILDER_FIRST_BYTE_MS
trickle|settled:silence:estimated|fell silent in the middle
close|settled:connection_lost:estimated|The connection to the provider broke
usage-huge||
early-hints||
"

case_lies()
{
	simulator
	PROMPTBUILDER_SILENCE_MS=300ms PROMPTBUILDER_FIRST_BYTE_MS=300ms runner
	while IFS='|' read -r kind attempts sentence; do
		[ -n "$kind" ] || continue
		faults "$kind@1"
		run=$(launch claude-sonnet-5 60 0)
		ended "$run" 20
		is "$kind: booked with what was seen, told in a sentence, and the run goes on" \
			"completed $attempts" "select r.status || ' ' || coalesce((
			select string_agg(a.state || ':' || a.error_type || case when a.estimated then ':estimated'
			else '' end, ' ') from attempts a join cost_entries e on e.attempt_id = a.id
			where a.pipeline_run_id = r.id and not a.succeeded and e.estimated and e.cost_usd > 0
			and e.input_tokens > 0 and position('$sentence' in a.error_message) > 0), '')
			from pipeline_runs r where r.id = '$run'"
	done <<<"$lies"
	is "counts that cannot be true are estimated" t "select bool_and(estimated and cost_usd between 0
		and 1) from cost_entries where attempt_id in (select id from attempts where error_type = 'usage_invalid')"
	faults redirect
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 10
	is "redirect: it is not followed, and the sentence says what to do" t "select status = 'failed' and
		error_message like 'The provider''s address leads elsewhere (HTTP 302). Set ANTHROPIC_BASE_URL%'
		and total_cost_usd = 0 from pipeline_runs where id = '$run'"
	stop_runner
	stop_simulator
}

# Each deadline of our own ends the run with the setting's name.
case_deadlines()
{
	simulator --latency-ms 20000
	PROMPTBUILDER_RUN_TIMEOUT_MS=1500ms runner
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 10
	is "a run that takes too long fails and says so" t "select status = 'failed' and error_message like
		'The run outlasted PROMPTBUILDER_RUN_TIMEOUT_MS.%' from pipeline_runs where id = '$run'"
	is "the call in flight is booked" "settled:aborted:true" "select state || ':' || error_type || ':' ||
		estimated from attempts where pipeline_run_id = '$run'"
	stop_runner
	PROMPTBUILDER_CALL_TIMEOUT_MS=200ms PROMPTBUILDER_CALL_ATTEMPTS=1 runner
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 10
	is "a call that takes too long fails and says so" t "select status = 'failed' and error_message like
		'Tried 1 times. The call outlasted PROMPTBUILDER_CALL_TIMEOUT_MS%' from pipeline_runs where id = '$run'"
	stop_runner
	stop_simulator
	# An address that takes no connection: its queue is full and nobody accepts.
	python3 -c "
import socket, time
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0)
full = [socket.socket() for i in range(4)]
for f in full: f.setblocking(False); f.connect_ex(s.getsockname())
print(s.getsockname()[1], flush=True); time.sleep(60)" >"$work/port" &
	children+=($!)
	until [ -s "$work/port" ]; do sleep 0.02; done
	ANTHROPIC_BASE_URL=http://127.0.0.1:$(cat "$work/port") PROMPTBUILDER_CONNECT_TIMEOUT_MS=200ms \
		PROMPTBUILDER_CALL_ATTEMPTS=2 runner
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 10
	is "a connection that takes too long is not billed" "failed free free" "select (select status from
		pipeline_runs where id = '$run') || ' ' || string_agg(state, ' ') from attempts where
		pipeline_run_id = '$run' and error_type = 'unreachable'"
	stop_runner
}

# ---- HTTP/2 behind nginx. ----

certificates() # a CA of our own and a certificate of it for 127.0.0.1
{
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Test CA" -keyout "$work/ca.key" \
		-out "$work/ca.pem" 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -subj "/CN=provider" -keyout "$work/tls.key" \
		-out "$work/tls.csr" 2>/dev/null
	printf 'subjectAltName=IP:127.0.0.1\n' >"$work/san"
	openssl x509 -req -in "$work/tls.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
		-days 2 -extfile "$work/san" -out "$work/tls.pem" 2>/dev/null
}

front() # sets $front: an https address with HTTP/2 before the simulator
{
	local port
	for port in $(shuf -i 20000-50000 -n 20); do
		(: </dev/tcp/127.0.0.1/"$port") 2>/dev/null || break
	done
	mkdir -p "$work/nginx"
	cat >"$work/nginx.conf" <<-END
	daemon off;
	worker_processes 1;
	pid $work/nginx/pid;
	error_log $work/nginx/error.log;
	events { worker_connections 1024; }
	http {
		log_format calls '\$server_protocol \$connection \$status';
		access_log $work/nginx/access.log calls;
		client_body_temp_path $work/nginx/body;
		proxy_temp_path $work/nginx/proxy;
		fastcgi_temp_path $work/nginx/fastcgi;
		uwsgi_temp_path $work/nginx/uwsgi;
		scgi_temp_path $work/nginx/scgi;
		server {
			listen 127.0.0.1:$port ssl http2;
			ssl_certificate $work/tls.pem;
			ssl_certificate_key $work/tls.key;
			location / { proxy_pass $provider; proxy_buffering off; proxy_http_version 1.1; }
		}
	}
	END
	/usr/sbin/nginx -p "$work/nginx" -c "$work/nginx.conf" -e "$work/nginx/error.log" &
	nginx_pid=$!
	children+=("$nginx_pid")
	until (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; do sleep 0.02; done
	front=https://127.0.0.1:$port
}

case_http2()
{
	certificates
	simulator --latency-ms 300
	front
	export ANTHROPIC_BASE_URL=$front
	PROMPTBUILDER_CALL_ATTEMPTS=2 runner
	run=$(launch claude-sonnet-5 80 1)
	ended "$run" 10
	is "an unknown certificate is refused, and the sentence says what to do" t "select status = 'failed'
		and error_message like '%The provider''s certificate is not trusted (SSL certificate problem:%'
		and error_message like '%PROMPTBUILDER_CA_FILE%' and total_cost_usd = 0
		from pipeline_runs where id = '$run'"
	is "and nothing was sent" 0 "select $(requests)"
	stop_runner

	export PROMPTBUILDER_CA_FILE=$work/ca.pem
	runner
	launch_many 30
	all_ended 30
	completed 30
	is "calls go by HTTP/2" "120 HTTP/2.0" "select '$(cut -d' ' -f1 "$work/nginx/access.log" | sort |
		uniq -c | sed 's/^ *//')'"
	is "over few connections (at most 3 for 120 calls)" t \
		"select $(cut -d' ' -f2 "$work/nginx/access.log" | sort -u | wc -l) <= 3"

	# A reload says GOAWAY; the calls in flight are finished.
	launch_many 10
	wait_for 10 t "select count(*) >= 5 from attempts where state = 'open'"
	kill -HUP "$nginx_pid"
	all_ended 30
	completed 10
	is "a GOAWAY costs no call" 0 "select count(*) from attempts where not succeeded and pipeline_run_id
		in (select id from pipeline_runs order by created_at desc limit 10)"

	# A front that dies cuts all calls of its connection at once.
	launch_many 10
	wait_for 10 t "select count(*) >= 5 from attempts where state = 'open'"
	pkill -9 -P "$nginx_pid"
	all_ended 30
	completed 10
	is "a cut connection: its calls are booked as estimates and made again" t "select count(*) > 0 and
		bool_and(state = 'settled' and estimated and error_type = 'connection_lost') from attempts
		where not succeeded and pipeline_run_id in
		(select id from pipeline_runs order by created_at desc limit 10)"
	stop_runner
	kill "$nginx_pid"
	stop_simulator
	unset PROMPTBUILDER_CA_FILE
}

cases="requests tokens overload lies deadlines http2"
for name in ${*:-$cases}; do
	echo "# $name"
	"case_$name"
done
is "no attempt stays open, no job held" "0 0" "select (select count(*) from attempts
	where state = 'open') || ' ' || (select count(*) from jobs where state = 'running')"
finish
