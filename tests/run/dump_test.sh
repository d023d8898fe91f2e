#!/usr/bin/env bash
# dump_test.sh: an installation at work is dumped, restored into another cluster by an owner of
# another name that is no superuser, and works on there; what cannot be is refused whole.
#
# The programs are taken from BUILD (default: the current directory).
. "$(dirname "${BASH_SOURCE[0]}")/kit.sh"

# Rows and their hash, table by table.
fingerprint()
{
	sql "select string_agg(format('select %L, count(*), md5(string_agg(t::text, chr(10)
			order by t::text collate \"C\")) from %I t', c.relname, c.relname), ' union all '
			order by c.relname)
		from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace" |
		psql -qtAX -v ON_ERROR_STOP=1 "$DATABASE_URL" -f -
}

# Who may do what: functions, tables, policies but for the owner's name.
rights()
{
	sql "select string_agg(x, chr(10) order by x collate \"C\") from (
		select format('%s %s %s', c.relname, c.relforcerowsecurity, (select string_agg(a::text, ' '
				order by a::text) from unnest(c.relacl) a where a::text ~ '^promptbuilder_(web|runner)'))
			from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
		union all select format('%s %s %s', f.oid::regprocedure, f.prosecdef,
				(select string_agg(a::text, ' ' order by a::text) from unnest(f.proacl) a
					where a::text ~ '^(promptbuilder_(web|runner))?='))
			from pg_proc f where f.pronamespace = 'public'::regnamespace
		union all select format('%s %s %s %s', p.polrelid::regclass, p.polname,
				pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
			from pg_policy p
		union all select pg_get_triggerdef(g.oid) from pg_trigger g where not g.tgisinternal
		union all select pg_get_constraintdef(k.oid) from pg_constraint k) as r (x)" |
		sed -E 's#/(postgres|keeper)#/OWNER#g' |
		tr -d '()' | LC_ALL=C sort
}

# ---- Two clusters. ----

coproc OTHER { TEST_DATABASE_URL='' sh "$source_dir/tests/pg.sh"; }
read -r super_url <&"${OTHER[0]}"
other_pid=$OTHER_PID
here_url=$DATABASE_URL
other()
{
	psql -qtAX -v ON_ERROR_STOP=1 "$super_url" "$@"
}
end_other()
{
	exec {OTHER[1]}>&-
	wait "$other_pid" 2>/dev/null
	cleanup
}
trap end_other EXIT
other -c "create role keeper login createrole" -c "create role stranger login password 'x'"
database_there() # NAME: a new one; sets $there
{
	other -c "create database $1 owner keeper"
	there=$(printf '%s' "$super_url" | sed "s#://postgres@#://keeper@#; s#/postgres?#/$1?#")
}

# ---- Under load. ----

simulator --latency-ms 300
PROMPTBUILDER_ACCOUNT_CONCURRENCY=2 runner
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	launch claude-opus-4-5-20251101 95 1 >/dev/null
done
wait_for 30 t "select count(*) > 3 from attempts where state = 'settled'"
tool runner pause # what is queued stays so, what runs goes on
echo "promptbuilder: a dump" >"$work/there already"
tool dump "$work/busy"
same "a working installation is dumped" 0 "$status"
told "it says how large it is" '^bytes [1-9][0-9]+$'
told "and what comes next" '^next, with DATABASE_URL of an empty database: promptbuilder restore'
same "for nobody else to read" 600 "$(stat -c %a "$work/busy")"
same "and nothing half done is left" "" "$(ls "$work" | grep partial)"
tool dump "$work/there already"
same "a file that is there stays" "73 promptbuilder: a dump" "$status $(cat "$work/there already")"
tool dump "$work/there already" --force
same "unless it is to be replaced" "0 PGDMP" "$status $(head -c 5 "$work/there already")"
stop_runner

database_there one
DATABASE_URL=$there
tool restore "$work/busy"
same "it is restored elsewhere" 0 "$status"
[ "$status" = 0 ] || sed 's/^/#   /' "$work/err" "$work/out"
told "and checked" '^ok +I2 what runs and accounts cost'
told "its chains, too" '^ok +acme: [0-9]+ entries'
same "by an owner that is no superuser" f "$(sql "select rolsuper from pg_roles
	where rolname = current_user")"
is "in the middle of its work" t "select count(*) > 0 from pipeline_runs
	where status in ('running', 'queued')"
same "what must hold holds" "" "$(breaches)"
tool runner resume
is "the roles of the programs are made as migrations make them" "promptbuilder_runner t f f 60s 30s
promptbuilder_web t f f 10s 30s" "select string_agg(concat_ws(' ', rolname, rolcanlogin, rolinherit,
	rolbypassrls, (select string_agg(split_part(c, '=', 2), ' ' order by c desc)
		from unnest(rolconfig) c)), chr(10) order by rolname)
	from pg_roles where rolname like 'promptbuilder_%'"
runner
wait_for 60 0 "select count(*) from pipeline_runs where status in ('running', 'queued')"
say $? "a runner goes on with it"
is "to its end" 12 "select count(*) from pipeline_runs where status = 'completed'"
stop_runner
same "and all still holds" "" "$(breaches)"
tool ledger verify
same "sums agree with lines" 0 "$status"
DATABASE_URL=$there "$build/promptbuilder-web" --socket "$work/web.sock" --workers 1 \
	2>>"$work/web.log" </dev/null &
children+=("$!")
secret=$("$build/promptbuilder" token account acme Eve 2>/dev/null)
until [ -S "$work/web.sock" ]; do
	sleep 0.05
done
mkdir "$work/nginx-tmp"
port=$((10000 + $$ % 20000))
sed "s|@PORT@|127.0.0.1:$port|g; s|@SOCKET@|$work/web.sock|g; s|@STATIC@|$source_dir/static|g" \
	"$source_dir/nginx/promptbuilder.conf" >"$work/site.conf"
sed "s|@STATE@|$work|g; s|@SITE@|$work/site.conf|g" "$source_dir/nginx/nginx.conf" >"$work/nginx.conf"
[ "$(id -u)" != 0 ] || sed -i '1i user root;' "$work/nginx.conf"
# One process, which dies with the test.
nginx -p "$work" -c "$work/nginx.conf" -g 'master_process off;' 2>>"$work/nginx.log" </dev/null &
children+=("$!")
until curl -fs "http://127.0.0.1:$port/healthz" >/dev/null; do
	kill -0 "${children[-1]}" || exit 1
	sleep 0.05
done
same "the web reads it" 12 "$(curl -fs -H "Authorization: Bearer $secret" \
	"http://127.0.0.1:$port/api/pipeline-runs" | jq '.pipeline_runs | length')"

# ---- Row by row. ----

before=$(fingerprint)
rights_before=$(rights)
tool dump "$work/quiet"
same "its owner dumps it, for whom row security is forced" 0 "$status"
database_there two
DATABASE_URL=$there
tool restore "$work/quiet"
same "and restores it" 0 "$status"
same "each table has the same rows" "" "$(diff <(fingerprint) \
	<(printf '%s\n' "$before") | head -n 5)"
same "and nobody may do more or less" "" "$(diff <(rights) <(printf '%s\n' "$rights_before") | head -n 5)"
DATABASE_URL=$here_url
same "no more than where it came from" "" "$(diff <(rights) <(printf '%s\n' "$rights_before") | head -n 5)"

# ---- Refusals. ----

DATABASE_URL=$there
refused() # CLAIM STATUS PATTERN ARGUMENT...
{
	tool "${@:4}"
	same "$1 is refused" "$2" "$status"
	told "$1: it says why" "$3"
}
refused "a database that is not empty" 73 'the database "two" is not empty, it has ' \
	restore "$work/quiet"
database_there three
DATABASE_URL=$there
head -c $(($(stat -c %s "$work/quiet") * 3 / 4)) "$work/quiet" >"$work/cut"
refused "a dump that is cut off" 65 'damaged' restore "$work/cut"
head -c 3000 "$work/quiet" >"$work/stub"
refused "the beginning of a dump" 65 'stub is no dump, or is damaged' restore "$work/stub"
echo "something else" >"$work/text"
refused "another file" 65 'text is no dump' restore "$work/text"
refused "no file" 66 'nothing: No such file' restore "$work/nothing"
other -c "create database elsewhere" -c "create role foreign_role"
psql -qX "$(printf '%s' "$super_url" | sed 's#/postgres?#/elsewhere?#')" -c "create table t (n integer)"
pg_dump --format=custom "$(printf '%s' "$super_url" | sed 's#/postgres?#/elsewhere?#')" >"$work/elsewhere"
refused "a dump of something else" 65 'something else than promptbuilder' restore "$work/elsewhere"
DATABASE_URL=$here_url sql "insert into schema_migrations values (9999, '9999_later', repeat('a', 64))" >/dev/null
DATABASE_URL=$here_url tool dump "$work/later"
refused "a dump of a newer version" 73 'nothing was restored: ERROR: +the dump has migration 9999' \
	restore "$work/later"
is "nothing was left by any of them" 0 "select count(*) from pg_class
	where relnamespace = 'public'::regnamespace"

# Programs that are missing, or too old.
mkdir "$work/bin" "$work/old"
printf '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6.24"\n' >"$work/old/pg_dump"
chmod 755 "$work/old/pg_dump"
with_path() # PATH ARGUMENT...
{
	local PATH=$1
	"$build/promptbuilder" "${@:2}" >"$work/out.path" 2>&1
	status=$?
}
DATABASE_URL=$here_url
for wanted in "$work/bin|66|pg_dump is not there: install the client programs of PostgreSQL [0-9]+" \
	"$work/old|73|pg_dump is of version 9, but the server is of version [0-9]+"; do
	rest=${wanted#*|}
	with_path "${wanted%%|*}" dump "$work/never"
	mv "$work/out.path" "$work/err"
	same "a pg_dump that cannot do it is refused" "${rest%%|*}" "$status"
	told "with what to do" "${rest#*|}"
done
DATABASE_URL=$there with_path "$work/bin" restore "$work/quiet"
mv "$work/out.path" "$work/err"
same "and so is a pg_restore that is missing" 66 "$status"
told "with what to do" 'pg_restore is not there: install'

# Who may not, and who is not.
hba=$(other -c 'show hba_file')
sed -i '1i local all stranger scram-sha-256' "$hba"
other -c 'select pg_reload_conf()' >/dev/null
as_stranger() # PASSWORD
{
	printf '%s' "$super_url" | sed "s#://postgres@#://stranger:$1@#; s#/postgres?#/two?#"
}
DATABASE_URL=$(as_stranger wrong)
refused "a wrong password" 69 'password authentication failed' dump "$work/never"
DATABASE_URL=$(as_stranger x)
refused "who is not the owner" 77 "does not see all rows of .*DATABASE_URL must be the owner's" \
	dump "$work/never"
same "nothing was written" "" "$(ls "$work" | grep -E 'never|partial')"

# No password on a command line, nor in what is printed.
printf '#!/bin/sh\n[ "$1" = --version ] || { tr "\\0" " " </proc/$$/cmdline; echo "$PGPASSWORD $PGUSER"; } >>%s\nexec %s "$@"\n' \
	"$work/seen" "$(command -v pg_dump)" >"$work/bin/pg_dump"
chmod 755 "$work/bin/pg_dump"
other -c "alter role keeper password 'geh%eim'"
sed -i '1i local all keeper scram-sha-256' "$hba"
other -c 'select pg_reload_conf()' >/dev/null
DATABASE_URL=$(printf '%s' "$super_url" | sed "s#://postgres@#://keeper:geh%25eim@#; s#/postgres?#/two?#")
PATH=$work/bin:$PATH tool dump "$work/last"
same "with a password it is dumped" 0 "$status"
same "which stands in the environment only" "1 geh%eim keeper" \
	"$(grep -c geh "$work/seen") $(grep -o 'geh.*' "$work/seen")"

finish
