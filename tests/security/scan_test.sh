#!/bin/sh
# scan_test.sh: sqlmap and wapiti find nothing in ours, and find every hole of a planted page behind
# the same nginx.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

acme_token=tok_acme_0123456789abcdef
attack_seconds=3 links=3 # for each module of wapiti
[ -z "${CHECK_LONG:-}" ] || attack_seconds=300 links=50
holes_port=$((port + 1))
holes=http://127.0.0.1:$holes_port

site()
{
	sed "s|@PORT@|127.0.0.1:$port|g; s|@SOCKET@|$work/web.sock|g; s|@STATIC@|$top/static|g
		s|rate=30r/m|rate=$1|" "$top/nginx/promptbuilder.conf" >"$work/site.conf"
	printf 'server {\n\tlisten 127.0.0.1:%s;\n\tlocation / {\n\t\tproxy_pass http://unix:%s;\n\t}\n}\n' \
		"$holes_port" "$work/holes.sock" >>"$work/site.conf"
}

for tool in sqlmap wapiti; do
	command -v $tool >/dev/null || { not_ok "$tool is here" "install it: apt-get install $tool"; finish; }
done
SIGN_INS=10000r/s
WORKERS=8
stack_start
account acme $acme_token
account zeta tok_zeta_0123456789abcdef
sql -f "$here/../http/two_accounts.sql" >/dev/null
python3 "$here/holes.py" "$work/holes.sock" 2>"$work/holes.log" &
holes_pid=$!
trap 'kill $holes_pid 2>/dev/null || true; stack_end' EXIT
wait_for 10 curl -fs "$holes/"
sign_in "$work/jar" acme $acme_token >/dev/null
cookie=$(awk '/promptbuilder_session/ { print $6 "=" $7 }' "$work/jar")
form=$(csrf "$work/jar" "$url/sessions")

# ---- sqlmap ----

# map NAME SQLMAP-OPTION...: what it says about injections, a line for each place
map()
{
	name=$1
	shift
	sqlmap --batch --disable-coloring --flush-session --output-dir="$work/sqlmap-$name" --level=1 \
		--risk=1 --technique=BEU --threads=2 --timeout=20 --ignore-code=401 "$@" \
		>"$work/sqlmap-$name.log" 2>&1 </dev/null || true
	grep -E '^(Parameter: |    Type: )' "$work/sqlmap-$name.log" || true
}

# tested NAME: how many parameters it has tried
tested() { grep -cE "does not (seem|appear) to be injectable|is not injectable" "$work/sqlmap-$1.log" || true; }

has "sqlmap finds the planted injection" "$(map holes -u "$holes/item?id=1")" '^Parameter: id'

bearer="Authorization: Bearer $acme_token"
# clean NAME PARAMETERS SQLMAP-OPTION...: nothing is found in that many parameters
clean()
{
	label=$1
	wanted=$2
	shift 2
	found=$(map "$label" "$@")
	count=$(tested "$label")
	if [ -z "$found" ] && [ "$count" -ge "$wanted" ]; then
		ok "sqlmap finds nothing in $label, in $count parameters"
	else
		not_ok "sqlmap finds nothing in $label, in $count parameters" "$found" \
			"$(tail -n 8 "$work/sqlmap-$label.log")"
	fi
}
# one TABLE [CONDITION]: the id of a row of ours
one()
{
	sql -c "SELECT min(id::text) FROM $1 WHERE ${2:-true}
		AND account_id = (SELECT id FROM accounts WHERE slug = 'acme')"
}
run=$(one pipeline_runs)
version=$(one prompt_versions 'parent_id IS NOT NULL')
assistant=$(one assistants)
clean runs 4 -u "$url/api/pipeline-runs?accountId=acme&assistantId=desk&status=failed&limit=5" --headers="$bearer"
clean entries 3 -u "$url/api/cost-entries?accountId=acme&assistantId=desk&days=7" --headers="$bearer"
clean costs 3 -u "$url/api/costs?days=7&group=model&tz=UTC" --headers="$bearer"
clean run 1 -u "$url/api/pipeline-runs/$run*" --headers="$bearer"
clean assistants 2 -u "$url/api/assistants" --headers="$bearer
Content-Type: application/json" --data='{"assistantId":"new","name":"New"}'
clean prompt 2 -u "$url/api/assistants/desk/prompt?environment=production&format=json" \
	--headers="$bearer"
clean difference 3 -u "$url/api/prompt-versions/$version/diff?against=v2&view=unified&context=3" \
	--headers="$bearer"
clean deployment 2 -u "$url/api/prompt-versions/$version/deploy" --headers="$bearer
Content-Type: application/json" --data='{"environment":"production","reason":"New"}'
clean sign-in 2 -u "$url/session" --cookie="promptbuilder_form=$form" \
	--data="slug=acme&token=tok_wrong_0123456789abcdef&csrf=$form" -p slug,token
faults=$(grep -E 'sqlstate=(42601|42703|42P01|22P02)' "$work/web.log" || true)
is "no statement was broken by it" "" "$faults"

# ---- wapiti ----

# crawl NAME WAPITI-OPTION...: the kinds of faults found, a line each
crawl()
{
	name=$1
	shift
	wapiti --flush-session --store-session "$work/wapiti-$name" --store-config "$work/wapiti-$name" \
		--no-bugreport -f json -o "$work/wapiti-$name.json" -v 1 --scope folder "$@" \
		>"$work/wapiti-$name.log" 2>&1 </dev/null || true
	python3 - "$work/wapiti-$name.json" <<-'END' || echo "no report"
		import json, sys
		report = json.load(open(sys.argv[1], encoding="utf-8"))
		for kind, faults in report["vulnerabilities"].items():
		    for fault in faults:
		        print(kind, fault["method"], fault["path"], fault["parameter"])
	END
}

found=$(crawl holes -u "$holes/" -m xss,sql,redirect,file,crlf --max-scan-time 40)
has "wapiti finds the planted script" "$found" 'Cross Site Scripting GET /find q'
has "and that of the form" "$found" 'Cross Site Scripting POST /note text'
has "and the injection" "$found" 'SQL Injection GET /item id'
has "and the redirection" "$found" 'Open Redirect GET /go next'
has "and the file" "$found" '(Path Traversal|File Inclusion).* GET /file name'

# It presses every button; its own session must outlive that.
sql >/dev/null <<'END'
CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER stay BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION stay();
CREATE TRIGGER stay BEFORE UPDATE ON access_tokens FOR EACH ROW
	WHEN (NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION stay();
END
# The links of the charts alone are hundreds: it starts at each page and goes one step further, for
# forms are a step.
starts=$("$programs/promptbuilder" routes | awk -F '\t' '$1 == "GET" && $2 !~ /{/ && $3 ~ /^page/ && $4 != "operator" { print $2 }')
set -- "/prompt-versions/$version" "/prompt-versions/$version/diff" "/assistants/$assistant" \
	"/pipeline-runs/$run" "/costs/acme" "/accounts/acme" "/pipeline-runs?status=failed&limit=5" \
	"/cost-entries?from=2026-10-30&to=2026-11-30&operation=other" "/costs?days=7&group=model" \
	"/session?next=%2Fcosts"
for path in $starts; do
	set -- "$@" "$path"
done
for path in "$@"; do
	shift
	set -- "$@" -s "$url$path"
done
found=$(crawl ours -u "$url/" "$@" -H "Cookie: $cookie" -m xss,permanentxss,sql,redirect,file,crlf \
	-d 1 -S insane --max-links-per-page "$links" --max-scan-time 30 --max-attack-time "$attack_seconds")
is "wapiti finds nothing in ours" "" "$found"
pages=$(grep -oE 'msg=request method=[A-Z]+ path=[^ ]* status=200' "$work/web.log" |
	sed 's/.*path=//; s/ .*//' | sort -u | wc -l)
if [ "$pages" -gt 20 ]; then ok "it has seen $pages of our pages"; else
	not_ok "it has seen only $pages of our pages" "$(tail -n 5 "$work/wapiti-ours.log")"; fi
is "nobody got a 500" "" "$(grep 'status=500' "$work/web.log" | head -n 5)"
has_not "no sanitizer reports" "$(cat "$work/web.log")" 'Sanitizer|runtime error'
finish
