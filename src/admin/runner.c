/* runner.c: runner status, drain, pause and resume. */
#include "model/runner.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/admin.h"
#include "base/text.h"

/* "12.3 s", or in minutes, hours and days. */
static const char *span(struct admin *admin, const struct doc *doc, const char *name)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
	int64_t ms = 0;
	size_t i = 0;

	if (!doc_int(doc, name, &ms))
		return "-";
	while (i + 1 < ARRAY_LEN(units) && ms < units[i].ms)
		i++;
	return arena_printf(admin->ctx.arena, "%" PRId64 ".%" PRId64 " %s", ms / units[i].ms,
	    ms % units[i].ms * 10 / units[i].ms, units[i].unit);
}

static void print_runners(struct admin *admin, const struct doc *report)
{
	static const char format[] = "%-36s  %-16s  %7s  %-8s  %-8s  %8s  %5s  %5s  %s\n";
	const struct doc *runners = doc_get(report, "runners");

	(void)printf(format, "id", "host", "pid", "version", "state", "lease", "runs", "calls",
	    "started");
	for (size_t i = 0; i < doc_count(runners); i++) {
		const struct doc *runner = doc_at(runners, i);
		bool is_listening = true;

		(void)printf(format, admin_text(runner, "id", "-"), admin_text(runner, "host", "-"),
		    admin_text(runner, "pid", "-"), admin_text(runner, "version", "-"),
		    admin_text(runner, "state", "-"), span(admin, runner, "lease_left_ms"),
		    admin_text(runner, "runs", "-"), admin_text(runner, "open_calls", "-"),
		    admin_text(runner, "started_at", "-"));
		if (doc_bool(runner, "is_listening", &is_listening) && !is_listening)
			(void)puts("  hears no notifications: it looks for work every one or two "
			    "seconds");
		if (doc_text(runner, "drain_requested_at") != NULL)
			(void)printf("  asked to drain at %s by %s\n",
			    doc_text(runner, "drain_requested_at"),
			    admin_text(runner, "drain_requested_by", "-"));
	}
}

static void print_queue(struct admin *admin, const struct doc *report)
{
	const struct doc *waiting = doc_get(report, "waiting_for");
	const struct doc *day = doc_get(report, "last_day");

	(void)printf("\nqueue      due %s, the oldest for %s; waiting %s; in flight %s runs, "
	    "%s calls\n", admin_text(report, "due", "0"), span(admin, report, "oldest_due_ms"),
	    admin_text(report, "waiting", "0"), admin_text(report, "runs", "0"),
	    admin_text(report, "open_calls", "0"));
	for (size_t i = 0; i < doc_count(waiting); i++) {
		const struct doc *reason = doc_at(waiting, i);

		(void)printf("  %s until %s or later: %s\n", admin_text(reason, "runs", "0"),
		    admin_text(reason, "next_at", "-"), admin_text(reason, "reason", "-"));
	}
	(void)printf("last 24 h  completed %s, failed %s, cancelled %s; unknown calls %s, "
	    "%s USD reserved for them\n", admin_text(day, "completed", "0"),
	    admin_text(day, "failed", "0"), admin_text(day, "cancelled", "0"),
	    admin_text(day, "unknown_calls", "0"), admin_text(day, "unknown_usd", "0"));
}

/* What keeps runs from being claimed, and what to do about it. */
static void print_finding(const struct doc *report)
{
	int64_t alive = 0, due = 0;

	(void)doc_int(report, "alive", &alive);
	(void)doc_int(report, "due", &due);
	if (doc_text(report, "paused_at") != NULL)
		(void)printf("\nclaims are paused since %s by %s: \"promptbuilder runner resume\" "
		    "lets them go on\n", doc_text(report, "paused_at"),
		    admin_text(report, "paused_by", "-"));
	if (alive == 0)
		(void)printf("\nno runner claims%s: start promptbuilder-runner\n",
		    due > 0 ? ", and runs are due" : "");
}

static void print_report(struct admin *admin, const struct doc *report)
{
	print_runners(admin, report);
	print_queue(admin, report);
	print_finding(report);
}

const struct err *admin_runner_status(struct admin *admin)
{
	return admin_tell(admin, runner_report, print_report);
}

const struct err *admin_runner_drain(struct admin *admin)
{
	struct option_row options[] = {{.name = "all", .is_flag = true}};
	struct doc *out = doc_object(admin->ctx.arena);
	const struct doc *runners;
	const char *id;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 1);

	id = option_operand(admin, 0);
	if (err == NULL && (id == NULL) == (options[0].value == NULL))
		err = option_error(admin, "an ID or --all is needed");
	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = runner_drain(&admin->ctx, id, admin_actor(admin), out);
	if (err != NULL && err->kind == ERR_MISSING)
		return err_new(admin->ctx.arena, ERR_MISSING, "\"%s\" begins the id of no live "
		    "runner, or of more than one; \"promptbuilder runner status\" shows them",
		    text_cut(admin->ctx.arena, id, 64));
	if (err != NULL)
		return err;
	runners = doc_get(out, "runners");
	for (size_t i = 0; i < doc_count(runners); i++)
		(void)printf("%s on %s, pid %s, was asked to drain\n",
		    admin_text(doc_at(runners, i), "id", "-"),
		    admin_text(doc_at(runners, i), "host", "-"),
		    admin_text(doc_at(runners, i), "pid", "-"));
	if (doc_count(runners) == 0)
		(void)puts("no runner is alive");
	return NULL;
}

const struct err *admin_runner_pause(struct admin *admin)
{
	struct doc *out = doc_object(admin->ctx.arena);
	const struct doc *pause;
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = runner_pause(&admin->ctx, admin_actor(admin), out);
	if (err != NULL)
		return err;
	pause = doc_get(out, "pause");
	(void)printf("claims are paused since %s by %s\n", admin_text(pause, "paused_at", "-"),
	    admin_text(pause, "paused_by", "-"));
	(void)fputs("next: promptbuilder runner resume\n", stderr);
	return NULL;
}

const struct err *admin_runner_resume(struct admin *admin)
{
	struct doc *out = doc_object(admin->ctx.arena);
	const struct doc *pause;
	const struct err *err = option_read(admin, NULL, 0, 0, 0);

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = runner_resume(&admin->ctx, out);
	if (err != NULL)
		return err;
	pause = doc_get(out, "pause");
	if (pause == NULL)
		(void)puts("claims were not paused");
	else
		(void)printf("claims go on; they were paused since %s by %s\n",
		    admin_text(pause, "paused_at", "-"), admin_text(pause, "paused_by", "-"));
	return NULL;
}
