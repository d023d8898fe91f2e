/* reprice.c: prices reprice: booked calls at the prices that are known now, page by page. What is
 * written stays, so that an interrupted run is simply begun again. */
#include <stdio.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/money.h"
#include "base/text.h"

#define PAGE_LINES 5000

enum reprice_option {
	REPRICE_FROM, REPRICE_TO, REPRICE_MODEL, REPRICE_ACCOUNT, REPRICE_DRY, REPRICE_REASON,
	REPRICE_OPTIONS
};

/* Why lines are left alone, as the statement counts them. */
static const struct {
	const char *column, *sentence;
} alone[] = {
	{"by_hand", "were corrected by hand"},
	{"given", "came with their amount"},
	{"no_tokens", "have no tokens"},
	{"no_price", "have no full price"},
};
#define ALONE ARRAY_LEN(alone)

struct tally {
	int64_t lines, changed, written, old_nano, new_nano;
	int64_t left[ALONE];
};

struct reprice {
	struct admin *admin;
	struct option_row options[REPRICE_OPTIONS];
	const char *account_id; /* NULL: all */
	const char *actor;
	struct tally all;
};

static const struct err *amount_add(struct arena *arena, const char *usd, int64_t *nano)
{
	int64_t more = 0;

	if (!money_from_text(usd, &more) || __builtin_add_overflow(*nano, more, nano))
		return err_new(arena, ERR_LIMIT, "the amounts are beyond 64 bits");
	return NULL;
}

static const struct err *tally_add(struct arena *arena, struct tally *tally,
    const struct db_rows *rows)
{
	const struct err *err = amount_add(arena, db_text(rows, 0, "old_usd"), &tally->old_nano);

	if (err == NULL)
		err = amount_add(arena, db_text(rows, 0, "new_usd"), &tally->new_nano);
	tally->lines += db_int(rows, 0, "lines");
	tally->changed += db_int(rows, 0, "changed");
	tally->written += db_int(rows, 0, "written");
	for (size_t i = 0; i < ALONE; i++)
		tally->left[i] += db_int(rows, 0, alone[i].column);
	return err;
}

static const char *difference(struct arena *arena, const struct tally *tally)
{
	int64_t nano = tally->new_nano - tally->old_nano;

	return arena_printf(arena, "%s%s", nano > 0 ? "+" : "", money_text(arena, nano));
}

/* One account and day, a page of its lines in each transaction. */
static const struct err *reprice_day(struct reprice *reprice, const struct db_rows *days,
    size_t day, struct tally *tally)
{
	struct admin *admin = reprice->admin;
	struct arena *arena = admin->ctx.arena;
	const char *last_time = NULL;
	const char *last_id = NULL;
	struct db_rows *rows;
	const struct err *err;

	do {
		err = admin_run(admin, &rows, SQL_ADJUSTMENT_REPRICE,
		    db_text(days, day, "account_id"), db_text(days, day, "day"),
		    reprice->options[REPRICE_MODEL].value, last_time, last_id,
		    db_int_param(arena, PAGE_LINES), reprice->options[REPRICE_DRY].value != NULL ?
		    NULL : reprice->options[REPRICE_REASON].value, reprice->actor);
		if (err == NULL)
			err = tally_add(arena, tally, rows);
		if (err != NULL)
			return err;
		last_time = db_text(rows, 0, "last_time");
		last_id = db_text(rows, 0, "last_id");
	} while (db_int(rows, 0, "lines") == PAGE_LINES);
	return NULL;
}

static void progress(const struct db_rows *days, size_t day)
{
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r%zu of %zu account-days\033[K%s", day, db_count(days),
		    day == db_count(days) ? "\n" : "");
}

static void print_day(struct arena *arena, const struct db_rows *days, size_t day,
    const struct tally *tally)
{
	if (tally->changed == 0)
		return;
	(void)printf("%s  %-24s %8lld of %lld lines  %s -> %s  %s\n", db_text(days, day, "day"),
	    db_text(days, day, "slug"), (long long)tally->changed, (long long)tally->lines,
	    money_text(arena, tally->old_nano), money_text(arena, tally->new_nano),
	    difference(arena, tally));
}

static void all_add(struct tally *all, const struct tally *tally)
{
	all->lines += tally->lines;
	all->changed += tally->changed;
	all->written += tally->written;
	all->old_nano += tally->old_nano;
	all->new_nano += tally->new_nano;
	for (size_t i = 0; i < ALONE; i++)
		all->left[i] += tally->left[i];
}

static const struct err *reprice_days(struct reprice *reprice, const struct db_rows *days)
{
	struct arena *arena = reprice->admin->ctx.arena;

	for (size_t day = 0; day < db_count(days); day++) {
		struct tally tally = {.lines = 0};
		const struct err *err;

		progress(days, day);
		err = reprice_day(reprice, days, day, &tally);
		if (err != NULL && err->kind == ERR_INVALID)
			return err_new(arena, ERR_INVALID, "%s, %s: a call costs more than can be "
			    "booked", db_text(days, day, "slug"), db_text(days, day, "day"));
		if (err != NULL)
			return err;
		print_day(arena, days, day, &tally);
		all_add(&reprice->all, &tally);
	}
	progress(days, db_count(days));
	return NULL;
}

static void print_all(const struct reprice *reprice)
{
	const struct tally *all = &reprice->all;
	struct arena *arena = reprice->admin->ctx.arena;

	(void)printf("%lld of %lld lines differ: %s -> %s  %s\n", (long long)all->changed,
	    (long long)all->lines, money_text(arena, all->old_nano),
	    money_text(arena, all->new_nano), difference(arena, all));
	for (size_t i = 0; i < ALONE; i++)
		if (all->left[i] > 0)
			(void)printf("%lld lines are left alone: they %s\n",
			    (long long)all->left[i], alone[i].sentence);
	if (reprice->options[REPRICE_DRY].value != NULL)
		(void)printf("nothing was written: --dry-run\n");
	else
		(void)printf("%lld corrections written\n", (long long)all->written);
}

static const struct err *reprice_read(struct reprice *reprice)
{
	struct admin *admin = reprice->admin;
	struct option_row *options = reprice->options;
	const struct err *err = option_read(admin, options, REPRICE_OPTIONS, 0, 0);

	for (size_t i = REPRICE_FROM; err == NULL && i <= REPRICE_TO; i++) {
		if (options[i].value == NULL)
			err = option_error(admin, "--%s is needed", options[i].name);
		else
			err = admin_day(admin, &options[i]);
	}
	if (err == NULL && options[REPRICE_DRY].value == NULL &&
	    options[REPRICE_REASON].value == NULL)
		err = option_error(admin, "--reason is needed, or --dry-run");
	if (err == NULL && options[REPRICE_REASON].value != NULL)
		err = admin_reason(admin, options[REPRICE_REASON].value);
	if (err == NULL)
		err = admin_account_id(admin, options[REPRICE_ACCOUNT].value,
		    &reprice->account_id);
	reprice->actor = admin_actor(admin);
	return err;
}

const struct err *admin_price_reprice(struct admin *admin)
{
	struct reprice reprice = {.admin = admin, .options = {
		[REPRICE_FROM] = {.name = "from"},
		[REPRICE_TO] = {.name = "to"},
		[REPRICE_MODEL] = {.name = "model"},
		[REPRICE_ACCOUNT] = {.name = "account"},
		[REPRICE_DRY] = {.name = "dry-run", .is_flag = true},
		[REPRICE_REASON] = {.name = "reason"},
	}};
	const struct option_row *options = reprice.options;
	struct db_rows *days;
	const struct err *err = reprice_read(&reprice);

	if (err != NULL)
		return err;
	err = admin_run(admin, &days, SQL_ADJUSTMENT_DAYS, options[REPRICE_FROM].value,
	    options[REPRICE_TO].value, options[REPRICE_MODEL].value, reprice.account_id);
	if (err == NULL)
		err = reprice_days(&reprice, days);
	if (err == NULL)
		print_all(&reprice);
	return err;
}
