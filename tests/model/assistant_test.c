/* assistant_test.c: assistants: made once per account, found by external id and id. */
#include "model/assistant.h"
#include "world.h"

static struct assistant_new desk_of(const char *account_id)
{
	return (struct assistant_new){.account_id = account_id, .external_id = "desk",
	    .name = "Front desk"};
}

START_TEST(an_assistant_is_made_and_found)
{
	struct assistant_new desk = desk_of(north);
	struct doc *made = doc_object(arena);
	struct doc *found = doc_object(arena);

	ck_assert_fine(assistant_create(at_north, &desk, made));
	ck_assert_fine(assistant_get(at_north, north, "desk", found));
	ck_assert_str_eq(doc_text(found, "name"), "Front desk");
	ck_assert_str_eq(doc_text(found, "account_slug"), "north");
	found = doc_object(arena);
	ck_assert_fine(assistant_get(at_north, north, doc_text(made, "id"), found));
	ck_assert_str_eq(doc_text(found, "external_id"), "desk");
}
END_TEST

START_TEST(an_external_id_is_taken_once_per_account)
{
	struct assistant_new desk = desk_of(north);
	struct assistant_new other = desk_of(south);

	ck_assert_fine(assistant_create(at_north, &desk, doc_object(arena)));
	ck_assert_err(assistant_create(at_north, &desk, doc_object(arena)), ERR_CONFLICT);
	ck_assert_fine(assistant_create(at_south, &other, doc_object(arena)));
}
END_TEST

START_TEST(get_or_create_keeps_the_name)
{
	struct assistant_new desk = desk_of(north);
	struct assistant_new again = {.account_id = north, .external_id = "desk", .name = "Other"};
	struct assistant_new nameless = {.account_id = north, .external_id = "shop"};
	struct doc *first = doc_object(arena);
	struct doc *second = doc_object(arena);
	struct doc *third = doc_object(arena);

	ck_assert_fine(assistant_get_or_create(at_north, &desk, first));
	ck_assert_fine(assistant_get_or_create(at_north, &again, second));
	ck_assert_str_eq(doc_text(first, "id"), doc_text(second, "id"));
	ck_assert_str_eq(doc_text(second, "name"), "Front desk");
	ck_assert_fine(assistant_get_or_create(at_north, &nameless, third));
	ck_assert_str_eq(doc_text(third, "name"), "shop");
}
END_TEST

START_TEST(another_account_sees_and_makes_nothing)
{
	struct assistant_new desk = desk_of(north);
	struct doc *list = doc_object(arena);

	ck_assert_fine(assistant_create(at_north, &desk, doc_object(arena)));
	ck_assert_err(assistant_get(at_south, north, "desk", doc_object(arena)), ERR_MISSING);
	ck_assert_fine(assistant_list(at_south, north, NULL, 50, list));
	ck_assert_uint_eq(doc_count(doc_get(list, "assistants")), 0);
	desk.external_id = "planted";
	ck_assert_ptr_nonnull(assistant_create(at_south, &desk, doc_object(arena)));
	ck_assert_str_eq(world_value("SELECT count(*) FROM assistants"), "1");
}
END_TEST

START_TEST(list_counts_runs_and_versions_and_pages)
{
	struct world_run run = world_run(north, "pipeline_1");
	struct assistant_new shop = {.account_id = north, .external_id = "shop"};
	struct doc *first = doc_object(arena);
	struct doc *second = doc_object(arena);
	const struct doc *row;
	int64_t number;

	world_version(&run, 3, "draft");
	ck_assert_fine(assistant_create(at_north, &shop, doc_object(arena)));
	ck_assert_fine(assistant_list(operator, NULL, NULL, 1, first));
	row = doc_at(doc_get(first, "assistants"), 0);
	ck_assert_str_eq(doc_text(row, "external_id"), "shop");
	ck_assert(!doc_int(row, "latest_version", &number));
	ck_assert_fine(assistant_list(operator, north, doc_text(first, "next_cursor"), 1, second));
	row = doc_at(doc_get(second, "assistants"), 0);
	ck_assert_str_eq(doc_text(row, "external_id"), "desk");
	ck_assert(doc_int(row, "latest_version", &number));
	ck_assert_int_eq(number, 3);
	ck_assert(doc_int(row, "run_count", &number));
	ck_assert_int_eq(number, 1);
}
END_TEST

static int64_t runs_of_desk(void)
{
	struct doc *list = doc_object(arena);
	int64_t number = -1;

	ck_assert_fine(assistant_list(operator, north, NULL, 1, list));
	ck_assert(doc_int(doc_at(doc_get(list, "assistants"), 0), "run_count", &number));
	return number;
}

/* A run is one run: before its first line and after it, ended or not, and with a late line. */
START_TEST(a_run_is_counted_once_whatever_is_booked)
{
	static const char *const states[] = {"queued", "running", "completed", "failed", "cancelled"};
	int64_t wanted = 0;

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		for (int is_booked = 0; is_booked < 2; is_booked++) {
			char id[32];
			struct world_run run;

			(void)snprintf(id, sizeof(id), "pipeline_%zu_%d", i, is_booked);
			run = world_run(north, id);
			ck_assert_int_eq(runs_of_desk(), ++wanted);
			if (is_booked)
				world_cost(&run, "prompt_generation", "10", "10", "0.1");
			world_value("UPDATE pipeline_runs SET status = '%s' WHERE id = '%s'", states[i],
			    run.id);
			ck_assert_int_eq(runs_of_desk(), wanted);
			world_cost(&run, "prompt_analysis", "10", "10", "0.1");
			ck_assert_int_eq(runs_of_desk(), wanted);
		}
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		an_assistant_is_made_and_found, an_external_id_is_taken_once_per_account,
		get_or_create_keeps_the_name, another_account_sees_and_makes_nothing,
		list_counts_runs_and_versions_and_pages, a_run_is_counted_once_whatever_is_booked,
	};

	return world_main("assistant", tests, ARRAY_LEN(tests));
}
