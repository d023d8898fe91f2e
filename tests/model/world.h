/* world.h: what the tests of runs, versions and accounts share: two accounts, north and south,
 * and somebody to ask: a member of either, or an operator. */
#ifndef TESTS_MODEL_WORLD_H
#define TESTS_MODEL_WORLD_H

#include <check.h>

#include "model/ctx.h"
#include "pg.h"

extern const char *url; /* of the program's database; world_main sets it */
extern const char *const north;
extern const char *const south;
extern struct ctx *at_north, *at_south, *operator;
extern struct arena *arena; /* of the test */

/* The whole program: each test starts with nothing in the database but the two accounts. */
int world_main(const char *name, const TTest *const *tests, size_t count);

/* A queued run with an assistant "desk", made by SQL alone: its UUID and pipeline id. */
struct world_run {
	const char *id;
	const char *pipeline_id;
};
struct world_run world_run(const char *account_id, const char *pipeline_id);
/* A line of the ledger of a run: operation, tokens in and out, cost. */
void world_cost(const struct world_run *run, const char *operation, const char *input,
    const char *output, const char *cost_usd);
/* A version of the run's assistant; its UUID. */
const char *world_version(const struct world_run *run, int number, const char *status);
/* Runs SQL as the owner; the first column of its first row. */
const char *world_value(const char *format, ...) PRINTF_LIKE(1, 2);

/* The document as JSON text. */
const char *world_json(const struct doc *doc);
/* Checks that an error is there, of a kind. */
#define ck_assert_err(error, wanted) \
	do { \
		const struct err *found_ = (error); \
		ck_assert_msg(found_ && found_->kind == (wanted), "expected %s, got %s", \
		    err_kind_name(wanted), found_ ? found_->sentence : "success"); \
	} while (0)
#define ck_assert_fine(error) \
	do { \
		const struct err *found_ = (error); \
		ck_assert_msg(!found_, "%s", found_ ? found_->sentence : ""); \
	} while (0)

#endif
