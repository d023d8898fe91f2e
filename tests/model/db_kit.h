/* db_kit.h: what the tests of db share: a connection per test, SQL that is no named statement, an
 * event loop in small. */
#ifndef TESTS_MODEL_DB_KIT_H
#define TESTS_MODEL_DB_KIT_H

#include "db/db_inner.h"
#include "pg.h"

extern const char *url;     /* of the program's database; main sets it */
extern struct arena *arena; /* of the test */
extern struct db *db;

/* The checked fixture: arena and db are new. */
void kit_set_up(void);
void kit_tear_down(void);
/* Puts a connection with other options in db. */
void open_with(const struct db_options *options);

/* Adds SQL that is no named statement; its result is read like any other. */
struct db_rows *add_text(struct db_tx *tx, const char *text);
/* Runs it in a transaction of its own; rows may be NULL. */
const struct err *run_text(const char *text, struct db_rows **rows);
/* Column v of its first row; an error fails the test. */
const char *value_of(const char *text);

/* How a transaction of db_start ended. */
struct end {
	bool is_known;
	const struct err *err;
};

void keep_end(void *end, const struct err *err);
/* Drives the connection as an event loop would. */
const struct err *step_until(struct end *end);

#endif
