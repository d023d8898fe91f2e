/* conf.h: every setting is one row of a table: name, type, default, secret, sentence.
 *
 * Order, last wins: default, KEY=VALUE file (--config), environment, NAME_FILE for secrets.
 * An empty value in the environment counts as unset. An unknown key in a file is an error that
 * names the nearest known one. `promptbuilder settings` and --print-config print the table. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdio.h>

#include "base/err.h"

/* CONF_LEVEL is a name of log.h; a duration is digits and ms, s, min or h (bare: ms). */
enum conf_type {
	CONF_TEXT,
	CONF_INT,
	CONF_BOOL,
	CONF_DURATION_MS,
	CONF_PATH,
	CONF_URL,
	CONF_LEVEL
};

struct conf_setting {
	const char *name;
	enum conf_type type;
	const char *preset;   /* default as text, NULL: unset */
	int64_t min, max;     /* for CONF_INT and CONF_DURATION_MS */
	bool secret;
	const char *sentence; /* what it means, for --print-config and the man page */
};

struct conf;

/* All settings of all programs; conf_setting_count rows in alphabetical order. */
extern const struct conf_setting conf_settings[];
extern const size_t conf_setting_count;

/* Reads file (may be NULL) and the environment; every value is checked against its row. */
const struct err *conf_load(struct arena *arena, const char *file, struct conf **out) MUST_CHECK;
/* The value as text; NULL when unset. Asking for a name that has no row is a bug: aborts. */
const char *conf_text(const struct conf *conf, const char *name);
int64_t conf_int(const struct conf *conf, const char *name); /* also durations, in ms */
bool conf_bool(const struct conf *conf, const char *name);
/* The file that was read; NULL: none. */
const char *conf_file(const struct conf *conf);
/* Sets a value from a command-line flag. */
const struct err *conf_set(struct conf *conf, const char *name, const char *value) MUST_CHECK;
/* NAME=value and where it came from, a line each; secrets as ***. */
void conf_print(const struct conf *conf, FILE *out);
/* The libpq connection string: DATABASE_URL, or the Supabase pair; a sentence naming both else. */
const struct err *conf_database_url(struct arena *arena, const struct conf *conf,
    const char **url) MUST_CHECK;

#endif
