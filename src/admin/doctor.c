/* doctor.c: is this installation well? One line a finding; what is wrong says what to do. */
#include <stdio.h>

#include "admin/admin.h"
#include "base/text.h"
#include "model/installation.h"

enum finding { FINDING_FINE, FINDING_WARNING, FINDING_FAILURE };

/* Prints a finding; the exit status is the worst of all. */
static void found(struct admin *admin, enum finding finding, const char *sentence)
{
	static const char *const words[] = {"ok     ", "warning", "FAILED "};

	(void)printf("%s  %s\n", words[finding], sentence);
	if (admin->status < (int)finding)
		admin->status = (int)finding;
}

/* One of two findings. */
static void check(struct admin *admin, bool is_fine, enum finding otherwise,
    const char *fine_sentence, const char *sentence)
{
	found(admin, is_fine ? FINDING_FINE : otherwise, is_fine ? fine_sentence : sentence);
}

static const struct err *doctor_schema(struct admin *admin)
{
	struct migrate_report report = {0};
	const struct err *err = migrate(admin->ctx.db, admin->ctx.arena,
	    admin_data(admin, "sql/migrations"), true, &report);

	if (err != NULL)
		return err;
	check(admin, report.pending == 0, FINDING_FAILURE, "the schema is current",
	    "migrations are pending: run \"promptbuilder migrate\"");
	return NULL;
}

/* The checks that the page /installation shows, too. */
static const struct err *doctor_installation(struct admin *admin)
{
	struct doc *report = doc_object(admin->ctx.arena);
	const struct err *err = installation_report(&admin->ctx, NULL, report);
	const struct doc *checks = doc_get(report, "checks");

	for (size_t i = 0; err == NULL && i < doc_count(checks); i++) {
		const struct doc *row = doc_at(checks, i);
		const char *state = doc_text(row, "state"), *remedy = doc_text(row, "remedy");

		found(admin, text_equal(state, "ok") ? FINDING_FINE : text_equal(state, "warn") ?
		    FINDING_WARNING : FINDING_FAILURE, arena_printf(admin->ctx.arena,
		    "%s: %s%s%s", doc_text(row, "check"), doc_text(row, "found"),
		    remedy != NULL ? ". " : "", remedy != NULL ? remedy : ""));
	}
	return err;
}

static const struct err *doctor_invariants(struct admin *admin)
{
	struct arena *arena = admin->ctx.arena;
	const struct err *err = NULL;

	for (size_t i = 0; err == NULL && i < invariant_count; i++) {
		const struct invariant *invariant = &invariants[i];
		const char *places[] = {admin_places(admin)};
		struct db_rows *rows;

		err = admin_query(admin, invariant->sql, places, invariant->needs_places, &rows);
		if (err == NULL && db_count(rows) == 0)
			found(admin, FINDING_FINE, invariant->holds);
		else if (err == NULL)
			found(admin, FINDING_FAILURE, arena_printf(arena,
			    "%s: not so in %zu cases, for one: %s", invariant->holds,
			    db_count(rows), invariant_breach(arena, rows, 0)));
	}
	return err;
}

/* What pages show are these sums: where they tie with the lines, pages, JSON and CSV do. */
static const struct err *doctor_sums(struct admin *admin)
{
	const char *sentence;
	size_t months;
	const struct err *err = admin_ledger_differs(admin, NULL, NULL, &months, &sentence);

	if (err == NULL)
		check(admin, sentence == NULL, FINDING_FAILURE,
		    "the kept sums are what the lines of the ledger add up to", sentence);
	return err;
}

static const struct err *doctor_zone(struct admin *admin)
{
	const char *zone = conf_text(admin->ctx.conf, "PROMPTBUILDER_TIME_ZONE");
	struct db_rows *rows;
	const struct err *err = admin_run(admin, &rows, SQL_ZONE_IS_READY, zone, NULL);

	if (err == NULL)
		check(admin, db_bool(rows, 0, "is_ready"), FINDING_WARNING,
		    arena_printf(admin->ctx.arena, "the days of %s are kept added up", zone),
		    arena_printf(admin->ctx.arena, "the days of %s, the zone of this installation, "
		    "are not kept added up: run \"promptbuilder zone add %s\"", zone, zone));
	return err;
}

static const struct err *doctor_provider(struct admin *admin)
{
	check(admin, conf_text(admin->ctx.conf, "ANTHROPIC_API_KEY") != NULL, FINDING_WARNING,
	    "a provider key is set", "ANTHROPIC_API_KEY is not set: runs will fail");
	return NULL;
}

/* Roles, grants and policies, read off the catalog. */
static const struct err *doctor_rights(struct admin *admin)
{
	struct db_rows *rows;
	const struct err *err = admin_run(admin, &rows, SQL_INSTALLATION_FAULTS);

	if (err == NULL && db_count(rows) == 0)
		found(admin, FINDING_FINE, "row security is forced, and nobody has more rights");
	for (size_t i = 0; err == NULL && i < db_count(rows); i++)
		found(admin, FINDING_FAILURE, db_text(rows, i, "fault"));
	return err;
}

typedef const struct err *(*doctor_part)(struct admin *admin);

static const struct err *doctor_run(struct admin *admin, const doctor_part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct err *err = parts[i](admin);

		if (err != NULL) {
			found(admin, FINDING_FAILURE, err->sentence);
			return NULL; /* what follows would only say it again */
		}
		/* A schema that is behind lacks the tables that the other parts ask. */
		if (i == 0 && admin->status == FINDING_FAILURE)
			return NULL;
	}
	return NULL;
}

const struct err *admin_doctor_data(struct admin *admin)
{
	static const doctor_part parts[] = {
		doctor_schema, doctor_rights, doctor_invariants, doctor_sums,
	};

	return doctor_run(admin, parts, ARRAY_LEN(parts));
}

const struct err *admin_doctor(struct admin *admin)
{
	static const doctor_part parts[] = {
		doctor_schema, doctor_installation, doctor_invariants, doctor_sums, doctor_zone,
		doctor_provider,
	};
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = admin_open(admin);
	return err != NULL ? err : doctor_run(admin, parts, ARRAY_LEN(parts));
}
