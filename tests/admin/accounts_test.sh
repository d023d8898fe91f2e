#!/bin/sh
# accounts_test.sh: the operator's tool on the file-based registry: import accounts, with nasty files,
# conflicts, ten thousand versions, and a kill in the middle.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../http/stack.sh"

stack_database
export DATABASE_URL=$TEST_DATABASE_URL PROMPTBUILDER_DATA_DIR=$top
set +e
cd "$work" || exit 1

# says CLAIM TEXT: what the last run of the tool said holds this text
says()
{
	if grep -qF -e "$2" said; then ok "$1"; else not_ok "$1" "no $2 in:" "$(cat said)"; fi
}

says_not()
{
	if grep -qF -e "$2" said; then not_ok "$1" "$2 in:" "$(cat said)"; else ok "$1"; fi
}

# import STATUS WORD...: imports the registry, keeps what it says, and checks the exit status
import()
{
	wanted=$1
	shift
	"$programs/promptbuilder" import accounts "$@" >said 2>&1
	status=$?
	[ "$status" = "$wanted" ] || not_ok "import accounts $* ends with $wanted" "$status: $(cat said)"
}

# put FILE TEXT: with the folders above it
put()
{
	mkdir -p "reg/$(dirname "$1")"
	printf '%s' "$2" >"reg/$1"
}

fresh()
{
	rm -rf reg
	mkdir reg
}

# All that an import could change, as one line.
state()
{
	sql -c "select md5(string_agg(t, '|' order by t)) from (
		select 'a' || a::text as t from accounts a
		union all select 's' || s::text from assistants s
		union all select 'v' || v::text from prompt_versions v
		union all select 'd' || d::text from deployments d
		union all select 'e' || e::text from deployment_events e
		union all select 'l' || l::text from audit_entries l
		union all select 'o' || o::text from outbox o
		union all select 'z' || z::text from reporting_zones z) as x"
}

# version SLUG ASSISTANT NUMBER COLUMNS
version()
{
	sql -c "select concat_ws('|', $4) from prompt_versions v
		join assistants s on s.id = v.assistant_id join accounts a on a.id = v.account_id
		where a.slug = '$1' and s.external_id = '$2' and v.version_number = $3"
}

count() { sql -c "select count(*) from prompt_versions v join accounts a on a.id = v.account_id where a.slug = '$1'"; }

# ---- Every layout. ----

fresh
put acme/account.json '{"name": "Acme Inc", "time_zone": "Europe/Berlin", "settings": {"a": [1]}}'
put acme/assistants/bot/assistant.json '{"name": "The bot", "current": "v3", "settings": {"b": 2}}'
put acme/assistants/bot/v1/prompt.md '# One'
put acme/assistants/bot/v1/metadata.json '{"createdAt": "2026-01-21T10:00:00Z", "score": 91.256,
	"total_iterations": 4, "status": "archived", "message": "the first"}'
put acme/assistants/bot/versions/v2/prompt.md '# Two'
put acme/assistants/bot/v3.md '# Three
'
put acme/assistants/bot/v3.injection.ts 'export const prompt = `# Three`;
'
put acme/assistants/bot/prompt-v4.md '# Four'
put acme/desk/prompt.md '# Desk'
put acme/desk/metadata.json '{"name": "Desk", "deployed": true, "created_at": "2026-02-03"}'
put acme/plain/injection.ts "export default { version: 1, prompt: 'a' + \"\\u00e9\" };"
put acme/notes/todo.txt 'nothing'
put _shared/prompt.md 'x'
put .git/config 'x'
mkdir reg/empty
before=$(state)
import 0 reg --dry-run
is "a dry run changes nothing" "$before" "$(state)"
says "it tells what it would make" 'would make   acme/assistants/bot/versions/v2/prompt.md: version 2, draft'
says "and deploy" 'would deploy acme/assistants/bot/v3.md: version 3 in production'
says "in sums, too" 'versions_to_make 6'
import 0 reg
says "the import does it" 'versions_made 6'
says "what nobody knows is told" 'left         acme/notes: Nothing in this folder is a prompt.'
says_not "hidden folders are not" '_shared'
is "the account has name, zone and settings of its file" 'Acme Inc|Europe/Berlin|{"a": [1]}' \
	"$(sql -c "select concat_ws('|', name, time_zone, settings) from accounts where slug = 'acme'")"
is "an account without files comes in" 'empty|0' \
	"$(sql -c "select name || '|' || (select count(*) from assistants s where s.account_id = a.id)
	from accounts a where slug = 'empty'")"
is "the assistant, too" 'The bot|{"b": 2}' \
	"$(sql -c "select concat_ws('|', name, settings) from assistants where external_id = 'bot'")"
is "a version has its time, score, status and text" \
	'v1|2026-01-21 10:00:00+00|91.25|4|archived|the first|import|# One' "$(version acme bot 1 \
	"version, v.created_at, final_score, total_iterations, v.status, message, origin, prompt_content")"
is "and who brought it" "$(id -un) at the command line" "$(version acme bot 1 created_by)"
is "its hash is that of the text" "$(printf '# One' | sha256sum | cut -d' ' -f1)" \
	"$(version acme bot 1 prompt_hash)"
is "an injection file is kept as it is, with the prompt that it exports" \
	'# Three|export const prompt = `# Three`;|deployed' \
	"$(version acme bot 3 "prompt_content, rtrim(injection_content, chr(10)), v.status")"
is "one that is missing is made" 1 "$(version acme bot 4 injection_content |
	grep -c 'export const prompt: string')"
is "a prompt is read out of a module" 'aé' "$(version acme plain 1 prompt_content)"
is "what is marked is deployed, by an event" "desk 1, bot 3: As the imported files say." \
	"$(sql -c "select string_agg(s.external_id || ' ' || v.version_number, ', ' order by s.external_id desc)
	|| ': ' || max(e.reason) from deployments d join assistants s on s.id = d.assistant_id
	join prompt_versions v on v.id = d.prompt_version_id
	join deployment_events e on e.id = d.event_id where d.environment = 'production'")"
is "the audit log has it all" '2 account.make, 3 assistant.make, 2 version.deploy, 6 version.make' \
	"$(sql -c "select string_agg(n || ' ' || action, ', ' order by action) from (select action,
	count(*) as n from audit_entries where action in ('account.make', 'assistant.make',
	'version.make', 'version.deploy') and role = 'cli' group by 1) as x")"
before=$(state)
import 0 reg
is "a second run changes nothing" "$before" "$(state)"
says "and says so" 'versions_same 6'

# ---- What is in stays. ----

put acme/account.json '{"name": "Another name", "time_zone": "UTC"}'
put acme/assistants/bot/assistant.json '{"name": "Another", "current": "v4"}'
put acme/assistants/bot/v5.md '# Five'
import 1 reg
is "names stay" 'Acme Inc|The bot' "$(sql -c "select a.name || '|' || s.name from accounts a
	join assistants s on s.account_id = a.id where s.external_id = 'bot'")"
says "what is deployed stays" 'Version 4 is said to be deployed, but production has had another one'
is "new versions come in" '# Five|draft' "$(version acme bot 5 "prompt_content, v.status")"

# ---- Conflicts. ----

put acme/assistants/bot/assistant.json '{"current": "v3"}'
put acme/assistants/bot/v1/prompt.md '# Not one'
put acme/assistants/bot/v6.md '# Six'
put beta/bot/v1.md '# Beta'
before=$(count acme)
import 1 reg --dry-run
says "a dry run sees a conflict" 'acme/assistants/bot/v1/prompt.md: Version 1 is in the database with another text'
import 1 reg
says "it is told with its path" 'refused      acme/assistants/bot/v1/prompt.md: Version 1 is in'
says "the account is undone" 'undone       acme: A version of it has another text in the database.'
says "and counted" 'accounts_undone 1'
says "with what to do" 'not all is in (accounts undone: 1, refused: 1): mend what the lines above say'
is "nothing of it is made" "$before" "$(count acme)"
is "the other accounts are in" 1 "$(count beta)"
put acme/assistants/bot/v1/prompt.md '# One'
import 0 reg
is "mended, it comes in" $((before + 1)) "$(count acme)"

# ---- Texts that cannot be taken. ----

fresh
put odd/bot/v1.md 'good'
head -c 1048577 /dev/zero | tr '\0' x >reg/odd/bot/v2.md
head -c 1048576 /dev/zero | tr '\0' x >reg/odd/bot/v3.md
printf 'a\0b' >reg/odd/bot/v4.md
printf 'a\377b' >reg/odd/bot/v5.md
put odd/bot/v6.md ' 
'
put odd/bot/v7/injection.ts 'export const prompt = `a ${name}`;'
put odd/bot/v8/prompt.md 'eight'
put odd/bot/v8/injection.ts 'export const prompt = "nine";'
put odd/bot/v9/prompt.md 'nine'
put odd/bot/v9/injection.ts 'export const prompt = build();'
put odd/bot/v10/readme.txt 'x'
put odd/bot/v11.md 'eleven'
put odd/bot/v11/prompt.md 'twice'
put odd/bot/v12.md 'twelve'
put odd/bot/v12.json '{"created_at": "yesterday", "score": "very", "status": "odd", "current": true,'
put odd/bot/prompt.md 'no number'
put odd/bot/v99999999999.md 'large'
put odd/bot/v0.md 'zero'
put odd/account.json '[1]'
import 1 reg
for claim in 'odd/bot/v2.md: It has more than 1048576 bytes.' \
	'odd/bot/v4.md: It is not valid UTF-8, or has a NUL byte, at byte 1.' \
	'odd/bot/v5.md: It is not valid UTF-8, or has a NUL byte, at byte 1.' \
	'odd/bot/v6.md: The prompt is empty.' \
	'odd/bot/v7/injection.ts: Its prompt cannot be read without running it: line 1: ' \
	'odd/bot/v8/injection.ts: It exports another prompt than odd/bot/v8/prompt.md has.' \
	'odd/bot/v9/injection.ts: Whether it exports the prompt cannot be told' \
	'odd/bot/v10: There is neither a prompt nor an injection file.' \
	'odd/bot/v11.md: Version 11 is told twice' \
	'odd/bot/v12.json: ' \
	'odd/bot/prompt.md: It has no number, and there is another version 1.' \
	'odd/account.json: It is no JSON object.'; do
	says "refused: $claim" "refused      $claim"
done
says "names that are no versions are left" 'left         odd/bot/v0.md: Nothing is known of such a file.'
is "the others are in" '1 3 9 12' "$(sql -c "select string_agg(version_number::text, ' ' order by 1)
	from (select version_number from prompt_versions v join accounts a on a.id = v.account_id
	where a.slug = 'odd' order by version_number) as x" | tr ' ' '\n' | sort -n | paste -sd' ')"
is "a module that cannot be compared is made anew" 0 "$(version odd bot 9 injection_content |
	grep -cF "build()")"

# ---- Names. ----

fresh
for name in 'Big Co' operator 01900000-0000-7000-8000-00000000000c '--help' 'é' "$(printf 'a\033[2Jb')" \
	"$(printf 'x\377')" '$(reboot)' "o'brien"; do
	mkdir -p "reg/$name/bot"
	printf x >"reg/$name/bot/v1.md"
done
mkdir -p reg/names
for name in 'ünï cødé 漢字' '$(reboot)' "o'; drop table accounts; --" '..x' '<script>' "$(printf 'a\nb')" \
	"$(printf 'bad\377')" '%2e%2e' '-v'; do
	mkdir -p "reg/names/assistants/$name"
	printf 'prompt of %s' x >"reg/names/assistants/$name/v1.md"
done
import 1 reg
says "a folder whose name is no slug is told what it might be called" 'Rename it to "big-co", for example.'
says "other names get none" 'undone       operator: '
says "control characters are shown as such" 'undone       a\x1b[2Jb: '
is "nothing reaches the terminal as it is" 0 "$(grep -c "$(printf '\033')" said)"
is "only names of text become assistants" \
	"\$(reboot)|%2e%2e|-v|<script>|o'; drop table accounts; --|ünï cødé 漢字" \
	"$(sql -c "select string_agg(s.external_id, '|' order by s.external_id collate \"C\") from assistants s
	join accounts a on a.id = s.account_id where a.slug = 'names'")"
says "a line feed is told" 'refused      names/assistants/a\x0ab: The folder'"'"'s name is no external id'

# ---- Links and special files. ----

fresh
mkdir outside
printf 'secret' >outside/v1.md
printf '{"name": "secret"}' >outside/account.json
put links/bot/v1.md 'in'
ln -s "$work/outside/v1.md" reg/links/bot/v2.md
ln -s "$work/outside" reg/links/bot/v3
ln -s "$work/outside" reg/links/other
ln -s "$work/outside" reg/linked
ln -s v1.md reg/links/bot/v4.md
ln -s "$work/outside/account.json" reg/links/account.json
mkfifo reg/links/bot/v5.md
import 1 reg
is "no link is followed, whoever made it" '1 links' "$(count links) $(sql -c \
	"select name from accounts where slug = 'links'")"
is "nothing from outside is in" 0 "$(sql -c "select count(*) from prompt_versions where prompt_content = 'secret'")"
for path in links/bot/v2.md links/bot/v3 links/other linked links/bot/v4.md links/account.json; do
	says "told: $path" "refused      $path: It is a symbolic link; links are not followed."
done
says "a pipe is not opened" 'refused      links/bot/v5.md: It is neither a file nor a folder.'
ln -s reg link
import 1 link
says "the registry itself may be a link" 'versions_same 1'
import 66 nowhere
says "one that is not there is named" 'nowhere: No such file or directory'
unset PROMPTBUILDER_ACCOUNTS_DIR
import 64
says "without a folder it asks for one" 'PROMPTBUILDER_ACCOUNTS_DIR'
PROMPTBUILDER_ACCOUNTS_DIR=$work/reg "$programs/promptbuilder" import accounts >said 2>&1
says "the setting names it" 'versions_same 1'

# ---- What an account's state forbids. ----

fresh
put strict/bot/v1.md 'one'
put strict/bot/v1.json '{"current": true}'
put gone/bot/v1.md 'one'
put made/bot/v1.md 'one'
put made/bot/assistant.json '{"current": 1}'
sql -c "insert into accounts (slug, name, needs_approval) values ('strict', 'Strict', true);
	insert into accounts (slug, name, deleted_at) values ('gone', 'Gone', now());
	insert into accounts (slug, name) values ('made', 'Made');
	insert into assistants (account_id, external_id, name) select id, 'bot', 'Bot' from accounts
	where slug = 'made';
	insert into prompt_versions (account_id, assistant_id, version, version_number, prompt_content,
	prompt_hash, injection_content, origin) select a.id, s.id, 'v1', 1, 'one',
	encode(sha256('one'), 'hex'), 'x', 'edit' from accounts a join assistants s on s.account_id = a.id
	where a.slug = 'made'"
import 1 reg
says "a second person's approval is not gone around" 'approve and deploy it there'
is "the version is in, and not deployed" final "$(version strict bot 1 v.status)"
says "a deleted account does not come back" 'undone       gone: The account was deleted.'
is "nothing of it does" 0 "$(count gone)"
put former/bot/v1.md 'one'
import 1 reg
"$programs/promptbuilder" account delete former --yes --pseudonymise >said 2>&1
import 1 reg --dry-run
says "nor does one whose slug is gone, too" 'undone       former: The account was deleted.'
import 1 reg
is "with nothing of it" 0 "$(sql -c "select count(*) from accounts where slug = 'former'")"
says "a draft of the program stays one" 'is not final in the database'
is "and is not deployed" draft "$(version made bot 1 v.status)"

# ---- Prompts out of modules are what JavaScript makes of these. ----

if command -v node >/dev/null; then
	fresh
	node "$here/modules.mjs" make "$work/reg/modules/bot" 300
	import 1 reg
	found=$(sql -c "select version_number || ' ' || encode(convert_to(prompt_content, 'UTF8'), 'hex')
		from prompt_versions v join accounts a on a.id = v.account_id where a.slug = 'modules'" |
		node "$here/modules.mjs" check "$work/reg/modules/bot" 300)
	has "none is wrong: $found" "$found" '^same 1[0-9][0-9], unread 0, wrong 0$'
else
	echo "# no node: modules are not run"
fi

# ---- Two at the same time. ----

fresh
for nth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	put "both/bot/v$nth.md" "text $nth"
done
"$programs/promptbuilder" import accounts reg >said.1 2>&1 &
pid=$!
import 0 reg
wait $pid
is "both end well" 0 $?
is "and each version is made once" "20 20" "$(count both) $(cat said said.1 | grep -c '^made .*version')"

# ---- Ten thousand versions, and a kill in the middle. ----

# many SLUG COUNT: versions in folders of their own, the last one current
many()
{
	python3 - "reg/$1/assistants/bot" "$2" <<-'END'
		import os, sys
		text = 'lorem ipsum dolor sit amet\n' * 150
		for number in range(1, int(sys.argv[2]) + 1):
		    folder = f'{sys.argv[1]}/v{number}'
		    os.makedirs(folder)
		    with open(f'{folder}/prompt.md', 'w') as file:
		        file.write(f'# {number}\n{text}')
		    with open(f'{folder}/metadata.json', 'w') as file:
		        file.write('{"current": %s}' % str(number == int(sys.argv[2])).lower())
	END
}

# peak: imports and prints the largest resident size in KB
peak()
{
	python3 - "$programs/promptbuilder" <<-'END'
		import os, resource, subprocess, sys
		with open('said', 'w') as said:
		    status = subprocess.call([sys.argv[1], 'import', 'accounts', 'reg'], stdout=said, stderr=said)
		print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if status == 0 else f'status {status}')
	END
}

fresh
many thousand 1000
small=$(peak)
many a-first 20
many big 10000
"$programs/promptbuilder" import accounts reg >said 2>progress &
pid=$!
if wait_for 60 grep -q 'big/assistants/bot/v3[0-9][0-9][0-9]/' said; then
	kill -9 $pid
	wait $pid 2>/dev/null
	ok "killed in the middle of an account"
else
	not_ok "killed in the middle of an account" "$(tail -n 3 said)"
fi
is "what was done before stays" 20 "$(count a-first)"
is "nothing of the account at hand is made" "0 0" "$(count big) $(sql -c \
	"select count(*) from accounts where slug = 'big'")"
large=$(peak)
is "run again, it goes on" "10000 deployed" "$(count big) $(version big bot 10000 v.status)"
says "and repeats nothing" 'versions_same 1020'
# Ten times as many versions: their names are held, their texts are not.
if [ "$large" -lt $((small + 4096)) ]; then ok "memory does not grow with the versions: $small KB, $large KB"
else not_ok "memory does not grow with the versions" "$small KB, $large KB"; fi
says "progress is told" 'versions read, '
before=$(state)
import 0 reg
is "ten thousand are the same" "$before" "$(state)"

finish
