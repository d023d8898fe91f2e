/* version_test.c: prompt versions: lists, the latest, the way of a status. */
#include "model/version.h"
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
	ck_assert_fine(version_list(at_north, &(struct version_filter){.limit = 2}, page));
	cursor = doc_text(page, "next_cursor");
	ck_assert_ptr_nonnull(cursor);
	ck_assert_uint_eq(count_of(at_north, (struct version_filter){.cursor = cursor}), 1);
}
END_TEST

START_TEST(deployed_has_a_time_and_nothing_else_has)
{
	struct world_run run = world_run(north, "pipeline_1");
	const char *id = world_version(&run, 1, "draft");
	static const char *const way[] = {"final", "deployed", "archived", "draft", "deployed"};

	for (size_t i = 0; i < ARRAY_LEN(way); i++) {
		struct doc *version = doc_object(arena);
		bool is_deployed = i == 1 || i == 4;

		ck_assert_fine(version_set_status(at_north, id, way[i], version));
		ck_assert_str_eq(doc_text(version, "status"), way[i]);
		ck_assert_int_eq(doc_text(version, "deployed_at") != NULL, is_deployed);
	}
	ck_assert_err(version_set_status(at_north, id, "deployed", doc_object(arena)), ERR_CONFLICT);
	ck_assert_err(version_set_status(at_north, id, "unknown", doc_object(arena)), ERR_INVALID);
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
	ck_assert_err(version_set_status(at_south, id, "final", doc_object(arena)), ERR_MISSING);
	ck_assert_str_eq(world_value("SELECT status FROM prompt_versions"), "draft");
	ck_assert_err(version_get(operator, "no-id", doc_object(arena)), ERR_MISSING);
	ck_assert_uint_eq(count_of(operator, (struct version_filter){0}), 1);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		one_version_has_its_texts, the_latest_has_the_highest_number, lists_filter_and_page,
		deployed_has_a_time_and_nothing_else_has, another_account_sees_and_changes_nothing,
	};

	return world_main("version", tests, ARRAY_LEN(tests));
}
