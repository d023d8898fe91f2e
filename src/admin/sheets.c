/* sheets.c: sheets status, test, compare, backfill and off. */
#include "model/sheet.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "admin/admin.h"
#include "base/clock.h"
#include "base/text.h"

#define LOOK_MS 250        /* at an order, whether it has ended */
#define PATIENCE_MS 600000 /* with an order */

static bool is_true(const struct doc *doc, const char *name)
{
	bool value = false;

	return doc_bool(doc, name, &value) && value;
}

static void print_report(struct admin *admin, const struct doc *report)
{
	if (!is_true(report, "is_set")) {
		(void)puts("no spreadsheet is set: start a runner with GOOGLE_SHEETS_ID and "
		    "GOOGLE_APPLICATION_CREDENTIALS");
		return;
	}
	(void)printf("spreadsheet  %s, tab \"%s\", %s\n", admin_text(report, "spreadsheet_id", "-"),
	    admin_text(report, "tab", "-"), is_true(report, "is_on") ? "on" : "off");
	(void)printf("shared with  %s, as Editor\n",
	    admin_text(report, "address", "(no runner has read a key file yet)"));
	(void)printf("runners      %s set to write to it; now %s\n",
	    admin_text(report, "runners", "0"), admin_text(report, "writer", "none"));
	(void)printf("written      %s, the last %s in %s\n", admin_text(report, "written", "0"),
	    admin_text(report, "last_written_at", "-"), admin_text(report, "last_range", "-"));
	(void)printf("waiting      %s, the oldest since %s; of them sent without a clear answer: "
	    "%s\n", admin_text(report, "waiting", "0"), admin_text(report, "oldest_at", "-"),
	    admin_text(report, "unclear", "0"));
	(void)printf("missing      %s by the last comparison\n",
	    admin_text(report, "missing", "0"));
	if (doc_text(report, "problem") != NULL)
		(void)printf("\nproblem since %s: %s\nnext try at %s or later\n",
		    admin_text(report, "problem_at", "-"), admin_text(report, "problem", "-"),
		    admin_text(report, "next_at", "-"));
	if (doc_text(report, "remark") != NULL)
		(void)printf("\n%s\n", doc_text(report, "remark"));
}

const struct err *admin_sheets_status(struct admin *admin)
{
	return admin_tell(admin, sheet_report, print_report);
}

/* Orders something and waits until a runner has done it; *order gets what came of it. */
static const struct err *order(struct admin *admin, const char *kind, const struct doc **out)
{
	int64_t end_ms = clock_ms() + PATIENCE_MS;
	const struct err *err = admin_open(admin);

	if (err == NULL)
		err = sheet_order(&admin->ctx, kind, admin_actor(admin));
	while (err == NULL && clock_ms() < end_ms) {
		struct doc *report = doc_object(admin->ctx.arena);

		(void)poll(NULL, 0, LOOK_MS);
		err = sheet_report(&admin->ctx, report);
		*out = doc_get(report, kind);
		if (err != NULL || text_equal(doc_text(*out, "state"), "done"))
			return err;
		if (text_equal(doc_text(*out, "state"), "failed"))
			return err_new(admin->ctx.arena, ERR_UPSTREAM, "%s",
			    admin_text(*out, "problem", "It failed."));
		if (doc_text(report, "remark") != NULL)
			return err_new(admin->ctx.arena, ERR_DOWN, "%s",
			    doc_text(report, "remark"));
	}
	return err != NULL ? err : err_new(admin->ctx.arena, ERR_DOWN,
	    "no runner has carried it out yet; \"promptbuilder sheets status\" tells more");
}

const struct err *admin_sheets_test(struct admin *admin)
{
	const struct doc *test = NULL;
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = order(admin, "test", &test);
	if (err == NULL)
		(void)printf("written: %s\n", admin_text(doc_get(test, "result"), "range", "-"));
	return err;
}

static void print_comparison(const struct doc *result)
{
	const struct doc *findings = doc_get(result, "findings");

	(void)printf("rows %s, missing %s, doubled %s, differing %s, unknown %s\n",
	    admin_text(result, "rows", "0"), admin_text(result, "missing", "0"),
	    admin_text(result, "doubled", "0"), admin_text(result, "differing", "0"),
	    admin_text(result, "unknown", "0"));
	for (size_t i = 0; i < doc_count(findings); i++) {
		const struct doc *finding = doc_at(findings, i);
		const char *row = admin_text(finding, "row", NULL);
		const char *note = doc_text(finding, "note");

		(void)printf("%-9s  %s %s%s%s%s\n", admin_text(finding, "kind", "-"),
		    admin_text(finding, "id", "-"), row != NULL ? " row " : "",
		    row != NULL ? row : "", note == NULL ? "" : row != NULL ? ": " : " ",
		    note != NULL ? note : "");
	}
}

static void print_count(int64_t rows, const char *what)
{
	(void)printf("%" PRId64 " %s\n", rows, what);
}

const struct err *admin_sheets_compare(struct admin *admin)
{
	struct option_row options[] = {{.name = "write", .is_flag = true}};
	const struct doc *comparison = NULL;
	int64_t rows = 0;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL)
		err = order(admin, "compare", &comparison);
	if (err != NULL)
		return err;
	print_comparison(doc_get(comparison, "result"));
	if (options[0].value == NULL)
		return NULL;
	err = sheet_fill(&admin->ctx, &rows);
	if (err == NULL)
		print_count(rows, rows == 1 ? "row is written again" : "rows are written again");
	return err;
}

const struct err *admin_sheets_backfill(struct admin *admin)
{
	struct option_row options[] = {{.name = "from"}};
	int64_t rows = 0;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL && options[0].value == NULL)
		err = option_error(admin, "--from is needed");
	if (err == NULL)
		err = admin_day(admin, &options[0]);
	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = sheet_backfill(&admin->ctx, options[0].value, &rows);
	if (err == NULL)
		print_count(rows, rows == 1 ? "run is queued" : "runs are queued");
	return err;
}

const struct err *admin_sheets_off(struct admin *admin)
{
	struct doc *out = doc_object(admin->ctx.arena);
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = sheet_off(&admin->ctx, out);
	if (err == NULL)
		(void)printf("%s, tab \"%s\", is off; unset GOOGLE_SHEETS_ID, or the next runner "
		    "that starts turns it on\n", admin_text(out, "spreadsheet_id", "-"),
		    admin_text(out, "tab", "-"));
	return err;
}
