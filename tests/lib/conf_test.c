/* conf_test.c: the table, the order of the sources, the checks, and what is printed. */
#include "suite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/text.h"

static struct arena *arena;

/* Each test starts with the environment empty of settings. */
static void environment_clear(void)
{
	for (size_t i = 0; i < conf_setting_count; i++) {
		unsetenv(conf_settings[i].name);
		unsetenv(arena_printf(arena, "%s_FILE", conf_settings[i].name));
	}
}

static const char *file_with(const char *text)
{
	char *path = arena_strdup(arena, "/tmp/conf_test.XXXXXX");
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static struct conf *loaded(const char *text)
{
	const char *path = text != NULL ? file_with(text) : NULL;
	struct conf *conf = NULL;
	const struct err *err = conf_load(arena, path, &conf);

	if (path != NULL)
		unlink(path);
	ck_assert_msg(err == NULL, "%s", err != NULL ? err->sentence : "");
	return conf;
}

/* The sentence with which this file is refused. */
static const char *refused(const char *text)
{
	const char *path = file_with(text);
	struct conf *conf = NULL;
	const struct err *err = conf_load(arena, path, &conf);

	unlink(path);
	ck_assert_msg(err != NULL, "%s", text);
	ck_assert_int_eq(err->kind, ERR_INVALID);
	ck_assert_ptr_null(conf);
	return err->sentence;
}

static const char *printed(const struct conf *conf)
{
	char *text = arena_alloc(arena, 16384);
	FILE *out = fmemopen(text, 16383, "w");

	conf_print(conf, out);
	fclose(out);
	return text;
}

START_TEST(the_table_is_sorted_and_said)
{
	for (size_t i = 0; i < conf_setting_count; i++) {
		const struct conf_setting *row = &conf_settings[i];

		if (i > 0)
			ck_assert_str_gt(row->name, conf_settings[i - 1].name);
		ck_assert_uint_gt(strlen(row->sentence), 10);
		ck_assert_uint_lt(strlen(row->name), 60);
		ck_assert_int_le(row->min, row->max);
		if (row->type == CONF_INT || row->type == CONF_DURATION_MS)
			ck_assert_int_gt(row->max, 0);
		if (row->secret)
			ck_assert_ptr_null(row->preset);
	}
}
END_TEST

START_TEST(defaults)
{
	struct conf *conf = loaded(NULL);

	ck_assert_str_eq(conf_text(conf, "ANTHROPIC_BASE_URL"), "https://api.anthropic.com");
	ck_assert_str_eq(conf_text(conf, "PROMPTBUILDER_MODEL"), "claude-sonnet-5");
	ck_assert_str_eq(conf_text(conf, "PROMPTBUILDER_TIME_ZONE"), "UTC");
	ck_assert_ptr_null(conf_text(conf, "ANTHROPIC_API_KEY"));
	ck_assert_ptr_null(conf_text(conf, "PROMPTBUILDER_SPOOL_DIR"));
	ck_assert_ptr_nonnull(conf_text(conf, "PROMPTBUILDER_DATA_DIR"));
	ck_assert_int_eq(conf_int(conf, "PROMPTBUILDER_WORKERS"), 4);
	ck_assert_int_eq(conf_int(conf, "PROMPTBUILDER_LEASE_MS"), 30000);
	ck_assert_int_eq(conf_int(conf, "PROMPTBUILDER_CALL_TIMEOUT_MS"), 1200000);
	ck_assert_int_eq(conf_int(conf, "PROMPTBUILDER_RETRY_BASE_MS"), 500);
	ck_assert(!conf_bool(conf, "PROMPTBUILDER_SIMULATED"));
}
END_TEST

START_TEST(later_sources_win)
{
	static const char file[] =
	    "# comment\n\nPROMPTBUILDER_MODEL=from-file\n  PROMPTBUILDER_WORKERS = 7  \r\n"
	    "PROMPTBUILDER_TIME_ZONE=\"Europe/Berlin\"\nPROMPTBUILDER_SPOOL_DIR=''\n"
	    "SUPABASE_DB_PASS=a=b#c\nPROMPTBUILDER_DRAIN_MS=1min";
	struct conf *conf;

	setenv("PROMPTBUILDER_MODEL", "from-environment", 1);
	setenv("PROMPTBUILDER_WORKERS", "", 1);
	conf = loaded(file);
	ck_assert_str_eq(conf_text(conf, "PROMPTBUILDER_MODEL"), "from-environment");
	ck_assert_int_eq(conf_int(conf, "PROMPTBUILDER_WORKERS"), 7);
	ck_assert_str_eq(conf_text(conf, "PROMPTBUILDER_TIME_ZONE"), "Europe/Berlin");
	ck_assert_ptr_null(conf_text(conf, "PROMPTBUILDER_SPOOL_DIR"));
	ck_assert_str_eq(conf_text(conf, "SUPABASE_DB_PASS"), "a=b#c");
	ck_assert_int_eq(conf_int(conf, "PROMPTBUILDER_DRAIN_MS"), 60000);
	ck_assert_ptr_null(conf_set(conf, "PROMPTBUILDER_MODEL", "from-flag"));
	ck_assert_str_eq(conf_text(conf, "PROMPTBUILDER_MODEL"), "from-flag");
	ck_assert_ptr_nonnull(conf_set(conf, "PROMPTBUILDER_WORKERS", "65"));
	ck_assert_ptr_nonnull(conf_set(conf, "PROMPTBUILDER_WORKERS", ""));
	ck_assert_ptr_nonnull(conf_set(conf, "PROMPTBUILDER_WORKER", "5"));
	ck_assert_int_eq(conf_int(conf, "PROMPTBUILDER_WORKERS"), 7);
}
END_TEST

START_TEST(values_are_checked)
{
	static const char *const wrong[] = {
		"PROMPTBUILDER_WORKERS=0", "PROMPTBUILDER_WORKERS=65", "PROMPTBUILDER_WORKERS=4x",
		"PROMPTBUILDER_WORKERS=99999999999999999999", "PROMPTBUILDER_LEASE_MS=999",
		"PROMPTBUILDER_LEASE_MS=11min", "PROMPTBUILDER_LEASE_MS=30 s",
		"PROMPTBUILDER_LEASE_MS=s", "PROMPTBUILDER_LEASE_MS=-1s",
		"PROMPTBUILDER_LEASE_MS=30d", "PROMPTBUILDER_LEASE_MS=9223372036854775807h",
		"DATABASE_POOLED=maybe", "ANTHROPIC_BASE_URL=ftp://x", "ANTHROPIC_BASE_URL=x",
		"ANTHROPIC_BASE_URL=https://", "ANTHROPIC_BASE_URL=http://u:p@x",
		"PROMPTBUILDER_LOG_LEVEL=loud", "PROMPTBUILDER_MODEL=a\x01", "PROMPTBUILDER_MODEL",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_ptr_nonnull(refused(wrong[i]));
	setenv("PROMPTBUILDER_WORKERS", "many", 1);
	ck_assert_ptr_nonnull(strstr(refused(""), "PROMPTBUILDER_WORKERS (environment)"));
}
END_TEST

START_TEST(durations_and_switches_have_many_forms)
{
	static const struct {
		const char *text;
		int64_t ms;
	} waits[] = {
		{"1500", 1500}, {"1500ms", 1500}, {"2s", 2000}, {"3min", 180000}, {"1h", 3600000},
	};
	static const char *const yes[] = {"1", "yes", "true", "on"};
	static const char *const no[] = {"0", "no", "false", "off"};
	struct conf *conf = loaded(NULL);

	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		ck_assert_ptr_null(conf_set(conf, "PROMPTBUILDER_DRAIN_MS", waits[i].text));
		ck_assert_int_eq(conf_int(conf, "PROMPTBUILDER_DRAIN_MS"), waits[i].ms);
	}
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		ck_assert_ptr_null(conf_set(conf, "DATABASE_POOLED", yes[i]));
		ck_assert(conf_bool(conf, "DATABASE_POOLED"));
		ck_assert_ptr_null(conf_set(conf, "DATABASE_POOLED", no[i]));
		ck_assert(!conf_bool(conf, "DATABASE_POOLED"));
	}
}
END_TEST

START_TEST(an_unknown_name_gets_the_nearest)
{
	const char *sentence = refused("PROMPTBUILDER_WORKERS=4\nPROMPTBUILDER_MODLE=x\n");

	ck_assert_ptr_nonnull(strstr(sentence, ":2)"));
	ck_assert_ptr_nonnull(strstr(sentence, "PROMPTBUILDER_MODEL."));
	ck_assert_ptr_nonnull(strstr(refused("DATABASE_URI=x"), "DATABASE_URL."));
	ck_assert_ptr_nonnull(strstr(refused("PROMPTBUILDER_MODEL_FILE=x"), "is not a setting"));
	ck_assert_ptr_nonnull(strstr(refused("=x"), "is not a setting"));
}
END_TEST

START_TEST(secrets_come_from_files)
{
	const char *path = file_with("from file\n");
	const char *line = arena_printf(arena, "DATABASE_URL_FILE=%s\n", path);
	struct conf *conf;

	setenv("ANTHROPIC_API_KEY", "from environment", 1);
	setenv("ANTHROPIC_API_KEY_FILE", path, 1);
	conf = loaded(line);
	ck_assert_str_eq(conf_text(conf, "ANTHROPIC_API_KEY"), "from file");
	ck_assert_str_eq(conf_text(conf, "DATABASE_URL"), "from file");
	unlink(path);
	ck_assert_ptr_nonnull(strstr(refused(""), "Cannot open"));
	path = file_with("\n");
	setenv("ANTHROPIC_API_KEY_FILE", path, 1);
	ck_assert_ptr_nonnull(strstr(refused(""), "is empty"));
	unlink(path);
}
END_TEST

START_TEST(secrets_come_as_credentials)
{
	char folder[] = "/tmp/conf_test.XXXXXX";
	const char *path;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = arena_printf(arena, "%s/ANTHROPIC_API_KEY", folder);
	file = fopen(path, "w");
	fputs("from systemd\n", file);
	fclose(file);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	setenv("ANTHROPIC_API_KEY", "from the environment", 1);
	setenv("PROMPTBUILDER_WEBHOOK_SECRET", "none is there", 1);
	ck_assert_str_eq(conf_text(loaded(NULL), "ANTHROPIC_API_KEY"), "from systemd");
	ck_assert_str_eq(conf_text(loaded(NULL), "PROMPTBUILDER_WEBHOOK_SECRET"), "none is there");
	unlink(path);
	rmdir(folder);
	unsetenv("CREDENTIALS_DIRECTORY");
}
END_TEST

START_TEST(only_one_line_end_is_cut)
{
	const char *path = file_with("key\r\n");

	setenv("SUPABASE_SK_FILE", path, 1);
	ck_assert_str_eq(conf_text(loaded(NULL), "SUPABASE_SK"), "key");
	unlink(path);
	path = file_with("key\n\n");
	setenv("SUPABASE_SK_FILE", path, 1);
	ck_assert_ptr_nonnull(refused(""));
	unlink(path);
}
END_TEST

START_TEST(a_missing_file_is_an_error)
{
	struct conf *conf;

	ck_assert_ptr_nonnull(conf_load(arena, "/nonexistent/file", &conf));
	ck_assert_ptr_nonnull(conf_load(arena, "/tmp", &conf));
}
END_TEST

START_TEST(printing_masks_secrets)
{
	const char *text;

	setenv("ANTHROPIC_API_KEY", "canary-key", 1);
	text = printed(loaded("DATABASE_URL=postgresql://u:canary@h/d\nPROMPTBUILDER_WORKERS=9\n"));
	ck_assert_ptr_null(strstr(text, "canary"));
	ck_assert_ptr_nonnull(strstr(text, "ANTHROPIC_API_KEY=*** # environment\n"));
	ck_assert_ptr_nonnull(strstr(text, "DATABASE_URL=*** # /tmp/conf_test."));
	ck_assert_ptr_nonnull(strstr(text, "PROMPTBUILDER_WORKERS=9 # /tmp/conf_test."));
	ck_assert_ptr_nonnull(strstr(text, "PROMPTBUILDER_TIME_ZONE=UTC # default\n"));
	ck_assert_ptr_nonnull(strstr(text, "# SUPABASE_SK is unset\n"));
}
END_TEST

START_TEST(errors_do_not_repeat_values)
{
	ck_assert_ptr_null(strstr(refused("DATABASE_URL=can\x02" "ary"), "ary"));
}
END_TEST

START_TEST(the_database_is_found)
{
	struct conf *conf = loaded("NEXT_PUBLIC_SUPABASE_URL=https://abc123.supabase.co\n"
	    "SUPABASE_DB_PASS=p@ss/w:rd %\u00fc\n");
	const char *url;

	ck_assert_ptr_null(conf_database_url(arena, conf, &url));
	ck_assert_str_eq(url, "postgresql://postgres:p%40ss%2Fw%3Ard%20%25%C3%BC"
	    "@db.abc123.supabase.co:5432/postgres?sslmode=require");
	ck_assert_ptr_null(conf_set(conf, "NEXT_PUBLIC_SUPABASE_URL", "https://x.supabase.co/"));
	ck_assert_ptr_null(conf_database_url(arena, conf, &url));
	ck_assert_ptr_nonnull(strstr(url, "@db.x.supabase.co:"));
	ck_assert_ptr_null(conf_set(conf, "DATABASE_URL", "postgresql://localhost/x"));
	ck_assert_ptr_null(conf_database_url(arena, conf, &url));
	ck_assert_str_eq(url, "postgresql://localhost/x");
}
END_TEST

START_TEST(no_database_names_both_ways)
{
	static const char *const wrong[] = {
		"http://abc.supabase.co",
		"https://abc.supabase.co.evil.org", "https://.supabase.co",
		"https://a.b.supabase.co", "https://example.org",
	};
	const struct err *err;
	struct conf *conf = loaded(NULL);
	const char *url;

	err = conf_database_url(arena, conf, &url);
	ck_assert_ptr_nonnull(err);
	ck_assert_ptr_null(url);
	ck_assert_ptr_nonnull(strstr(err->sentence, "DATABASE_URL"));
	ck_assert_ptr_nonnull(strstr(err->sentence, "NEXT_PUBLIC_SUPABASE_URL"));
	ck_assert_ptr_nonnull(strstr(err->sentence, "SUPABASE_DB_PASS"));
	ck_assert_ptr_null(conf_set(conf, "SUPABASE_DB_PASS", "x"));
	ck_assert_ptr_nonnull(conf_database_url(arena, conf, &url));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		ck_assert_ptr_null(conf_set(conf, "NEXT_PUBLIC_SUPABASE_URL", wrong[i]));
		err = conf_database_url(arena, conf, &url);
		ck_assert_msg(err != NULL, "%s", wrong[i]);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		the_table_is_sorted_and_said,
		defaults,
		later_sources_win,
		values_are_checked,
		durations_and_switches_have_many_forms,
		an_unknown_name_gets_the_nearest,
		secrets_come_from_files,
		secrets_come_as_credentials,
		only_one_line_end_is_cut,
		a_missing_file_is_an_error,
		printing_masks_secrets,
		errors_do_not_repeat_values,
		the_database_is_found,
		no_database_names_both_ways,
	};
	int result;

	arena = arena_new();
	result = suite_run_between(environment_clear, NULL, "conf", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
