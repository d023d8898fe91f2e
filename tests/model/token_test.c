/* token_test.c: named tokens and the sessions they open: by whom, how long, until when. */
#include "model/token.h"

#include <string.h>

#include "base/text.h"
#include "base/token.h"
#include "model/session.h"
#include "world.h"

static const struct client here = {.address = "192.0.2.1", .agent = "Browser"};

/* Makes a token and gives its secret; *id gets its id. */
static const char *made(struct ctx *ctx, const struct token_wanted *wanted, const char **id)
{
	struct doc *out = doc_object(arena);
	const char *secret;

	ctx->access.name = "Maker";
	ck_assert_fine(token_make(ctx, wanted, &secret, out));
	*id = doc_text(out, "id");
	return secret;
}

static const char *made_member(const char *name, const char **id)
{
	return made(at_north, &(struct token_wanted){.account_id = north, .role = "member",
	    .name = name}, id);
}

static const struct err *open_from(struct ctx *ctx, const char *slug, const char *secret,
    const char *address)
{
	const struct client client = {.address = address};
	const char *id;

	return session_open(ctx, slug, secret, &client, &id);
}

/* Who asks with a bearer. */
static enum role bearer(const char *secret)
{
	struct ctx ctx = *at_north;
	struct session_look look = session_look_bearer(&ctx, secret, "192.0.2.1");

	ck_assert_fine(session_found(&ctx, &look));
	return ctx.access.role;
}

static enum role cookie(const char *id)
{
	struct ctx ctx = *at_north;

	ck_assert_fine(session_find(&ctx, id, "192.0.2.9"));
	return ctx.access.role;
}

START_TEST(a_token_is_made_and_told_by_its_row)
{
	const char *id;
	const char *secret = made(at_north, &(struct token_wanted){.account_id = north,
	    .role = "viewer", .name = "Eve", .days = 30}, &id);
	struct doc *row = doc_object(arena);

	ck_assert(text_starts_with(secret, "pbv_"));
	ck_assert_int_eq(bearer(secret), ROLE_VIEWER);
	ck_assert_fine(token_get(at_north, id, row));
	ck_assert_str_eq(doc_text(row, "name"), "Eve");
	ck_assert_str_eq(doc_text(row, "created_by"), "Maker");
	ck_assert_str_eq(doc_text(row, "state"), "active");
	ck_assert_str_eq(doc_text(row, "last_used_from"), "192.0.2.1");
	ck_assert_str_eq(doc_text(row, "prefix"), arena_strndup(arena, secret, 8));
	ck_assert_str_eq(world_value("SELECT extract(day FROM expires_at - created_at)"
	    " FROM access_tokens"), "30");
	ck_assert_ptr_null(strstr(world_json(row), secret + 8));
}
END_TEST

START_TEST(nobody_makes_more_than_they_are)
{
	const char *secret;
	struct doc *out = doc_object(arena);
	const struct token_wanted boss = {.role = "operator", .name = "Boss"};
	const struct token_wanted lost = {.role = "member", .name = "Lost"};
	const struct token_wanted both = {.role = "operator", .name = "X", .account_id = north};
	const struct token_wanted spy = {.role = "viewer", .name = "Spy", .account_id = south};

	at_north->access.name = operator->access.name = "Maker";
	ck_assert_err(token_make(at_north, &boss, &secret, out), ERR_DENIED);
	ck_assert_err(token_make(operator, &lost, &secret, out), ERR_INVALID);
	ck_assert_err(token_make(operator, &both, &secret, out), ERR_INVALID);
	/* The handler never gets here with another's account; row security is behind it. */
	ck_assert_ptr_nonnull(token_make(at_north, &spy, &secret, out));
	ck_assert_str_eq(world_value("SELECT count(*) FROM access_tokens"), "0");
	ck_assert_fine(token_make(operator, &boss, &secret, out));
	ck_assert_fine(token_make(operator, &spy, &secret, out));
}
END_TEST

START_TEST(row_security_stands_behind_the_model)
{
	const char *boss, *mine, *id = NULL;
	struct doc *list = doc_object(arena);
	struct token_filter filter = {.limit = 50, .is_all = true};

	made(operator, &(struct token_wanted){.role = "operator", .name = "Boss"}, &boss);
	made(at_south, &(struct token_wanted){.account_id = south, .role = "member",
	    .name = "S"}, &id);
	made_member("N", &mine);
	ck_assert_fine(token_list(at_north, &filter, list));
	ck_assert_uint_eq(doc_count(doc_get(list, "tokens")), 1);
	ck_assert_err(token_get(at_north, boss, doc_object(arena)), ERR_MISSING);
	ck_assert_err(token_get(at_north, id, doc_object(arena)), ERR_MISSING);
	ck_assert_err(token_revoke(at_north, boss, doc_object(arena)), ERR_MISSING);
	ck_assert_err(token_revoke(at_north, id, doc_object(arena)), ERR_MISSING);
	ck_assert_str_eq(world_value("SELECT count(*) FROM access_tokens"
	    " WHERE revoked_at IS NULL"), "3");
	list = doc_object(arena);
	ck_assert_fine(token_list(operator, &filter, list));
	ck_assert_uint_eq(doc_count(doc_get(list, "tokens")), 3);
}
END_TEST

START_TEST(a_revoked_token_ends_all_it_opened)
{
	const char *id, *session;
	const char *secret = made_member("Bob", &id);
	struct ctx asking = *at_north;
	struct doc *row = doc_object(arena);

	ck_assert_fine(session_open(&asking, "north", secret, &here, &session));
	ck_assert_int_eq(cookie(session), ROLE_MEMBER);
	ck_assert_fine(token_revoke(at_north, id, row));
	ck_assert_str_eq(doc_text(row, "state"), "revoked");
	ck_assert_str_eq(doc_text(row, "revoked_by"), "Maker");
	ck_assert_int_eq(cookie(session), ROLE_NOBODY);
	ck_assert_int_eq(bearer(secret), ROLE_NOBODY);
	ck_assert_err(open_from(&asking, "north", secret, "192.0.2.1"), ERR_LOGIN);
	ck_assert_str_eq(world_value("SELECT count(*) FROM sessions"), "0");
	ck_assert_err(token_revoke(at_north, id, doc_object(arena)), ERR_CONFLICT);
}
END_TEST

START_TEST(an_expired_token_opens_nothing)
{
	const char *id, *session;
	const char *secret = made_member("Bob", &id);
	struct ctx asking = *at_north;

	ck_assert_fine(session_open(&asking, "north", secret, &here, &session));
	world_value("UPDATE access_tokens SET expires_at = now()");
	ck_assert_int_eq(cookie(session), ROLE_NOBODY);
	ck_assert_int_eq(bearer(secret), ROLE_NOBODY);
	ck_assert_err(open_from(&asking, "north", secret, "192.0.2.1"), ERR_LOGIN);
}
END_TEST

#define FIRST "SELECT coalesce((SELECT t.name FROM access_tokens t JOIN accounts a" \
	" ON a.mermaid_token_hash = t.token_hash WHERE a.slug = 'north'), 'none')"

START_TEST(the_accounts_column_is_its_first_token)
{
	const char *first, *second, *third;
	struct doc *out = doc_object(arena);

	made(at_north, &(struct token_wanted){.account_id = north, .role = "viewer",
	    .name = "V"}, &first);
	made(at_north, &(struct token_wanted){.account_id = north, .role = "member",
	    .name = "Short", .days = 1}, &first);
	ck_assert_str_eq(world_value(FIRST), "none");
	made_member("One", &first);
	made_member("Two", &second);
	ck_assert_str_eq(world_value(FIRST), "One");
	ck_assert_fine(token_revoke(at_north, second, out));
	ck_assert_str_eq(world_value(FIRST), "One");
	ck_assert_fine(token_revoke(at_north, first, out));
	ck_assert_str_eq(world_value(FIRST), "none");
	made_member("Three", &third);
	ck_assert_str_eq(world_value(FIRST), "Three");
	/* Written as the plan does it, it replaces the one before. */
	world_value("UPDATE accounts SET mermaid_token_hash = '%s' WHERE slug = 'north'",
	    token_hash(arena, "by hand"));
	ck_assert_str_eq(world_value(FIRST), "North");
	ck_assert_int_eq(bearer("by hand"), ROLE_MEMBER);
	ck_assert_str_eq(world_value("SELECT revoked_at IS NOT NULL FROM access_tokens"
	    " WHERE id = '%s'", third), "t");
	world_value("UPDATE accounts SET mermaid_token_hash = NULL WHERE slug = 'north'");
	ck_assert_int_eq(bearer("by hand"), ROLE_NOBODY);
}
END_TEST

START_TEST(a_taken_token_is_long_and_new)
{
	static const char secret[] = "0123456789abcdef0123456789abcdef";
	const struct token_wanted wanted = {.account_id = north, .role = "member", .name = "Old"};
	const struct token_wanted again = {.account_id = south, .role = "member", .name = "Old"};
	struct doc *out = doc_object(arena);

	at_north->access.name = at_south->access.name = "Maker";
	ck_assert_err(token_take(at_north, &wanted, "0123456789abcdef", out), ERR_INVALID);
	ck_assert_fine(token_take(at_north, &wanted, secret, out));
	ck_assert_int_eq(bearer(secret), ROLE_MEMBER);
	ck_assert_err(token_take(at_south, &again, secret, doc_object(arena)), ERR_CONFLICT);
	ck_assert_fine(token_revoke(at_north, doc_text(out, "id"), doc_object(arena)));
	ck_assert_err(token_take(at_north, &wanted, secret, doc_object(arena)), ERR_CONFLICT);
	ck_assert_int_eq(bearer(secret), ROLE_NOBODY);
}
END_TEST

START_TEST(sessions_are_those_of_ones_own_token)
{
	const char *one, *two, *first, *second, *other;
	const char *secret = made_member("One", &one);
	const char *another = made_member("Two", &two);
	struct ctx asking = *at_north, beside = *at_north, elsewhere = *at_north;
	struct doc *list = doc_object(arena);
	int64_t count = 0;
	bool is_own;

	ck_assert_fine(session_open(&beside, "north", secret, &here, &second));
	ck_assert_fine(session_open(&elsewhere, "north", another, &here, &other));
	ck_assert_fine(session_open(&asking, "north", secret, &here, &first));
	ck_assert_fine(session_list(&asking, list));
	ck_assert_uint_eq(doc_count(doc_get(list, "sessions")), 2);
	ck_assert_str_eq(doc_text(doc_at(doc_get(list, "sessions"), 0), "agent"), "Browser");
	ck_assert_err(session_end_one(&asking, elsewhere.access.session_id, &is_own), ERR_MISSING);
	ck_assert_err(session_end_one(&asking, "nonsense", &is_own), ERR_MISSING);
	ck_assert_fine(session_end_others(&asking, &count));
	ck_assert_int_eq(count, 1);
	ck_assert_int_eq(cookie(second), ROLE_NOBODY);
	ck_assert_int_eq(cookie(other), ROLE_MEMBER);
	ck_assert_fine(session_end_one(&asking, asking.access.session_id, &is_own));
	ck_assert(is_own);
	ck_assert_int_eq(cookie(first), ROLE_NOBODY);
}
END_TEST

START_TEST(last_use_is_noted_once_a_minute)
{
	const char *id, *session;
	const char *secret = made_member("One", &id);
	struct ctx asking = *at_north;
	const char *noted;

	ck_assert_fine(session_open(&asking, "north", secret, &here, &session));
	noted = arena_strdup(arena, world_value("SELECT xmin FROM sessions"));
	ck_assert_int_eq(cookie(session), ROLE_MEMBER);
	ck_assert_str_eq(world_value("SELECT xmin FROM sessions"), noted);
	world_value("UPDATE sessions SET seen_at = now() - interval '61 seconds'");
	world_value("UPDATE access_tokens SET last_used_at = now() - interval '61 seconds'");
	ck_assert_int_eq(cookie(session), ROLE_MEMBER);
	ck_assert_str_eq(world_value("SELECT address FROM sessions WHERE seen_at > now()"
	    " - interval '10 seconds'"), "192.0.2.9");
	ck_assert_str_eq(world_value("SELECT last_used_from FROM access_tokens"), "192.0.2.9");
	noted = arena_strdup(arena, world_value("SELECT xmin FROM access_tokens"));
	ck_assert_int_eq(bearer(secret), ROLE_MEMBER);
	ck_assert_str_eq(world_value("SELECT xmin FROM access_tokens"), noted);
}
END_TEST

/* Fails so many times, unless it has to wait: how often it was heard. */
static int refused(const char *slug, const char *address, int times)
{
	struct ctx asking = *at_north;
	int heard = 0;

	for (int i = 0; i < times; i++) {
		const struct err *err = open_from(&asking, slug, "wrong", address);

		ck_assert_ptr_nonnull(err);
		heard += err->kind == ERR_LOGIN;
		if (err->kind == ERR_LIMIT)
			ck_assert_int_ge(err->retry_after_s, 1);
	}
	return heard;
}

START_TEST(a_network_waits_after_five_failures)
{
	const char *id;
	const char *secret = made_member("One", &id);
	struct ctx asking = *at_north;

	world_value("DELETE FROM sign_in_failures");
	ck_assert_int_eq(refused("north", "192.0.2.1", 8), 5);
	ck_assert_err(open_from(&asking, "north", secret, "192.0.2.1"), ERR_LIMIT);
	/* The same address in the other notation; then others. */
	ck_assert_err(open_from(&asking, "north", secret, "::ffff:192.0.2.1"), ERR_LIMIT);
	ck_assert_fine(open_from(&asking, "north", secret, "192.0.2.2"));
	ck_assert_int_eq(refused("north", "2001:db8:1:2::1", 3), 3);
	ck_assert_int_eq(refused("north", "2001:db8:1:2:aaaa::2", 3), 2);
	ck_assert_fine(open_from(&asking, "north", secret, "2001:db8:1:3::1"));
	ck_assert_int_eq(refused("north", "-", 6), 5);
	world_value("UPDATE sign_in_failures SET failed_at = failed_at - interval '2 seconds'");
	ck_assert_fine(open_from(&asking, "north", secret, "192.0.2.1"));
}
END_TEST

START_TEST(the_wait_doubles_up_to_a_minute)
{
	static const int waits[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60};

	for (int i = 0; i < (int)ARRAY_LEN(waits); i++)
		ck_assert_str_eq(world_value("SELECT sign_in_delay(%d, 5)", i),
		    arena_printf(arena, "%d", waits[i]));
	ck_assert_str_eq(world_value("SELECT sign_in_delay(1000, 5)"), "60");
}
END_TEST

START_TEST(a_slug_is_never_locked)
{
	const char *id;
	const char *secret = made_member("One", &id);
	struct ctx asking = *at_north;

	world_value("DELETE FROM sign_in_failures");
	for (int i = 1; i <= 40; i++)
		ck_assert_int_eq(refused("north", arena_printf(arena, "198.51.100.%d", i), 1), 1);
	ck_assert_err(open_from(&asking, "north", secret, "198.51.100.1"), ERR_LIMIT);
	ck_assert_fine(open_from(&asking, "north", secret, "198.51.100.200"));
	ck_assert_str_eq(world_value("SELECT count(*) FROM sign_in_failures"
	    " WHERE subject LIKE '%%north%%'"), "0");
	/* Whoever mistyped once waits for a minute at most, though the crowd goes on. */
	world_value("UPDATE sign_in_failures SET failed_at = now() - interval '61 seconds'"
	    " WHERE subject = 'network 198.51.100.1'");
	ck_assert_int_eq(refused("north", "198.51.100.201", 1), 1);
	ck_assert_fine(open_from(&asking, "north", secret, "198.51.100.1"));
	world_value("UPDATE sign_in_failures SET failed_at = now() - interval '16 minutes'");
	ck_assert_int_eq(refused("north", "198.51.100.202", 1), 1);
	ck_assert_str_eq(world_value("SELECT count(*) || ' ' || max(failures)"
	    " FROM sign_in_failures"), "2 1");
}
END_TEST

START_TEST(a_role_that_owns_a_table_is_not_safe)
{
	ck_assert_fine(session_safe(at_north));
	world_value("CREATE TABLE owned (n integer); ALTER TABLE owned OWNER TO promptbuilder_web");
	ck_assert_err(session_safe(at_north), ERR_DENIED);
	world_value("DROP TABLE owned");
	ck_assert_fine(session_safe(at_north));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		a_token_is_made_and_told_by_its_row, nobody_makes_more_than_they_are,
		row_security_stands_behind_the_model, a_revoked_token_ends_all_it_opened,
		an_expired_token_opens_nothing, the_accounts_column_is_its_first_token,
		a_taken_token_is_long_and_new, sessions_are_those_of_ones_own_token,
		last_use_is_noted_once_a_minute, a_network_waits_after_five_failures,
		the_wait_doubles_up_to_a_minute, a_slug_is_never_locked,
		a_role_that_owns_a_table_is_not_safe,
	};

	return world_main("token", tests, ARRAY_LEN(tests));
}
