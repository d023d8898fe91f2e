/* deployment_test.c: environments: what they serve, approvals, rules, history, deletion. */
#include "model/deployment.h"

#include <string.h>

#include "model/version.h"
#include "world.h"

static const char *version(int number)
{
	struct world_run run = world_run(north, arena_printf(arena, "pipeline_%d", number));
	const char *id = world_version(&run, number, "draft");

	world_value("UPDATE pipeline_runs SET prompt_version_id = '%s' WHERE id = '%s'", id, run.id);
	ck_assert_fine(version_move(at_north, id, &(struct version_move){"final", 0},
	    doc_object(arena)));
	return id;
}

static const struct err *deploy(struct ctx *ctx, const char *id, const char *environment)
{
	return deployment_deploy(ctx, id, &(struct deployment_change){environment, "why", NULL, false},
	    doc_object(arena));
}

static const struct err *replace(const char *id, const char *replaces)
{
	return deployment_deploy(at_north, id, &(struct deployment_change){"production", NULL,
	    replaces, true}, doc_object(arena));
}

/* "production v1, staging -" */
static const char *served(void)
{
	return world_value("SELECT string_agg(d.environment || ' ' || coalesce(v.version, '-'), ', '"
	    " ORDER BY d.environment) FROM deployments d"
	    " LEFT JOIN prompt_versions v ON v.id = d.prompt_version_id");
}

static const char *status(const char *id)
{
	return world_value("SELECT status FROM prompt_versions WHERE id = '%s'", id);
}

START_TEST(one_takes_the_place_of_another)
{
	const char *one = version(1), *two = version(2);
	const char *assistant = world_value("SELECT id FROM assistants");

	ck_assert_fine(deploy(at_north, one, "production"));
	ck_assert_fine(deploy(at_north, one, "staging"));
	ck_assert_fine(deploy(at_north, two, "production"));
	ck_assert_str_eq(served(), "production v2, staging v1");
	ck_assert_str_eq(status(one), "deployed");
	ck_assert_fine(deployment_withdraw(at_north, assistant,
	    &(struct deployment_change){"staging", NULL, one, true}, doc_object(arena)));
	ck_assert_str_eq(status(one), "final");
	ck_assert_fine(deploy(at_north, one, "production"));
	ck_assert_str_eq(served(), "production v1, staging -");
	ck_assert_str_eq(status(two), "final");
	ck_assert_str_eq(world_value("SELECT string_agg(kind, ' ' ORDER BY created_at)"
	    " FROM deployment_events"), "deploy deploy deploy withdraw rollback");
	ck_assert_str_eq(world_value("SELECT string_agg(DISTINCT kind, ' ' ORDER BY kind) FROM outbox"),
	    "prompt.deploy prompt.rollback prompt.withdraw");
	ck_assert_str_eq(world_value("SELECT count(*) FROM audit_entries WHERE action ="
	    " 'version.deploy' AND account_id = '%s'", north), "5");
	ck_assert_fine(version_move(at_north, one, &(struct version_move){"archived", 0},
	    doc_object(arena)));
	ck_assert_str_eq(served(), "production -, staging -");
}
END_TEST

START_TEST(what_is_refused_changes_nothing)
{
	const char *one = version(1), *two = version(2);
	const char *assistant = world_value("SELECT id FROM assistants");
	struct deployment_change nothing = {"staging", NULL, NULL, false};
	const struct err *err;

	ck_assert_err(replace(two, one), ERR_CONFLICT);
	ck_assert_fine(replace(one, NULL));
	err = replace(two, NULL);
	ck_assert_err(err, ERR_CONFLICT);
	ck_assert_str_eq(err->sentence, "In production v1 is deployed now.");
	ck_assert_str_eq(doc_text(doc_get(doc_get(err->facts, "present"), "deployed"), "production"),
	    one);
	ck_assert_err(replace(one, one), ERR_CONFLICT);
	err = deploy(at_north, two, "moon");
	ck_assert_err(err, ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err->sentence, "it has production, staging"));
	ck_assert_err(deployment_withdraw(at_north, assistant, &nothing, doc_object(arena)),
	    ERR_CONFLICT);
	ck_assert_err(deploy(at_south, two, "production"), ERR_MISSING);
	ck_assert_err(deployment_withdraw(at_south, assistant, &nothing, doc_object(arena)),
	    ERR_MISSING);
	ck_assert_fine(version_move(at_north, two, &(struct version_move){"draft", 0},
	    doc_object(arena)));
	err = deploy(at_north, two, "staging");
	ck_assert_err(err, ERR_CONFLICT);
	ck_assert_str_eq(err->sentence, "v2 is draft: only a final version can be deployed.");
	ck_assert_str_eq(served(), "production v1");
	ck_assert_str_eq(world_value("SELECT count(*) FROM deployment_events"), "1");
}
END_TEST

/* Somebody of north by a name and a token. */
static struct ctx *member(const char *name, const char *token_id)
{
	struct ctx *ctx = arena_alloc(arena, sizeof(*ctx));

	*ctx = *at_north;
	ctx->origin = "::1";
	ctx->access.name = name;
	ctx->access.token_id = token_id;
	return ctx;
}

#define TOKEN(n) "01900000-0000-7000-8000-0000000000f" #n

START_TEST(a_second_person_approves)
{
	const char *one = version(1);
	struct ctx *ann = member("Ann", TOKEN(1)), *bob = member("Bob", TOKEN(2));
	struct deployment_rules on = {NULL, "true"}, off = {NULL, "false"};

	ck_assert_fine(deployment_set_rules(at_north, north, &on, doc_object(arena)));
	ck_assert_err(deploy(ann, one, "production"), ERR_CONFLICT);
	ck_assert_fine(version_approve(ann, one, doc_object(arena)));
	ck_assert_err(version_approve(ann, one, doc_object(arena)), ERR_CONFLICT);
	ck_assert_err(deploy(ann, one, "production"), ERR_CONFLICT);
	ck_assert_err(deploy(member("Ann", TOKEN(3)), one, "production"), ERR_CONFLICT);
	ck_assert_err(deploy(member("Nan", TOKEN(1)), one, "production"), ERR_CONFLICT);
	ck_assert_fine(deploy(bob, one, "production"));
	ck_assert_err(version_approve(at_south, one, doc_object(arena)), ERR_MISSING);
	ck_assert_err(deployment_set_rules(at_north, north, &off, doc_object(arena)), ERR_DENIED);
	ck_assert_fine(deployment_set_rules(operator, north, &off, doc_object(arena)));
	ck_assert_str_eq(world_value("SELECT string_agg(actor, ' ') FROM version_approvals"), "Ann");
}
END_TEST

START_TEST(who_made_a_version_does_not_approve_it)
{
	const char *one = version(1), *edited;
	struct ctx *ann = member("Ann", TOKEN(1)), *bob = member("Bob", TOKEN(2));
	struct deployment_rules on = {NULL, "true"};

	edited = world_value("WITH who AS MATERIALIZED (SELECT set_config('app.actor',"
	    " '{\"name\": \"Ann\", \"token_id\": \"" TOKEN(1) "\"}', true) AS x)"
	    " INSERT INTO prompt_versions (account_id, assistant_id, version, version_number, origin,"
	    " parent_id, prompt_content, prompt_hash, injection_content, created_by)"
	    " SELECT account_id, assistant_id, 'v2', 2, 'edit', id, 'P', 'q', 'x', 'Bob'"
	    " FROM prompt_versions, who WHERE id = '%s' AND x IS NOT NULL RETURNING id", one);
	ck_assert_str_eq(world_value("SELECT created_by || ' ' || created_token FROM prompt_versions"
	    " WHERE id = '%s'", edited), "Ann " TOKEN(1));
	ck_assert_fine(version_move(at_north, edited, &(struct version_move){"final", 0},
	    doc_object(arena)));
	ck_assert_fine(deployment_set_rules(at_north, north, &on, doc_object(arena)));
	ck_assert_err(version_approve(ann, edited, doc_object(arena)), ERR_DENIED);
	ck_assert_err(version_approve(member("Nan", TOKEN(1)), edited, doc_object(arena)), ERR_DENIED);
	ck_assert_fine(version_approve(bob, edited, doc_object(arena)));
	ck_assert_err(deploy(bob, edited, "production"), ERR_CONFLICT);
	ck_assert_fine(deploy(ann, edited, "production"));
}
END_TEST

static const struct err *environments(struct ctx *ctx, const char *const *names)
{
	struct doc *list = doc_array(arena);

	for (; *names; names++)
		doc_push_text(list, *names);
	return deployment_set_rules(ctx, north, &(struct deployment_rules){list, NULL},
	    doc_object(arena));
}

START_TEST(environments_are_named_and_kept)
{
	const char *one = version(1);
	static const char *const bad[][3] = {{"Prod", NULL}, {"a_b", NULL}, {"9a", NULL}, {"a,b", NULL},
	    {"a", "a", NULL}, {NULL},
	    {"abcdefghijklmnopqrstuvwxyzabcdefg", NULL}};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_err(environments(at_north, bad[i]), ERR_INVALID);
	ck_assert_fine(environments(at_north, (const char *const[]){"live", "canary-2", NULL}));
	ck_assert_fine(version_move(at_north, one, &(struct version_move){"deployed", 0},
	    doc_object(arena)));
	ck_assert_str_eq(served(), "live v1");
	ck_assert_err(environments(at_north, (const char *const[]){"canary-2", NULL}), ERR_CONFLICT);
	ck_assert_err(environments(at_south, (const char *const[]){"live", NULL}), ERR_MISSING);
	ck_assert_str_eq(world_value("SELECT details ->> 'environments' FROM audit_entries"
	    " WHERE action = 'account.change' AND account_id = '%s' ORDER BY seq DESC LIMIT 1",
	    north), "[\"live\", \"canary-2\"]");
}
END_TEST

START_TEST(an_assistant_has_its_history)
{
	const char *one = version(1), *two = version(2);
	const char *assistant = world_value("SELECT id FROM assistants");
	struct deployment_filter filter = {north, "desk", NULL, 2};
	struct doc *page = doc_object(arena), *list;

	world_value("UPDATE pipeline_runs SET total_cost_usd = 0.25");
	ck_assert_fine(deploy(at_north, one, "production"));
	ck_assert_fine(deploy(at_north, two, "production"));
	ck_assert_fine(deploy(at_north, one, "staging"));
	ck_assert_fine(deployment_get(at_north, &filter, page));
	list = doc_get(page, "events");
	ck_assert_uint_eq(doc_count(list), 2);
	ck_assert_str_eq(doc_text(doc_at(list, 0), "environment"), "staging");
	filter.cursor = doc_text(page, "next_cursor");
	filter.assistant = assistant;
	filter.account_id = NULL;
	page = doc_object(arena);
	ck_assert_fine(deployment_get(at_north, &filter, page));
	list = doc_get(page, "events");
	ck_assert_uint_eq(doc_count(list), 1);
	ck_assert_str_eq(doc_scalar(doc_get(doc_at(list, 0), "is_offered")), "1");
	ck_assert_str_eq(doc_text(doc_at(list, 0), "present_version_id"), two);
	list = doc_get(page, "prompt_versions");
	ck_assert_str_eq(doc_scalar(doc_get(doc_at(list, 0), "score_change")), "0.00");
	ck_assert_str_eq(doc_text(doc_at(list, 0), "median_cost_usd"), "0.250000000");
	ck_assert_str_eq(doc_scalar(doc_get(doc_at(list, 1), "runs")), "1");
	list = doc_get(page, "environments");
	ck_assert_str_eq(doc_text(doc_at(list, 0), "version"), "v2");
	ck_assert_err(deployment_get(at_south, &filter, doc_object(arena)), ERR_MISSING);
}
END_TEST

START_TEST(a_deleted_account_serves_nothing)
{
	const char *one = version(1), *two = version(2);

	ck_assert_fine(deploy(at_north, one, "production"));
	ck_assert_fine(version_note_add(at_north, one, "Secret", doc_object(arena)));
	world_value("INSERT INTO prompt_versions (account_id, assistant_id, version, version_number,"
	    " origin, message, prompt_content, prompt_hash, injection_content)"
	    " SELECT account_id, id, 'v3', 3, 'import', 'Secret', 'Secret', 'h', 'Secret'"
	    " FROM assistants");
	world_value("UPDATE jobs SET state = 'done'");
	world_value("UPDATE pipeline_runs SET status = 'completed'");
	world_value("WITH who AS MATERIALIZED (SELECT set_config('app.operator', 'on', true) AS x)"
	    " SELECT account_delete('%s', 'Op', true) FROM who WHERE x = 'on'", north);
	ck_assert_str_eq(served(), "production -");
	ck_assert_err(deploy(at_north, two, "production"), ERR_CONFLICT);
	ck_assert_err(version_note_add(at_north, two, "x", doc_object(arena)), ERR_CONFLICT);
	while (*world_value("SELECT is_done FROM account_delete_step(NULL)") == 'f')
		;
	ck_assert_str_eq(world_value("SELECT (counts ->> 'prompts') || ' ' || (completed_at IS NOT NULL)"
	    " FROM account_deletions"), "3 true");
	ck_assert_str_eq(world_value("SELECT (SELECT count(*) FROM prompt_versions v"
	    " WHERE v::text LIKE '%%Secret%%' OR prompt_content <> '') + (SELECT count(*) FROM"
	    " version_notes) + (SELECT count(*) FROM deployment_events WHERE reason IS NOT NULL)"), "0");
	ck_assert_str_eq(world_value("SELECT count(*) FROM outbox"), "0");
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		one_takes_the_place_of_another, what_is_refused_changes_nothing,
		a_second_person_approves, who_made_a_version_does_not_approve_it,
		environments_are_named_and_kept, an_assistant_has_its_history,
		a_deleted_account_serves_nothing,
	};

	return world_main("deployment", tests, ARRAY_LEN(tests));
}
