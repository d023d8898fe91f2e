/* conf.c: reads settings from their sources, in order, and hands out their values. */
#include "base/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/conf_row.h"
#include "base/log.h"
#include "base/text.h"

#define CONF_FILE_MAX (64 * 1024)

struct conf_value {
	const char *text;        /* NULL: unset */
	int64_t number;          /* of an int, a duration in ms, a bool */
	const char *source;
	const char *secret_file; /* NAME_FILE, read after all other sources */
};

struct conf {
	struct arena *arena;
	const char *file;          /* that was read, or NULL */
	struct conf_value *values; /* parallel to conf_settings */
};

static const struct err *value_set(struct conf *conf, const struct conf_setting *row,
    const char *text, const char *source)
{
	struct conf_value *value = &conf->values[row - conf_settings];
	int64_t number = 0;
	const struct err *err = conf_row_check(conf->arena, row, text, source, &number);

	if (err != NULL)
		return err;
	value->text = arena_strdup(conf->arena, text);
	value->number = number;
	value->source = source;
	return NULL;
}

/* Stores one NAME or NAME_FILE; an empty value counts as unset. */
static const struct err *name_set(struct conf *conf, const char *name, const char *text,
    const char *source)
{
	const struct conf_setting *row = conf_row_find(name);
	size_t len = strlen(name);

	if (row != NULL)
		return *text != '\0' ? value_set(conf, row, text, source) : NULL;
	if (len > 5 && strcmp(name + len - 5, "_FILE") == 0)
		row = conf_row_find(arena_strndup(conf->arena, name, len - 5));
	if (row == NULL || !row->secret)
		return err_new(conf->arena, ERR_INVALID,
		    "%s (%s) is not a setting; the nearest one is %s.", name, source,
		    conf_row_nearest(name));
	if (*text != '\0')
		conf->values[row - conf_settings].secret_file = arena_strdup(conf->arena, text);
	return NULL;
}

/* The whole file as text; it must be clean and no larger than any sensible settings file. */
static const struct err *file_read(struct arena *arena, const char *path, const char **text)
{
	char *bytes = arena_alloc(arena, CONF_FILE_MAX + 1);
	FILE *file = fopen(path, "re");
	size_t len;
	bool failed;

	if (file == NULL)
		return err_new(arena, ERR_INVALID, "Cannot open %s: %s.", path, strerror(errno));
	len = fread(bytes, 1, CONF_FILE_MAX + 1, file);
	failed = ferror(file) != 0;
	fclose(file);
	if (failed)
		return err_new(arena, ERR_INVALID, "Cannot read %s.", path);
	if (len > CONF_FILE_MAX || !text_is_clean(bytes, len))
		return err_new(arena, ERR_INVALID,
		    "%s must be text of at most %d bytes.", path, CONF_FILE_MAX);
	*text = arena_strndup(arena, bytes, len);
	explicit_bzero(bytes, len);
	return NULL;
}

/* Takes one pair of quotes off, as systemd and the shell do. */
static const char *unquote(struct arena *arena, const char *text)
{
	size_t len = strlen(text);

	if (len >= 2 && (text[0] == '"' || text[0] == '\'') && text[len - 1] == text[0])
		return arena_strndup(arena, text + 1, len - 2);
	return text;
}

static const struct err *file_line(struct conf *conf, const char *line, const char *source)
{
	const char *equals = strchr(line, '=');
	const char *name;

	if (line[0] == '\0' || line[0] == '#')
		return NULL;
	if (equals == NULL)
		return err_new(conf->arena, ERR_INVALID, "%s: a line is NAME=value.", source);
	name = text_trim(conf->arena, arena_strndup(conf->arena, line, (size_t)(equals - line)));
	return name_set(conf, name, unquote(conf->arena, text_trim(conf->arena, equals + 1)),
	    source);
}

static const struct err *file_load(struct conf *conf, const char *path)
{
	const struct err *err;
	const char *text = "";
	int number = 0;

	err = file_read(conf->arena, path, &text);
	while (err == NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");
		const char *line = text_trim(conf->arena, arena_strndup(conf->arena, text, len));

		err = file_line(conf, line, arena_printf(conf->arena, "%s:%d", path, ++number));
		text += len + (text[len] == '\n');
	}
	return err;
}

static const struct err *environment_load(struct conf *conf)
{
	for (size_t i = 0; i < conf_setting_count; i++) {
		const struct conf_setting *row = &conf_settings[i];
		const char *text = getenv(row->name);
		const struct err *err = NULL;

		if (text != NULL)
			err = name_set(conf, row->name, text, "environment");
		if (err == NULL && row->secret) {
			const char *name = arena_printf(conf->arena, "%s_FILE", row->name);

			text = getenv(name);
			err = text != NULL ? name_set(conf, name, text, "environment") : NULL;
		}
		if (err != NULL)
			return err;
	}
	return NULL;
}

/* The file that systemd keeps under the setting's name for this service alone (LoadCredential=);
 * NULL: none. */
static const char *credential_find(struct arena *arena, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	const char *path;

	if (folder == NULL)
		return NULL;
	path = arena_printf(arena, "%s/%s", folder, name);
	return access(path, F_OK) == 0 ? path : NULL;
}

static const struct err *secret_load(struct conf *conf, const struct conf_setting *row)
{
	const char *path = conf->values[row - conf_settings].secret_file;
	const struct err *err;
	const char *text = "";
	size_t len;

	if (path == NULL && row->secret)
		path = credential_find(conf->arena, row->name);
	if (path == NULL)
		return NULL;
	err = file_read(conf->arena, path, &text);
	if (err != NULL)
		return err;
	len = strlen(text);
	len -= len > 0 && text[len - 1] == '\n';
	len -= len > 0 && text[len - 1] == '\r';
	if (len == 0)
		return err_new(conf->arena, ERR_INVALID, "%s for %s is empty.", path, row->name);
	return value_set(conf, row, arena_strndup(conf->arena, text, len), path);
}

/* An installation that was made under another prefix than the one it was built for (a private one,
 * a package's root) finds its data beside its programs. */
static const struct err *data_dir_load(struct conf *conf)
{
	char program[4096];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	const char *data;
	char *slash;

	if (len <= 0)
		return NULL;
	program[len] = '\0';
	slash = strrchr(program, '/');
	*slash = '\0';
	data = arena_printf(conf->arena, "%s/../share/promptbuilder", program);
	if (access(data, R_OK | X_OK) != 0)
		return NULL;
	return value_set(conf, conf_row_find("PROMPTBUILDER_DATA_DIR"), data, "beside the program");
}

const char *conf_file(const struct conf *conf)
{
	return conf->file;
}

const struct err *conf_load(struct arena *arena, const char *file, struct conf **out)
{
	struct conf *conf = arena_alloc(arena, sizeof(*conf));
	const struct err *err = NULL;

	conf->arena = arena;
	conf->file = file != NULL ? arena_strdup(arena, file) : NULL;
	conf->values = arena_alloc(arena, conf_setting_count * sizeof(conf->values[0]));
	for (size_t i = 0; err == NULL && i < conf_setting_count; i++) {
		const struct conf_setting *row = &conf_settings[i];

		if (row->preset != NULL)
			err = value_set(conf, row, row->preset, "default");
	}
	if (err == NULL)
		err = data_dir_load(conf);
	if (err == NULL && file != NULL)
		err = file_load(conf, file);
	if (err == NULL)
		err = environment_load(conf);
	for (size_t i = 0; err == NULL && i < conf_setting_count; i++)
		err = secret_load(conf, &conf_settings[i]);
	*out = err == NULL ? conf : NULL;
	return err;
}

const struct err *conf_set(struct conf *conf, const char *name, const char *value)
{
	const struct conf_setting *row = conf_row_find(name);

	if (row == NULL)
		return err_new(conf->arena, ERR_INVALID,
		    "%s is not a setting; the nearest one is %s.", name, conf_row_nearest(name));
	if (*value == '\0')
		return err_new(conf->arena, ERR_INVALID, "%s needs a value.", name);
	return value_set(conf, row, value, "command line");
}

/* The value behind a name that the program itself wrote down. */
static const struct conf_value *value_get(const struct conf *conf, const char *name,
    bool (*fits)(enum conf_type))
{
	const struct conf_setting *row = conf_row_find(name);

	if (row == NULL || !fits(row->type)) {
		log_error("no such setting of this type", "name", name);
		abort();
	}
	return &conf->values[row - conf_settings];
}

static bool is_any(enum conf_type type)
{
	return true;
}

static bool is_number(enum conf_type type)
{
	return type == CONF_INT || type == CONF_DURATION_MS;
}

static bool is_bool(enum conf_type type)
{
	return type == CONF_BOOL;
}

const char *conf_text(const struct conf *conf, const char *name)
{
	return value_get(conf, name, is_any)->text;
}

int64_t conf_int(const struct conf *conf, const char *name)
{
	return value_get(conf, name, is_number)->number;
}

bool conf_bool(const struct conf *conf, const char *name)
{
	return value_get(conf, name, is_bool)->number != 0;
}

void conf_print(const struct conf *conf, FILE *out)
{
	for (size_t i = 0; i < conf_setting_count; i++) {
		const struct conf_setting *row = &conf_settings[i];
		const struct conf_value *value = &conf->values[i];

		if (value->text == NULL)
			fprintf(out, "# %s is unset\n", row->name);
		else
			fprintf(out, "%s=%s # %s\n", row->name, row->secret ? "***" : value->text,
			    value->source);
	}
}

/* The REF of https://REF.supabase.co; NULL when the address is of another form. */
static const char *supabase_ref(struct arena *arena, const char *url)
{
	const char *ref = text_starts_with(url, "https://") ? url + 8 : url;
	size_t len = strspn(ref, "abcdefghijklmnopqrstuvwxyz0123456789");
	const char *rest = ref + len;

	if (ref == url || len == 0)
		return NULL;
	if (strcmp(rest, ".supabase.co") != 0 && strcmp(rest, ".supabase.co/") != 0)
		return NULL;
	return arena_strndup(arena, ref, len);
}

const struct err *conf_database_url(struct arena *arena, const struct conf *conf,
    const char **url)
{
	const char *project = conf_text(conf, "NEXT_PUBLIC_SUPABASE_URL");
	const char *password = conf_text(conf, "SUPABASE_DB_PASS");
	const char *ref;
	struct buf *buf;

	*url = conf_text(conf, "DATABASE_URL");
	if (*url != NULL)
		return NULL;
	if (project == NULL || password == NULL)
		return err_new(arena, ERR_INVALID, "No database is set: set DATABASE_URL, or "
		    "NEXT_PUBLIC_SUPABASE_URL and SUPABASE_DB_PASS.");
	ref = supabase_ref(arena, project);
	if (ref == NULL)
		return err_new(arena, ERR_INVALID, "NEXT_PUBLIC_SUPABASE_URL must have the form "
		    "https://PROJECT.supabase.co; for another server set DATABASE_URL.");
	buf = buf_new(arena, CONF_FILE_MAX * 4);
	buf_text(buf, "postgresql://postgres:");
	text_url_encode(buf, password);
	buf_printf(buf, "@db.%s.supabase.co:5432/postgres?sslmode=require", ref);
	*url = buf->data;
	return NULL;
}
