#!/bin/sh
# http_test.sh: the frame through nginx: sign-in, cookies, forms' tokens, headers, errors, and what
# happens when the database or a worker goes away.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/stack.sh"

acme_token=tok_acme_0123456789abcdef
zeta_token=tok_zeta_0123456789abcdef
operator_token=op_0123456789abcdef0123
stack_start
account acme $acme_token
account zeta $zeta_token
operator $operator_token
jar=$work/jar

# every_header NAME ANSWER
every_header()
{
	missing=
	for pattern in \
		"^content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$" \
		'^x-content-type-options: nosniff$' '^x-frame-options: DENY$' \
		'^referrer-policy: same-origin$' '^cross-origin-opener-policy: same-origin$' \
		'^cross-origin-resource-policy: same-origin$' '^cache-control: no-(store|cache)$' \
		'^x-request-id: [0-9a-f]{32}$'; do
		count=$(printf '%s\n' "$2" | sed '/^$/q' | grep -ciE -e "$pattern" || true)
		[ "$count" = 1 ] || missing="$missing
$count of $pattern"
	done
	if [ -z "$missing" ]; then ok "$1"; else not_ok "$1" "$missing" "$2"; fi
}

# Headers on answers of all kinds, from us and from nginx.
every_header "headers of a page" "$(get "$url/session")"
every_header "headers of JSON" "$(get "$url/healthz")"
every_header "headers of a redirection" "$(get "$url/")"
every_header "headers of a missing page" "$(get "$url/nothing")"
every_header "headers of a problem document" "$(get "$url/api/nothing")"
every_header "headers of a file" "$(get "$url/static/style.css")"
every_header "headers of a missing file" "$(get "$url/static/nothing.css")"
head -c 4400000 /dev/zero >"$work/big"
every_header "headers of nginx's own 413" "$(get -H 'Expect:' --data-binary "@$work/big" "$url/session")"
every_header "headers of nginx's own 400" "$(get -H "X-Long: $(head -c 9000 "$work/big" | tr '\0' x)" "$url/session")"
every_header "headers of nginx's own 400 for the API" "$(get -H "X-Long: $(head -c 9000 "$work/big" | tr '\0' x)" "$url/api/costs")"

# Signing in.
is "a page without a session goes to the form" "303" "$(code "$url/costs")"
has "and comes back later" "$(get "$url/costs?days=7")" '^location: /session\?next=%2Fcosts%3Fdays%3D7$'
is "a wrong token is refused" 401 "$(sign_in "$jar" acme wrong_token_0123456789)"
is "an unknown account is refused in the same way" 401 "$(sign_in "$jar" nobody $acme_token)"
form=$(csrf "$jar" "$url/session")
wrong=$(curl -s -b "$jar" -d "csrf=$form&slug=acme&token=secret_wrong_0123456789" "$url/session")
unknown=$(curl -s -b "$jar" -d "csrf=$form&slug=acmf&token=secret_wrong_0123456789" "$url/session")
same() { printf '%s' "$1" | sed -E 's/acm[ef]/X/; s/[0-9a-f]{32}/ID/'; }
is "both get the same page, but for the request's id" "$(same "$wrong")" "$(same "$unknown")"
has "the form keeps the account" "$wrong" 'name="slug" value="acme"'
has "and says what is wrong" "$wrong" 'Account and token do not match'
has_not "and never the token" "$wrong" 'secret_wrong'
is "an empty form is shown again" 422 "$(code -b "$jar" -d "csrf=$form" "$url/session")"
has "with every message" "$(curl -s -b "$jar" -d "csrf=$form" "$url/session" | tr '\n' ' ')" 'Account is missing.*Token is missing'
answer=$(get -b "$jar" -c "$jar" --data-urlencode "csrf=$form" -d "slug=acme&token=$acme_token&next=%2Fprices" "$url/session")
has "the right token signs in" "$answer" '^HTTP/1.1 303 See Other'
has "and goes where it was meant to" "$answer" '^location: /prices$'
has "with a guarded cookie" "$answer" '^set-cookie: promptbuilder_session=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax'
session=$(printf '%s\n' "$answer" | sed -n 's/^Set-Cookie: promptbuilder_session=\([^;]*\);.*/\1/p')
is "only its hash is stored" "0|1" "$(sql -c "SELECT count(*) FILTER (WHERE id_hash = '$session'),
	count(*) FILTER (WHERE id_hash = encode(sha256('$session'), 'hex')) FROM sessions")"
is "a page opens" 200 "$(code -b "$jar" "$url/prices")"
has "a missing page knows who is signed in" "$(curl -s -b "$jar" "$url/nothing")" 'The acme company'
for next in //evil.example https://evil.example '/\evil.example' 'javascript:alert(1)' "/%0d%0aX: y"; do
	rm -f "$work/next"
	form=$(csrf "$work/next" "$url/session")
	has "next=$next is not followed" "$(get -b "$work/next" --data-urlencode "csrf=$form" \
		-d "slug=operator&token=$operator_token" --data-urlencode "next=$next" "$url/session" |
		grep -i '^location:\|^x:\|422')" '^location: /$|422'
done

# Cookies.
is "a session cookie sent twice counts as none" 303 \
	"$(code -H "Cookie: promptbuilder_session=$session; promptbuilder_session=x" "$url/prices")"
is "also in two headers" 303 "$(code -H "Cookie: promptbuilder_session=$session" \
	-H "Cookie: promptbuilder_session=$session" "$url/prices")"
is "the API does not take the cookie" 401 "$(code -b "$jar" "$url/api/prices")"
is "pages do not take a bearer" 303 "$(code -H "Authorization: Bearer $acme_token" "$url/prices")"
is "the API takes a bearer" 200 "$(code -H "Authorization: Bearer $acme_token" "$url/api/prices")"
has "a wrong bearer is told how" "$(get -H 'Authorization: Bearer nonsense_0123456789' "$url/api/prices")" \
	'^www-authenticate: Bearer realm="promptbuilder"'

# A question whose answer is arithmetic, and a line of the ledger.
question="model=claude-sonnet-5&input_tokens=1000&output_tokens=1&service_tier=batch&inference_geo=us"
has "the API computes a cost" \
	"$(curl -s -H "Authorization: Bearer $acme_token" "$url/api/prices?$question")" \
	'"sum_usd":"0.003015","multiplier":"0.55","exact_usd":"0.00165825","cost_usd":"0.001658250"'
has "the page, too" "$(curl -s -b "$jar" "$url/prices?$question")" '<td class="num" colspan="3">0.001658250</td>'
has "a question without a model is refused by name" \
	"$(curl -s -H "Authorization: Bearer $acme_token" "$url/api/prices?input_tokens=x")" \
	'Model is missing.*Input tokens must be a whole number'
for wrong in "model=m&input_tokens=-1" "model=m&cache_write_tokens=1&cache_write_1h_tokens=2" \
	"model=m&service_tier=fast" "model=m&accountId=zeta"; do
	is "$wrong is refused" 400 "$(code -H "Authorization: Bearer $acme_token" "$url/api/prices?$wrong")"
done
is "an operator asks for an account" 200 \
	"$(code -H "Authorization: Bearer $operator_token" "$url/api/prices?model=m&accountId=zeta")"
is "an unknown line" 404 \
	"$(code -H "Authorization: Bearer $acme_token" "$url/api/cost-entries/00000000-0000-7000-8000-000000000000")"

# Forms carry a token, and come from our own pages.
token=$(csrf "$jar" "$url/prices")
before=$(sql -c "SELECT count(*) FROM sessions")
is "a POST without its token" 403 "$(code -b "$jar" -d x=y "$url/session/end")"
is "a POST with a wrong token" 403 "$(code -b "$jar" -d "csrf=$session" "$url/session/end")"
is "a POST without a body" 403 "$(code -b "$jar" -X POST "$url/session/end")"
is "a POST from another origin" 403 "$(code -b "$jar" -H 'Origin: http://evil.example' -d "csrf=$token" "$url/session/end")"
is "a POST from nowhere" 403 "$(code -b "$jar" -H 'Origin: null' -d "csrf=$token" "$url/session/end")"
is "a POST that the browser calls cross-site" 403 "$(code -b "$jar" -H 'Sec-Fetch-Site: cross-site' -d "csrf=$token" "$url/session/end")"
is "a sign-in without its token" 403 "$(code -d "slug=acme&token=$acme_token" "$url/session")"
is "changed nothing" "$before" "$(sql -c "SELECT count(*) FROM sessions")"
is "a POST of ours" 303 "$(code -b "$jar" -c "$jar" -H "Origin: $url" -H 'Sec-Fetch-Site: same-origin' -d "csrf=$token" "$url/session/end")"
is "ends the session" 303 "$(code -H "Cookie: promptbuilder_session=$session" "$url/prices")"
has "and says so, once" "$(curl -s -b "$jar" -c "$jar" "$url/session")" 'role="status">You are signed out'
has_not "not twice" "$(curl -s -b "$jar" -c "$jar" "$url/session")" 'signed out'

# Every address asks who is there, and every form for its token.
sign_in "$work/walk" acme $acme_token >/dev/null
"$programs/promptbuilder-web" --routes >"$work/routes"
# All rows but those of sessions; newer versions of pg_dump put a random word around them.
rows() { pg_dump --data-only --exclude-table=sessions "$TEST_DATABASE_URL" | grep -v restrict | cksum; }
before=$(rows)
while IFS='	' read -r method pattern sides who sentence; do
	path=$(printf %s "$pattern" | sed 's/{[a-z]*}/nothing/g')
	name="$method $path"
	[ -n "$sentence" ] || not_ok "$name has a sentence"
	case $method$sides in
	POST*page*)
		is "$name without its token" 403 \
			"$(code -b "$work/walk" -X POST -d csrf=wrong "$url$path")" ;;
	esac
	[ "$who" != anybody ] || continue
	case $method$sides in
	GETpage*) is "$name by a stranger" 303 "$(code "$url$path")" ;;
	POSTpage*) has "$name by a stranger" "$(code -X POST -d csrf=x "$url$path")" '^(303|401)$' ;;
	esac
	case $sides in
	*api*)
		is "$name of the API by a stranger" 401 "$(code -X "$method" "$url/api$path")"
		is "$name of the API with a cookie" 401 \
			"$(code -b "$work/walk" -X "$method" "$url/api$path")" ;;
	esac
done <"$work/routes"
is "all that changed nothing" "$before" "$(rows)"

# Methods, kinds, sizes.
has "an unknown method is told the known ones" "$(get -X DELETE "$url/session")" '^allow: GET, HEAD, POST$'
is "an unknown method" 405 "$(code -X DELETE "$url/session")"
has "POST where there is only GET" "$(get -d x=y "$url/healthz")" '^allow: GET, HEAD$'
has "GET where there is only POST" "$(get "$url/session/end")" '^allow: POST$'
is "GET where there is only POST" 405 "$(code "$url/session/end")"
is "a form as JSON" 415 "$(code -H 'Content-Type: application/json' -d '{}' "$url/session")"
is "a form as plain text" 415 "$(code -H 'Content-Type: text/plain' -d 'x' "$url/session")"
is "too long a form" 413 "$(code -H 'Content-Type: application/x-www-form-urlencoded' --data-binary "@$top/static/style.css" "$url/session")"
is "a body where none is expected" 413 "$(code -X GET -d x=y "$url/session")"
is "an answer nobody makes" 406 "$(code -H 'Accept: image/png' "$url/session")"
is "JSON on demand" 200 "$(code -H 'Accept: application/json' "$url/session")"
is "broken UTF-8 in a form" 400 "$(code -d 'slug=%ff' "$url/session")"
has "is named" "$(curl -s -d 'slug=%ff' "$url/session")" 'slug'
is "broken escapes in a query" 400 "$(code "$url/session?next=%zz")"
is "a NUL in a form" 400 "$(code -d 'slug=a%00b' "$url/session")"
is "broken UTF-8 in the path" 400 "$(code "$url/%ff")"

# HEAD, validators, request ids.
is "HEAD is GET without its body" \
	"$(get "$url/healthz" | sed '/^$/q' | grep -iE '^(content-|etag|vary)')" \
	"$(curl -s -I "$url/healthz" | tr -d '\r' | grep -iE '^(content-|etag|vary)')"
etag=$(get "$url/healthz" | sed -n 's/^ETag: //p')
again=$(get -H "If-None-Match: $etag" "$url/healthz")
has "the same bytes are not sent again" "$again" '^HTTP/1.1 304'
has "with the same validator" "$again" "^etag: $etag\$"
id=$(get "$url/api/nothing" | sed -n 's/^X-Request-Id: //p')
has "a request id is found in the log" "$(cat "$work/web.log")" "req_id=$id"
has "a problem document names everything" "$(curl -s "$url/api/nothing")" \
	'"type":.*"title":.*"status":404,"detail":.*"instance":"/api/nothing","request_id":"[0-9a-f]{32}"'
has "of the right type" "$(get "$url/api/nothing")" '^content-type: application/problem\+json$'

# A worker dies; others go on and it comes back.
victim=$(pgrep -P "$web_pid" | head -n 1)
kill -9 "$victim"
is "a page right after a worker died" 200 "$(code "$url/session")"
has_two() { [ "$(pgrep -P "$web_pid" | wc -l)" = 2 ]; }
if wait_for 2 has_two; then ok "the worker is back"; else not_ok "the worker is back"; fi

# All workers are replaced while requests go on.
old=$(pgrep -P "$web_pid" | sort | tr '\n' ' ')
kill -HUP "$web_pid"
statuses=
for i in 1 2 3 4 5 6 7 8 9 10; do statuses="$statuses$(code "$url/healthz") "; done
is "no request is lost by a rolling restart" "200 200 200 200 200 200 200 200 200 200 " "$statuses"
all_new() { for pid in $old; do ! kill -0 "$pid" 2>/dev/null || return 1; done; has_two; }
if wait_for 5 all_new; then ok "all workers are new"; else not_ok "all workers are new"; fi

# The database goes away and comes back.
sign_in "$jar" acme $acme_token >/dev/null
token=$(csrf "$jar" "$url/prices")
database_away
down=$(get -b "$jar" "$url/prices")
has "without the database a page says so" "$down" '^HTTP/1.1 503 Service Unavailable'
has "and when to come back" "$down" '^retry-after: [0-9]+$'
is "the API, too" 503 "$(code -H "Authorization: Bearer $acme_token" "$url/api/prices")"
is "readiness" 503 "$(code "$url/readyz")"
is "liveness" 200 "$(code "$url/healthz")"
is "the sign-in form" 200 "$(code -b "$jar" "$url/session")"
typed=$(curl -s -w '%{http_code}' -b "$jar" -d "csrf=$token&company=Long+text+of+mine" "$url/pipeline-runs")
has "what was typed is given back" "$typed" 'readonly.*Long text of mine'
is "with 503" 503 "$(printf %s "$typed" | tail -c 3)"
form=$(csrf "$work/down" "$url/session")
again=$(curl -s -w '%{http_code}' -b "$work/down" -d "csrf=$form&slug=acme&token=$acme_token" "$url/session")
has "a sign-in shows its form again" "$again" 'name="slug" value="acme"'
is "with 503, too" 503 "$(printf %s "$again" | tail -c 3)"
database_back
if wait_for 15 curl -fs -b "$jar" "$url/prices"; then ok "it recovers by itself"; else not_ok "it recovers by itself"; fi
is "and the session is still good" 200 "$(code -b "$jar" "$url/prices")"

# Too many sign-ins from one address.
site 30r/m
kill -HUP "$nginx_pid"
is_limiting() { [ "$(code -d x=y "$url/session")" = 429 ]; }
if wait_for 10 is_limiting; then ok "sign-ins are limited"; else not_ok "sign-ins are limited"; fi
limited=0
for i in $(seq 1 40); do
	[ "$(code -d x=y "$url/session")" != 429 ] || limited=$((limited + 1))
done
if [ "$limited" -ge 35 ]; then ok "a burst of sign-ins is limited"; else not_ok "a burst of sign-ins is limited" "$limited of 40"; fi
is "the form itself is not" 200 "$(code "$url/session")"

# A second server on the same socket, then the end.
DATABASE_URL=$database_url "$programs/promptbuilder-web" --socket "$work/web.sock" 2>"$work/second.log" && second=0 || second=$?
is "a living socket is not taken over" 73 "$second"
is "mode of the socket" 660 "$(stat -c %a "$work/web.sock")"
kill "$web_pid"
wait "$web_pid" && ended=0 || ended=$?
web_pid=
is "SIGTERM ends it cleanly" 0 "$ended"
gone=$(get "$url/")
has "without it nginx has a page" "$gone" '^HTTP/1.1 502'
has "that helps" "$gone" 'Try again in a few seconds'
has "and a problem document" "$(get "$url/api/costs")" '^content-type: application/problem\+json$'
every_header "headers of nginx's own 502" "$gone"

# Secrets are nowhere in the log.
has_not "no secrets in the log" "$(cat "$work/web.log")" "$session|$acme_token|$operator_token|$token"
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
