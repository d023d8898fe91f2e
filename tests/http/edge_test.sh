#!/bin/sh
# edge_test.sh: what comes before any page: broken HTTP at nginx, broken FastCGI at the workers, and
# the headers of all errors that nginx makes itself.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

SIGN_INS=10000r/s
stack_start
account acme tok_acme_0123456789abcdef

edge() { tap_sum "$1" python3 "$here/edge.py" "$@"; }
edge http "$url"
has_not "no broken request stopped a worker" "$(cat "$work/web.log")" 'worker died'
edge slow "$url"
edge fcgi "$url" "$work/web.sock"
two() { [ "$(pgrep -P "$web_pid" | wc -l)" = 2 ]; }
if wait_for 5 two; then ok "all workers are back"; else not_ok "all workers are back"; fi
has_not "no forged line in the log" "$(grep -v "^promptbuilder-web: fcgiapp.c:" "$work/web.log" | cut -c1-3 | sort -u)" '^([^t]|t[^s]|ts[^=])'
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'

# Errors of nginx's own have all the headers, and its problem document for the API.
code_is() { is "headers of nginx's own $1" good "$(python3 "$here/edge.py" codes "$url" "$1")"; }
for kind in "404 file" "403 file" "405 file" "405 page" "414 page" "413 page" "413 api" "400 page" \
	"501 page"; do
	code_is "$kind"
done
sed -i 's/fastcgi_read_timeout 30s/fastcgi_read_timeout 1s/' "$work/site.conf"
old=$(pgrep -P "$nginx_pid")
kill -HUP "$nginx_pid"
is_new() { ! kill -0 "$old"; }
wait_for 10 is_new || not_ok "nginx reads its site again"
pkill -STOP -P "$web_pid"
kill -STOP "$web_pid"
has_504() { [ "$(code "$url/costs")" = 504 ]; }
if wait_for 10 has_504; then ok "a silent worker is not waited for"; else not_ok "a silent worker"; fi
code_is "504 page"
code_is "504 api"
pkill -CONT -P "$web_pid"
kill -CONT "$web_pid"
sed -i 's/limit_conn promptbuilder_clients 256/limit_conn promptbuilder_clients 1/' "$work/site.conf"
site_reloads() { kill -HUP "$nginx_pid"; wait_for 10 "$@"; }
# One connection waits in the middle of its body, so the next one is too many.
python3 -c "import socket, time
s = socket.create_connection(('127.0.0.1', $port))
s.sendall(b'POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx')
time.sleep(60)" &
slow=$!
has_503() { [ "$(code "$url/costs")" = 503 ]; }
if site_reloads has_503; then code_is "503 page"; else not_ok "too many connections of one address"; fi
kill "$slow" 2>/dev/null || true
site 2r/m
has_429() { [ "$(code -d x=y "$url/session")" = 429 ]; }
if site_reloads has_429; then code_is "429 page"; else not_ok "too many sign-ins"; fi
kill "$web_pid"
wait "$web_pid" || true
web_pid=
code_is "502 page"
code_is "502 api"
sed -i '/add_header X-Frame-Options/d' "$work/site.conf"
has_no_frame() { python3 "$here/edge.py" codes "$url" "404 file" | grep x-frame-options; }
if site_reloads has_no_frame; then ok "a planted missing header is seen"; else not_ok "a planted missing header"; fi
finish
