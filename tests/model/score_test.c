/* score_test.c: versions made by hand, runs that score one, and what differs between two. */
#include "model/score.h"

#include <string.h>

#include "model/run.h"
#include "model/version_diff.h"
#include "world.h"

static const char *parent; /* v1, made by a run */

static struct world_run begin(void)
{
	struct world_run run = world_run(north, "pipeline_1");

	parent = world_version(&run, 1, "final");
	at_north->origin = "::1";
	return run;
}

static const struct err *edit(struct ctx *ctx, const char *content, const char *key,
    struct doc *out)
{
	return version_edit(ctx, &(struct version_edit){.parent_id = parent, .content = content,
	    .message = "Shorter", .is_scored = key != NULL, .how = {.idempotency_key = key}}, out);
}

static const char *edited(const char *content, const char *key)
{
	struct doc *made = doc_object(arena);

	ck_assert_fine(edit(at_north, content, key, made));
	return doc_text(made, "id");
}

START_TEST(an_edit_makes_a_draft)
{
	struct doc *made = doc_object(arena);
	const char *id;

	begin();
	ck_assert_fine(edit(at_north, "Zeile\nmit \"Ümlaut\"\n", NULL, made));
	id = doc_text(made, "id");
	ck_assert_str_eq(doc_text(made, "version"), "v2");
	ck_assert_ptr_null(doc_get(made, "score_run"));
	ck_assert_str_eq(world_value("SELECT concat_ws('|', version_number, status, origin,"
	    " parent_id = '%s', created_by, message, prompt_content, total_iterations,"
	    " final_score, pipeline_run_id) FROM prompt_versions WHERE id = '%s'", parent, id),
	    "2|draft|edit|t|north|Shorter|Zeile\nmit \"Ümlaut\"\n|0");
	ck_assert_str_eq(world_value("SELECT prompt_hash = encode(sha256(prompt_content::bytea),"
	    " 'hex') FROM prompt_versions WHERE id = '%s'", id), "t");
	ck_assert_ptr_nonnull(strstr(world_value("SELECT injection_content FROM prompt_versions"
	    " WHERE id = '%s'", id), "\"Zeile\\nmit \\\"Ümlaut\\\"\\n\""));
	ck_assert_str_eq(world_value("SELECT count(*) FROM pipeline_runs"), "1");
	ck_assert_str_eq(world_value("SELECT count(*) FROM audit_entries"
	    " WHERE account_id = '%s' AND action = 'version.make'", north), "1");
}
END_TEST

START_TEST(a_text_is_there_once)
{
	const struct err *err;

	begin();
	edited("One", NULL);
	edited("Two", NULL);
	err = edit(at_north, "One", NULL, doc_object(arena));
	ck_assert_err(err, ERR_CONFLICT);
	ck_assert_str_eq(err->sentence, "v2 has this text already (it is draft).");
	/* What retention has dropped can be made again. */
	world_value("UPDATE prompt_versions SET prompt_content = '', injection_content = '',"
	    " pruned_at = now() WHERE version = 'v2'");
	ck_assert_fine(edit(at_north, "One", NULL, doc_object(arena)));
	ck_assert_str_eq(world_value("SELECT string_agg(version, ' ' ORDER BY version_number)"
	    " FROM prompt_versions"), "v1 v2 v3 v4");
}
END_TEST

START_TEST(an_edit_queues_its_run)
{
	struct doc *made = doc_object(arena), *again = doc_object(arena);

	begin();
	ck_assert_fine(edit(at_north, "One", "key", made));
	ck_assert_str_eq(doc_text(doc_get(made, "score_run"), "status"), "queued");
	ck_assert_str_eq(world_value("SELECT concat_ws('|', r.kind, r.status, j.state, r.model,"
	    " r.iteration_limit, r.briefing_id, r.briefing_data, r.prompt_version_id = '%s')"
	    " FROM pipeline_runs r JOIN jobs j ON j.pipeline_run_id = r.id"
	    " WHERE r.kind = 'score'", doc_text(made, "id")), "score|queued|queued|claude-sonnet-5"
	    "|0|briefing_1|{\"model\": \"claude-sonnet-5\", \"company\": \"Bikes\"}|t");
	/* Sent twice, it is the same one; the key is for nothing else. */
	ck_assert_fine(edit(at_north, "One", "key", again));
	ck_assert_str_eq(doc_text(again, "id"), doc_text(made, "id"));
	ck_assert_err(edit(at_north, "Two", "key", doc_object(arena)), ERR_INVALID);
	ck_assert_err(edit(at_north, "One", "other", doc_object(arena)), ERR_CONFLICT);
	ck_assert_str_eq(world_value("SELECT count(*) FROM prompt_versions"), "2");
}
END_TEST

START_TEST(no_money_no_scored_edit)
{
	begin();
	world_value("INSERT INTO budgets (account_id, period, zone, cap_usd, thresholds,"
	    " created_by) VALUES ('%s', 'month', 'UTC', 0, '{}', 'me')", north);
	ck_assert_err(edit(at_north, "One", "key", doc_object(arena)), ERR_BUDGET);
	ck_assert_str_eq(world_value("SELECT count(*) FROM prompt_versions"), "1");
	ck_assert_fine(edit(at_north, "One", NULL, doc_object(arena)));
}
END_TEST

START_TEST(others_and_dropped_texts_are_not_edited)
{
	begin();
	ck_assert_err(edit(at_south, "One", NULL, doc_object(arena)), ERR_MISSING);
	ck_assert_fine(edit(operator, "One", NULL, doc_object(arena)));
	world_value("UPDATE prompt_versions SET status = 'draft' WHERE version = 'v1'");
	world_value("UPDATE prompt_versions SET prompt_content = '', injection_content = '',"
	    " pruned_at = now() WHERE version = 'v1'");
	ck_assert_err(edit(at_north, "Two", NULL, doc_object(arena)), ERR_GONE);
	parent = "nonsense";
	ck_assert_err(edit(at_north, "Two", NULL, doc_object(arena)), ERR_MISSING);
}
END_TEST

static const struct err *score(struct ctx *ctx, const char *id, const char *key, struct doc *out)
{
	return score_launch(ctx, id, &(struct score_how){.idempotency_key = key}, out);
}

START_TEST(a_version_is_scored_once)
{
	struct doc *run = doc_object(arena), *again = doc_object(arena);
	const struct err *err;
	const char *id;

	begin();
	id = edited("One", NULL);
	err = score(at_north, parent, NULL, doc_object(arena));
	ck_assert_err(err, ERR_CONFLICT);
	ck_assert_str_eq(err->sentence, "v1 has its score already: 91.50.");
	ck_assert_err(score(at_south, id, NULL, doc_object(arena)), ERR_MISSING);
	ck_assert_fine(score(at_north, id, "key", run));
	ck_assert_str_eq(doc_text(run, "version_id"), id);
	ck_assert_fine(score(at_north, id, "key", again));
	ck_assert_str_eq(doc_text(again, "id"), doc_text(run, "id"));
	err = score(at_north, id, NULL, doc_object(arena));
	ck_assert_err(err, ERR_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err->sentence, "v2 is being scored already, by pipeline_"));
	ck_assert_err(score(at_north, edited("Two", NULL), "key", doc_object(arena)), ERR_INVALID);
}
END_TEST

START_TEST(a_failed_scoring_is_tried_again_unless_needless)
{
	struct doc *first = doc_object(arena), *second = doc_object(arena);
	const struct err *err;
	const char *id;

	begin();
	id = edited("One", NULL);
	ck_assert_fine(score(at_north, id, NULL, first));
	world_value("UPDATE pipeline_runs SET status = 'failed' WHERE kind = 'score';"
	    " UPDATE jobs SET state = 'done'");
	ck_assert_fine(score(at_north, id, NULL, second));
	err = run_retry(at_north, doc_text(first, "id"), doc_object(arena));
	ck_assert_err(err, ERR_CONFLICT);
	ck_assert_ptr_nonnull(strstr(err->sentence, "another run is scoring it"));
	world_value("UPDATE pipeline_runs SET status = 'failed' WHERE id = '%s'",
	    doc_text(second, "id"));
	ck_assert_fine(run_retry(at_north, doc_text(first, "id"), doc_object(arena)));
	world_value("UPDATE prompt_versions SET final_score = 70 WHERE id = '%s'", id);
	ck_assert_err(run_retry(at_north, doc_text(second, "id"), doc_object(arena)), ERR_CONFLICT);
}
END_TEST

START_TEST(a_version_without_a_run_has_a_plain_briefing)
{
	begin();
	world_value("ALTER TABLE prompt_versions DISABLE TRIGGER tr_guard;"
	    " UPDATE prompt_versions SET origin = 'import', pipeline_run_id = NULL;"
	    " ALTER TABLE prompt_versions ENABLE TRIGGER tr_guard");
	edited("One", "key");
	ck_assert_str_eq(world_value("SELECT concat_ws('|', briefing_data ->> 'assistantId',"
	    " briefing_data ->> 'company', briefing_data ->> 'purpose', target_score)"
	    " FROM pipeline_runs WHERE kind = 'score'"), "desk|North|No briefing is known: judge the"
	    " prompt by what it says itself.|90");
}
END_TEST

START_TEST(the_briefing_comes_through_several_hands)
{
	begin();
	parent = edited("One", NULL);
	parent = edited("Two", NULL);
	edited("Three", "key");
	ck_assert_str_eq(world_value("SELECT briefing_data ->> 'company' FROM pipeline_runs"
	    " WHERE kind = 'score'"), "Bikes");
}
END_TEST

START_TEST(an_unknown_model_is_refused)
{
	const struct err *err;
	const char *id;

	begin();
	id = edited("One", NULL);
	err = score_launch(at_north, id, &(struct score_how){.model = "gpt"}, doc_object(arena));
	ck_assert_err(err, ERR_INVALID);
	ck_assert_str_eq(err->fields->name, "model");
}
END_TEST

/* ---- What differs. ---- */

static const char *diff_json(const char *id, const char *against, bool is_side)
{
	struct doc *out = doc_object(arena);

	ck_assert_fine(version_diff(at_north, &(struct version_diff_ask){.id = id,
	    .against = against, .context = 1, .is_side = is_side}, out));
	doc_remove(out, "version");
	doc_remove(out, "against");
	return world_json(out);
}

START_TEST(a_difference_has_hunks_lines_and_words)
{
	const char *id;

	begin();
	parent = edited("keep\nwarm and kind words\nkeep\nkeep\nlast\r\n", NULL);
	id = edited("keep\nwarm and short words\nkeep\nkeep\nlast", NULL);
	ck_assert_str_eq(diff_json(id, NULL, false), "{\"effect\":{\"score_difference\":null,"
	    "\"cost_difference_usd\":null,\"character_difference\":-1},\"is_equal\":false,"
	    "\"lines_deleted\":2,\"lines_inserted\":2,\"hunks\":["
	    "{\"old_from\":1,\"old_count\":5,\"new_from\":1,\"new_count\":5,\"lines\":["
	    "{\"kind\":\"keep\",\"old\":1,\"new\":1,\"text\":\"keep\"},"
	    "{\"kind\":\"delete\",\"old\":2,\"text\":\"warm and kind words\",\"parts\":["
	    "{\"text\":\"warm and \",\"is_changed\":false},{\"text\":\"kind\",\"is_changed\":true},"
	    "{\"text\":\" words\",\"is_changed\":false}]},"
	    "{\"kind\":\"insert\",\"new\":2,\"text\":\"warm and short words\",\"parts\":["
	    "{\"text\":\"warm and \",\"is_changed\":false},{\"text\":\"short\",\"is_changed\":true},"
	    "{\"text\":\" words\",\"is_changed\":false}]},"
	    "{\"kind\":\"keep\",\"old\":3,\"new\":3,\"text\":\"keep\"},"
	    "{\"kind\":\"keep\",\"old\":4,\"new\":4,\"text\":\"keep\"},"
	    "{\"kind\":\"delete\",\"old\":5,\"text\":\"last\\r\",\"is_cr\":true,\"parts\":["
	    "{\"text\":\"last\",\"is_changed\":false},{\"text\":\"\\r\",\"is_changed\":true}]},"
	    "{\"kind\":\"insert\",\"new\":5,\"text\":\"last\",\"no_newline\":true,\"parts\":["
	    "{\"text\":\"last\",\"is_changed\":false}]}]}],\"is_coarse\":false,\"is_cut\":false}");
	ck_assert_ptr_nonnull(strstr(diff_json(id, "v2", true), "\"rows\":[{\"old\":{\"kind\":\"keep\""));
	ck_assert_ptr_nonnull(strstr(diff_json(id, "v3", false), "\"is_equal\":true"));
}
END_TEST

START_TEST(the_effect_is_told_exactly)
{
	struct world_run run = begin();
	struct doc *out = doc_object(arena);
	const char *id = edited("One", "key");
	struct world_run scored = {.id = world_value("SELECT id FROM pipeline_runs"
	    " WHERE kind = 'score'")};

	world_cost(&run, "prompt_generation", "10", "20", "0.123456789");
	world_cost(&scored, "prompt_analysis", "10", "20", "0.000000001");
	world_value("UPDATE prompt_versions SET final_score = 88.25 WHERE id = '%s'", id);
	ck_assert_fine(version_diff(at_north, &(struct version_diff_ask){.id = id, .context = 3},
	    out));
	ck_assert_str_eq(world_json(doc_get(out, "effect")), "{\"score_difference\":\"-3.25\","
	    "\"cost_difference_usd\":\"-0.123456788\",\"character_difference\":-5}");
	ck_assert_str_eq(doc_text(doc_get(out, "version"), "cost_usd"), "0.000000001");
	ck_assert_str_eq(doc_text(doc_get(out, "against"), "cost_usd"), "0.123456789");
	ck_assert_ptr_null(doc_get(doc_get(out, "version"), "run_cost_usd"));
}
END_TEST

START_TEST(there_must_be_two_texts)
{
	struct version_diff_ask ask = {.context = 3};
	const char *id;

	begin();
	id = edited("One", NULL);
	ask.id = parent;
	ck_assert_err(version_diff(at_north, &ask, doc_object(arena)), ERR_MISSING);
	ask.against = "v9";
	ck_assert_err(version_diff(at_north, &ask, doc_object(arena)), ERR_MISSING);
	ask.against = "v2";
	ck_assert_fine(version_diff(at_north, &ask, doc_object(arena)));
	ck_assert_err(version_diff(at_south, &ask, doc_object(arena)), ERR_MISSING);
	ask = (struct version_diff_ask){.id = id, .against = parent};
	world_value("UPDATE prompt_versions SET prompt_content = '', injection_content = '',"
	    " pruned_at = now() WHERE id = '%s'", id);
	ck_assert_err(version_diff(at_north, &ask, doc_object(arena)), ERR_GONE);
}
END_TEST

START_TEST(a_long_difference_is_cut)
{
	struct buf *old = buf_new(arena, 1u << 20), *new = buf_new(arena, 1u << 20);
	struct doc *out = doc_object(arena);
	bool is_cut = false;

	begin();
	for (int i = 0; i < 20000; i++) {
		buf_printf(old, "old %d\n", i);
		buf_printf(new, "new %d\n", i);
	}
	parent = edited(old->data, NULL);
	ck_assert_fine(version_diff(at_north, &(struct version_diff_ask){
	    .id = edited(new->data, NULL), .context = VERSION_DIFF_CONTEXT_ALL}, out));
	ck_assert(doc_bool(out, "is_cut", &is_cut) && is_cut);
	ck_assert_uint_eq(doc_count(doc_get(doc_at(doc_get(out, "hunks"), 0), "lines")),
	    VERSION_DIFF_LINES_MAX);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {an_edit_makes_a_draft, a_text_is_there_once,
	    an_edit_queues_its_run, no_money_no_scored_edit,
	    others_and_dropped_texts_are_not_edited, a_version_is_scored_once,
	    a_failed_scoring_is_tried_again_unless_needless,
	    a_version_without_a_run_has_a_plain_briefing, the_briefing_comes_through_several_hands,
	    an_unknown_model_is_refused, a_difference_has_hunks_lines_and_words,
	    the_effect_is_told_exactly, there_must_be_two_texts, a_long_difference_is_cut};

	return world_main("score", tests, ARRAY_LEN(tests));
}
