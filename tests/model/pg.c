/* pg.c: databases for tests. Migrations run once per server, into a template; each program then
 * gets a copy of it, which takes the server a fraction of a second. */
#include "pg.h"

#include <glob.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "db/migrate.h"

#define MAX_DATABASES 16

static struct arena *pg_arena;
static PGconn *pg_lock_conn;
static pid_t pg_owner;
static const char *pg_names[MAX_DATABASES];
static int pg_count;

NORETURN static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "pg.c: %s: %s\n", what, why);
	exit(99);
}

static const char *server_url(void)
{
	const char *url = getenv("TEST_DATABASE_URL");

	if (!url)
		give_up("TEST_DATABASE_URL is not set", "run this through tests/pg.sh");
	return url;
}

/* The server's URL with another database: what stands between the last '/' and '?'. */
static const char *url_of(const char *name)
{
	const char *url = server_url();
	const char *end = strchr(url, '?');
	size_t len = end ? (size_t)(end - url) : strlen(url);

	while (len > 0 && url[len - 1] != '/')
		len--;
	return arena_printf(pg_arena, "%.*s%s%s", (int)len, url, name, end ? end : "");
}

static PGconn *open_conn(const char *url)
{
	PGconn *conn = PQconnectdb(url);

	if (PQstatus(conn) != CONNECTION_OK)
		give_up(url, PQerrorMessage(conn));
	PQclear(PQexec(conn, "SET client_min_messages = warning"));
	return conn;
}

static PGresult *exec(PGconn *conn, const char *sql)
{
	PGresult *result = PQexec(conn, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		give_up(sql, PQerrorMessage(conn));
	return result;
}

void pg_script(const char *url, const char *sql)
{
	PGconn *conn = open_conn(url);

	PQclear(exec(conn, sql));
	PQfinish(conn);
}

const char *pg_value(const char *url, const char *sql)
{
	static char value[1024];
	PGconn *conn = open_conn(url);
	PGresult *result = exec(conn, sql);

	snprintf(value, sizeof(value), "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(conn);
	return value;
}

/* Runs "verb name rest" on the server's own database. */
static void on_server(const char *verb, const char *name, const char *rest)
{
	pg_script(server_url(), arena_printf(pg_arena, "%s %s %s", verb, name, rest));
}

static void drop_databases(void)
{
	if (getpid() != pg_owner)
		return;
	for (int i = 0; i < pg_count; i++)
		on_server("DROP DATABASE IF EXISTS", pg_names[i], "WITH (FORCE)");
	PQfinish(pg_lock_conn);
	arena_free(pg_arena);
}

static void open_harness(void)
{
	if (pg_arena)
		return;
	pg_arena = arena_new();
	pg_owner = getpid();
	atexit(drop_databases);
}

void pg_lock(void)
{
	open_harness();
	if (pg_lock_conn)
		return;
	pg_lock_conn = open_conn(server_url());
	PQclear(exec(pg_lock_conn, "SELECT pg_advisory_lock(8813)"));
}

const char *pg_migrations(void)
{
	const char *top = getenv("srcdir");

	open_harness();
	return arena_printf(pg_arena, "%s/sql/migrations", top ? top : ".");
}

/* A name that changes with the migrations, so that no stale template is ever used. */
static const char *template_name(void)
{
	struct buf *all = buf_new(pg_arena, 1 << 24);
	glob_t files;
	char piece[8192];
	size_t len;

	if (glob(arena_printf(pg_arena, "%s/*.sql", pg_migrations()), 0, NULL, &files))
		give_up(pg_migrations(), "no migrations; is srcdir set?");
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *file = fopen(files.gl_pathv[i], "re");

		while (file && (len = fread(piece, 1, sizeof(piece), file)) > 0)
			buf_add(all, piece, len);
		if (file)
			fclose(file);
	}
	globfree(&files);
	return arena_printf(pg_arena, "pb_template_%.12s",
	    text_sha256(pg_arena, all->data, all->len));
}

/* Migrates under another name first: a half-made template must not be taken for a whole one. */
static void make_template(const char *name)
{
	const char *draft = arena_printf(pg_arena, "%s_draft", name);
	struct db_options options = {.url = url_of(draft)};
	struct migrate_report report;
	const struct err *err;
	struct db *db;

	on_server("DROP DATABASE IF EXISTS", draft, "");
	on_server("CREATE DATABASE", draft, "TEMPLATE template0");
	db = db_new(&options);
	err = migrate(db, pg_arena, pg_migrations(), false, &report);
	db_close(db);
	if (err)
		give_up("the migrations fail", err->sentence);
	on_server("ALTER DATABASE", draft, arena_printf(pg_arena, "RENAME TO %s", name));
}

static const char *find_template(void)
{
	const char *name = template_name();
	const char *is_there = arena_printf(pg_arena,
	    "SELECT 1 FROM pg_database WHERE datname = '%s'", name);
	bool was_locked = pg_lock_conn;

	pg_lock();
	if (pg_value(server_url(), is_there)[0] == '\0')
		make_template(name);
	if (!was_locked) {
		PQfinish(pg_lock_conn);
		pg_lock_conn = NULL;
	}
	return name;
}

const char *pg_fresh(bool is_migrated)
{
	const char *from;
	const char *name;

	open_harness();
	if (pg_count == MAX_DATABASES)
		give_up("pg_fresh", "too many databases");
	from = is_migrated ? find_template() : "template0";
	name = arena_printf(pg_arena, "pb_test_%d_%d", (int)getpid(), pg_count);
	pg_names[pg_count++] = name;
	on_server("CREATE DATABASE", name, arena_printf(pg_arena, "TEMPLATE %s", from));
	return url_of(name);
}
