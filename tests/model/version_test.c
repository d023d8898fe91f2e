/* version_test.c: prompt versions: lists, the latest, the way of a status. */
#include "model/version.h"

#include <string.h>

#include "world.h"

static size_t count_of(struct ctx *ctx, struct version_filter filter)
{
	struct doc *list = doc_object(arena);

	if (filter.limit == 0)
		filter.limit = 50;
	ck_assert_fine(version_list(ctx, &filter, list));
	return doc_count(doc_get(list, "prompt_versions"));
}

START_TEST(one_version_has_its_texts)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct doc *version = doc_object(arena);

	ck_assert_fine(version_get(at_north, world_version(&run, 1, "draft"), version));
	ck_assert_str_eq(doc_text(version, "prompt_content"), "# Prompt");
	ck_assert_str_eq(doc_text(version, "injection_content"), "export {}");
	ck_assert_str_eq(doc_text(version, "pipeline_id"), "pipeline_1");
	ck_assert_str_eq(doc_scalar(doc_get(version, "final_score")), "91.50");
	ck_assert_str_eq(doc_text(doc_get(version, "assistant"), "external_id"), "desk");
}
END_TEST

START_TEST(the_latest_has_the_highest_number)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct doc *latest = doc_object(arena);

	ck_assert_err(version_latest(at_north, north, "desk", latest), ERR_MISSING);
	world_version(&run, 10, "draft");
	world_version(&run, 9, "draft");
	ck_assert_fine(version_latest(at_north, north, "desk", latest));
	ck_assert_str_eq(doc_text(latest, "version"), "v10");
}
END_TEST

START_TEST(lists_filter_and_page)
{
	struct world_run first = world_run(north, "pipeline_1");
	struct world_run second = world_run(north, "pipeline_2");
	struct doc *page = doc_object(arena);
	const char *cursor;

	world_version(&first, 1, "draft");
	world_version(&second, 2, "deployed");
	world_version(&second, 3, "draft");
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){0}), 3);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.run = "pipeline_2"}), 2);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.run = first.id}), 1);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.status = "draft"}), 2);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.assistant = "desk"}), 3);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.assistant = "shop"}), 0);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.assistant = "desk",
	    .run = "pipeline_2", .status = "draft"}), 1);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.assistant = "shop",
	    .run = "pipeline_2"}), 0);
	ck_assert_uint_eq(count_of(operator, (struct version_filter){.account_id = north,
	    .status = "deployed"}), 1);
	ck_assert_uint_eq(count_of(operator, (struct version_filter){.status = "deployed"}), 1);
	ck_assert_uint_eq(count_of(operator, (struct version_filter){.account_id = south}), 0);
	ck_assert_fine(version_list(at_north, &(struct version_filter){.limit = 2}, page));
	cursor = doc_text(page, "next_cursor");
	ck_assert_ptr_nonnull(cursor);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.cursor = cursor}), 1);
}
END_TEST

static const struct err *move(struct ctx *ctx, const char *id, const char *status,
    int64_t revision)
{
	return version_move(ctx, id, &(struct version_move){status, revision}, doc_object(arena));
}

static int64_t revision_of(const char *id)
{
	struct doc *version = doc_object(arena);
	int64_t revision = 0;

	ck_assert_fine(version_get(operator, id, version));
	ck_assert(doc_int(version, "revision", &revision));
	return revision;
}

START_TEST(deployed_has_a_time_and_nothing_else_has)
{
	struct world_run run = world_run(north, "pipeline_1");
	const char *id = world_version(&run, 1, "draft");
	static const char *const way[] = {"final", "deployed", "archived", "draft", "final", "deployed"};

	for (size_t i = 0; i < ARRAY_LEN(way); i++) {
		struct doc *version = doc_object(arena);
		bool is_deployed = i == 1 || i == 5;

		ck_assert_fine(version_move(at_north, id, &(struct version_move){way[i], 0}, version));
		ck_assert_str_eq(doc_text(version, "status"), way[i]);
		ck_assert_int_eq(doc_text(version, "deployed_at") != NULL, is_deployed);
	}
	ck_assert_err(move(at_north, id, "deployed", 0), ERR_CONFLICT);
	ck_assert_str_eq(world_value("SELECT string_agg(kind || ' ' || environment, ' ' ORDER BY id)"
	    " FROM deployment_events"), "deploy production withdraw production rollback production");
}
END_TEST

/* Every move from and to: what the table does not have is a conflict that says what is possible. */
START_TEST(moves_are_those_of_the_table)
{
	struct world_run run = world_run(north, "pipeline_1");
	int number = 0;

	for (size_t from = 0; version_statuses[from]; from++)
		for (size_t to = 0; version_statuses[to]; to++) {
			const char *id = world_version(&run, ++number, "draft");
			const char *allowed = world_value("SELECT count(*) FROM version_moves"
			    " WHERE from_status = '%s' AND to_status = '%s'",
			    version_statuses[from], version_statuses[to]);
			const struct err *err;

			if (from > 0)
				ck_assert_fine(move(at_north, id, from == 3 ? "archived" : "final", 0));
			if (from == 2)
				ck_assert_fine(move(at_north, id, "deployed", 0));
			err = move(at_north, id, version_statuses[to], 0);
			ck_assert_msg((err == NULL) == (*allowed == '1'), "%s to %s: %s",
			    version_statuses[from], version_statuses[to],
			    err ? err->sentence : "allowed");
			if (err)
				ck_assert_int_eq(err->kind, ERR_CONFLICT);
			if (err && from != to)
				ck_assert_ptr_nonnull(strstr(err->sentence, "it can become "));
			world_value("DELETE FROM deployments");
			world_value("UPDATE prompt_versions SET status = 'archived'"
			    " WHERE status = 'deployed'");
		}
	ck_assert_err(move(at_north, world_version(&run, 99, "draft"), "unknown", 0), ERR_CONFLICT);
	ck_assert_str_eq(world_value("SELECT count(*) FROM prompt_versions WHERE (status = 'deployed')"
	    " <> EXISTS (SELECT FROM deployments d WHERE d.prompt_version_id = prompt_versions.id)"),
	    "0");
}
END_TEST

START_TEST(a_stale_revision_is_told_what_is_there)
{
	struct world_run run = world_run(north, "pipeline_1");
	const char *id = world_version(&run, 1, "draft");
	const struct err *err;
	const struct doc *present;

	ck_assert_int_eq(revision_of(id), 1);
	ck_assert_fine(move(at_north, id, "final", 1));
	ck_assert_fine(move(at_north, id, "deployed", 2));
	err = move(at_north, id, "archived", 2);
	ck_assert_err(err, ERR_CONFLICT);
	present = doc_get(err->facts, "present");
	ck_assert_str_eq(doc_text(present, "status"), "deployed");
	ck_assert_str_eq(doc_scalar(doc_get(present, "revision")), "3");
	ck_assert_str_eq(doc_text(doc_get(present, "deployed"), "production"), id);
	ck_assert_fine(move(at_north, id, "archived", 3));
	ck_assert_int_gt(revision_of(id), 3);
}
END_TEST

START_TEST(content_never_changes)
{
	struct world_run run = world_run(north, "pipeline_1");
	static const char *const changes[] = {"prompt_content = 'x'", "prompt_hash = 'x'",
	    "version = 'x'", "final_score = 1", "injection_content = ''", "origin = 'edit'",
	    "pruned_at = now(), prompt_content = 'x'"};

	world_version(&run, 1, "draft");
	world_value("CREATE OR REPLACE FUNCTION refused(p text) RETURNS text LANGUAGE plpgsql AS $$"
	    "BEGIN EXECUTE p; RETURN 'done'; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$");
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		ck_assert_str_eq(world_value("SELECT refused($$UPDATE prompt_versions SET %s$$)",
		    changes[i]), "PB409");
	world_value("UPDATE prompt_versions SET prompt_content = '', injection_content = '',"
	    " pruned_at = now()");
	ck_assert_str_eq(world_value("SELECT refused("
	    "'UPDATE prompt_versions SET pruned_at = NULL')"), "PB409");
	ck_assert_err(move(at_north, world_value("SELECT id FROM prompt_versions"), "final", 0),
	    ERR_GONE);
}
END_TEST

START_TEST(notes_are_listed_and_kept_apart)
{
	struct world_run run = world_run(north, "pipeline_1");
	const char *id = world_version(&run, 1, "draft");
	struct doc *list = doc_object(arena);
	const char *cursor;

	ck_assert_fine(version_note_add(at_north, id, "one", doc_object(arena)));
	ck_assert_fine(version_note_add(at_north, id, "two", doc_object(arena)));
	ck_assert_err(version_note_add(at_south, id, "three", doc_object(arena)), ERR_MISSING);
	ck_assert_fine(version_note_list(at_north, id, NULL, 1, list));
	ck_assert_str_eq(doc_text(doc_at(doc_get(list, "notes"), 0), "note"), "two");
	ck_assert_ptr_nonnull(doc_text(list, "next_cursor"));
	cursor = doc_text(list, "next_cursor");
	list = doc_object(arena);
	ck_assert_fine(version_note_list(at_north, id, cursor, 1, list));
	ck_assert_str_eq(doc_text(doc_at(doc_get(list, "notes"), 0), "note"), "one");
	ck_assert_ptr_null(doc_text(list, "next_cursor"));
	ck_assert_err(version_note_list(at_south, id, NULL, 1, doc_object(arena)), ERR_MISSING);
	ck_assert_err(version_note_add(at_north, id, "", doc_object(arena)), ERR_INVALID);
}
END_TEST

START_TEST(another_account_sees_and_changes_nothing)
{
	struct world_run run = world_run(north, "pipeline_1");
	const char *id = world_version(&run, 1, "draft");

	ck_assert_uint_eq(count_of(at_south, (struct version_filter){0}), 0);
	ck_assert_uint_eq(count_of(at_south, (struct version_filter){.account_id = north}), 0);
	ck_assert_err(version_get(at_south, id, doc_object(arena)), ERR_MISSING);
	ck_assert_err(version_latest(at_south, north, "desk", doc_object(arena)), ERR_MISSING);
	ck_assert_err(move(at_south, id, "final", 0), ERR_MISSING);
	ck_assert_str_eq(world_value("SELECT status FROM prompt_versions"), "draft");
	ck_assert_err(version_get(operator, "no-id", doc_object(arena)), ERR_MISSING);
	ck_assert_uint_eq(count_of(operator, (struct version_filter){0}), 1);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		one_version_has_its_texts, the_latest_has_the_highest_number, lists_filter_and_page,
		deployed_has_a_time_and_nothing_else_has, moves_are_those_of_the_table,
		a_stale_revision_is_told_what_is_there, content_never_changes,
		notes_are_listed_and_kept_apart, another_account_sees_and_changes_nothing,
	};

	return world_main("version", tests, ARRAY_LEN(tests));
}
