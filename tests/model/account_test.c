/* account_test.c: accounts: made once, found by slug and id, seen only by their own. */
#include <check.h>
#include <string.h>

#include "model/account.h"
#include "world.h"

START_TEST(operator_makes_and_finds_an_account)
{
	struct doc *made = doc_object(arena);
	struct doc *found = doc_object(arena);

	ck_assert_fine(account_create(operator, "harbour-bikes", "Harbour Bikes", made));
	ck_assert_fine(account_get(operator, "harbour-bikes", found));
	ck_assert_str_eq(doc_text(found, "id"), doc_text(made, "id"));
	found = doc_object(arena);
	ck_assert_fine(account_get(operator, doc_text(made, "id"), found));
	ck_assert_str_eq(doc_text(found, "name"), "Harbour Bikes");
	ck_assert(!doc_has(found, "mermaid_token_hash"));
}
END_TEST

START_TEST(a_slug_is_taken_once)
{
	struct doc *doc = doc_object(arena);

	ck_assert_err(account_create(operator, "north", "Again", doc), ERR_CONFLICT);
	ck_assert_str_eq(world_value("SELECT name FROM accounts WHERE slug = 'north'"), "North");
}
END_TEST

START_TEST(a_slug_is_checked)
{
	static const char *const wrong[] = {"", "-a", "Upper", "a b", "operator",
	    "01900000-0000-7000-8000-00000000000c"};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_err(account_create(operator, wrong[i], "x", doc_object(arena)),
		    ERR_INVALID);
}
END_TEST

START_TEST(get_or_create_makes_one)
{
	struct doc *first = doc_object(arena);
	struct doc *second = doc_object(arena);

	ck_assert_fine(account_get_or_create(operator, "east", "East", first));
	ck_assert_fine(account_get_or_create(operator, "east", "Other name", second));
	ck_assert_str_eq(doc_text(first, "id"), doc_text(second, "id"));
	ck_assert_str_eq(doc_text(second, "name"), "East");
}
END_TEST

START_TEST(list_is_newest_first_and_pages)
{
	struct doc *first = doc_object(arena);
	struct doc *second = doc_object(arena);

	ck_assert_fine(account_list(operator, NULL, 1, first));
	ck_assert_uint_eq(doc_count(doc_get(first, "accounts")), 1);
	ck_assert_str_eq(doc_text(doc_at(doc_get(first, "accounts"), 0), "slug"), "south");
	ck_assert_fine(account_list(operator, doc_text(first, "next_cursor"), 1, second));
	ck_assert_str_eq(doc_text(doc_at(doc_get(second, "accounts"), 0), "slug"), "north");
	ck_assert_ptr_null(doc_text(second, "next_cursor"));
}
END_TEST

START_TEST(an_account_sees_itself_only)
{
	struct doc *list = doc_object(arena);

	ck_assert_fine(account_list(at_north, NULL, 50, list));
	ck_assert_uint_eq(doc_count(doc_get(list, "accounts")), 1);
	ck_assert_err(account_get(at_north, "south", doc_object(arena)), ERR_MISSING);
	ck_assert_err(account_get(at_north, south, doc_object(arena)), ERR_MISSING);
	ck_assert_fine(account_get(at_north, "north", doc_object(arena)));
}
END_TEST

START_TEST(an_account_makes_no_account)
{
	const struct err *err = account_create(at_north, "west", "West", doc_object(arena));

	ck_assert_ptr_nonnull(err);
	ck_assert_str_eq(world_value("SELECT count(*) FROM accounts"), "2");
}
END_TEST

START_TEST(id_of_a_reference)
{
	const char *id;

	ck_assert_fine(account_id_of(at_north, NULL, &id));
	ck_assert_str_eq(id, north);
	ck_assert_fine(account_id_of(at_north, "north", &id));
	ck_assert_str_eq(id, north);
	ck_assert_err(account_id_of(at_north, "south", &id), ERR_MISSING);
	ck_assert_fine(account_id_of(operator, NULL, &id));
	ck_assert_ptr_null(id);
	ck_assert_fine(account_id_of(operator, "south", &id));
	ck_assert_str_eq(id, south);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		operator_makes_and_finds_an_account, a_slug_is_taken_once, a_slug_is_checked,
		get_or_create_makes_one, list_is_newest_first_and_pages, an_account_sees_itself_only,
		an_account_makes_no_account, id_of_a_reference,
	};

	return world_main("account", tests, ARRAY_LEN(tests));
}
