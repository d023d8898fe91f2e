/* sheet.c: writes ended runs to the operator's spreadsheet, in batches, each run once.
 *
 * Rows are marked as sent in a transaction before they are sent. Google knows no key that would
 * make a repeated append harmless: where it stays open whether one has happened, the rows are
 * looked for by their ids, once the request is surely over, before they are sent again. */
#include "run/sheet.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/service_key.h"
#include "base/text.h"
#include "run/address.h"
#include "run/fault.h"

/* ---- Taking things up. ---- */

static void read_work(struct sheets *sheets)
{
	static const char *const names[] = {
		[WORK_LOOK] = "look",
		[WORK_TEST] = "test",
		[WORK_COMPARE] = "compare",
		[WORK_APPEND] = "append",
	};
	const struct db_rows *taken = sheets->taken.taken;
	const char *action = db_text(taken, 0, "action");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (text_equal(action, names[i]))
			sheets->kind = i;
	}
	sheets->work.sheet_id = sheets->sheet_id;
	sheets->work.epoch = db_text(taken, 0, "epoch");
	sheets->has_headings = text_equal(db_text(taken, 0, "head"), "empty");
}

/* Whether what was taken up is still there to be done. */
static bool has_work(const struct sheets *sheets)
{
	switch (sheets->kind) {
	case WORK_APPEND:
		return db_count(sheets->taken.rows) > 0;
	case WORK_TEST:
	case WORK_COMPARE:
		return db_count(sheets->taken.order) > 0;
	default:
		return true;
	}
}

static void on_taken(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	struct sheets *sheets = runner->sheets;
	bool is_any = !err && db_count(sheets->taken.taken) > 0;
	if (is_any)
		read_work(sheets);
	if (!is_any || !has_work(sheets)) {
		sheets->is_busy = false;
		sheets->due_ms = clock_ms() + sheets->period_ms;
		return;
	}
	FAULT_POINT("taken");
	if (runner->is_draining)
		sheet_settle_unbegun(runner);
	else
		sheet_ask(runner);
}

static void take(struct runner *runner, int64_t now_ms)
{
	struct sheets *sheets = runner->sheets;
	arena_reset(sheets->arena);
	struct db_tx *tx = db_tx(sheets->arena, NULL);
	sheet_take(tx, sheets->sheet_id, runner->self.id,
	    db_int_param(sheets->arena, 2 * sheets->timeout_ms), &sheets->taken);
	sheets->is_busy = true;
	sheets->taken_ms = now_ms;
	store_submit(runner->store, tx, on_taken, runner);
}

/* ---- Registering. ---- */

static void on_registered(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	struct sheets *sheets = runner->sheets;
	sheets->is_busy = false;
	sheets->due_ms = clock_ms() + (err ? SHEET_RETRY_MS : 0);
	if (err)
		return;
	if (!sheets->sheet_id)
		sheets->sheet_id = arena_strdup(runner->arena,
		    db_text(sheets->registered, 0, "id"));
	sheets->registered_as = runner->self.id;
}

/* Whom to share the spreadsheet with is told before anything is tried. */
static void read_address(struct runner *runner)
{
	struct sheets *sheets = runner->sheets;
	struct service_key key;
	const struct err *err = service_key_read(sheets->register_arena, sheets->key_path, &key);
	if (err)
		log_warn("the spreadsheet cannot be written", "reason", err->sentence);
	else
		sheets->address = arena_strdup(runner->arena, key.address);
	if (!err && key.is_open)
		log_warn("everybody on this machine may read the key of the service account: "
		    "chmod o-rwx", "file", sheets->key_path);
	service_key_wipe(&key);
	arena_wipe(sheets->register_arena);
}

static void do_register(struct runner *runner)
{
	struct sheets *sheets = runner->sheets;
	arena_reset(sheets->register_arena);
	if (!sheets->sheet_id)
		read_address(runner);
	struct db_tx *tx = db_tx(sheets->register_arena, NULL);
	const char *const names[] = {sheets->spreadsheet, sheets->tab, sheets->address};
	sheets->registered = sheet_register(tx, names, runner->self.id, sheets->sheet_id != NULL);
	db_repeatable(tx);
	sheets->is_busy = true;
	store_submit(runner->store, tx, on_registered, runner);
}

/* ---- For the loop. ---- */

static bool may_take(const struct runner *runner)
{
	const struct sheets *sheets = runner->sheets;
	return sheets->spreadsheet && lease_is_trusted(runner) && !runner->is_draining
	    && !sheets->is_busy;
}

void sheet_step(struct runner *runner, int64_t now_ms)
{
	struct sheets *sheets = runner->sheets;
	if (!may_take(runner) || now_ms < sheets->due_ms)
		return;
	if (sheets->registered_as != runner->self.id)
		do_register(runner);
	else
		take(runner, now_ms);
}

int64_t sheet_due_ms(const struct runner *runner)
{
	return may_take(runner) ? runner->sheets->due_ms : INT64_MAX;
}

void sheet_soon(struct runner *runner)
{
	runner->sheets->due_ms = 0;
}

bool sheet_is_busy(const struct runner *runner)
{
	return runner->sheets->is_busy;
}

void sheet_abort(struct runner *runner)
{
	struct sheets *sheets = runner->sheets;
	if (!sheets->call)
		return; /* what is under way in the database ends by itself */
	sheet_call_end(sheets->call);
	sheets->call = NULL;
	sheets->is_busy = false;
}

/* ---- Opening and closing. ---- */

/* The ID, or the address that a browser shows for it. */
static const char *id_of(struct arena *arena, const char *setting)
{
	static const char before[] = "https://docs.google.com/spreadsheets/d/";
	if (!setting || !text_starts_with(setting, before))
		return setting;
	setting += sizeof(before) - 1;
	return arena_strndup(arena, setting, strcspn(setting, "/?#"));
}

const struct err *sheet_open(struct runner *runner)
{
	static const char setting[] = "GOOGLE_SHEETS_BASE_URL";
	const struct conf *conf = runner->conf;
	struct arena *arena = runner->arena;
	struct sheets *sheets = arena_alloc(arena, sizeof(*sheets));
	struct address address;
	runner->sheets = sheets;
	sheets->spreadsheet = id_of(arena, conf_text(conf, "GOOGLE_SHEETS_ID"));
	sheets->tab = conf_text(conf, "GOOGLE_SHEETS_TAB");
	sheets->key_path = conf_text(conf, "GOOGLE_APPLICATION_CREDENTIALS");
	sheets->ca_file = conf_text(conf, "PROMPTBUILDER_CA_FILE");
	sheets->timeout_ms = conf_int(conf, "GOOGLE_SHEETS_TIMEOUT_MS");
	sheets->period_ms = conf_int(conf, "GOOGLE_SHEETS_PERIOD_MS");
	sheets->connect_ms = conf_int(conf, "PROMPTBUILDER_CONNECT_TIMEOUT_MS");
	sheets->base = conf_text(conf, setting);
	sheets->arena = arena_new();
	sheets->token_arena = arena_new();
	sheets->register_arena = arena_new();
	if (!sheets->spreadsheet)
		return NULL;
	size_t len = strlen(sheets->base);
	while (len > 0 && sheets->base[len - 1] == '/')
		len--;
	sheets->base = arena_strndup(arena, sheets->base, len);
	return address_read(arena, setting, sheets->base, &address);
}

void sheet_close(struct runner *runner)
{
	struct sheets *sheets = runner->sheets;
	sheet_abort(runner);
	arena_wipe(sheets->arena);
	arena_reset(sheets->arena);
	sheet_drop_token(sheets);
	arena_free(sheets->arena);
	arena_free(sheets->token_arena);
	arena_free(sheets->register_arena);
}
