/* token.c: tokens: the secret is printed once, on stdout; its SHA-256 is stored. */
#include "model/token.h"

#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "base/text.h"

#define TOKEN_MOST 512
#define ROWS_MAX "10000"

/* Who made it is the user of this machine. */
static const struct err *token_begin(struct admin *admin, const char *slug, const char **id)
{
	admin->ctx.access.name = admin_actor(admin);
	return admin_account_id(admin, slug, id);
}

/* Makes and prints a token; slug NULL: an operator's. */
static const struct err *token_mint(struct admin *admin, const char *slug,
    struct token_wanted *wanted)
{
	struct doc *out = doc_object(admin->ctx.arena);
	const char *secret;
	const struct err *err = token_begin(admin, slug, &wanted->account_id);

	if (err == NULL)
		err = token_make(&admin->ctx, wanted, &secret, out);
	if (err != NULL)
		return err;
	(void)printf("%s\n", secret);
	(void)fprintf(stderr, "this token is shown once; sign in as \"%s\" with it\n",
	    slug != NULL ? slug : "operator");
	return NULL;
}

static const struct err *name_check(struct admin *admin, const char *name)
{
	if (name == NULL || (*text_trim(admin->ctx.arena, name) != '\0' &&
	    text_is_clean(name, strlen(name)) && text_length(name) <= TOKEN_NAME_MAX))
		return NULL;
	return option_error(admin, "a name is a text of 1 to %d characters", TOKEN_NAME_MAX);
}

static const struct err *role_check(struct admin *admin, const char *role, const char *slug)
{
	bool is_operator = text_equal(role, "operator");

	if (role_from_name(role) == ROLE_NOBODY)
		return option_error(admin, "--role is viewer, member or operator");
	if (is_operator == (slug != NULL))
		return option_error(admin, is_operator ? "an operator belongs to no account" :
		    "--account is needed, unless --role is operator");
	return NULL;
}

const struct err *admin_token_create(struct admin *admin)
{
	struct option_row options[] = {{.name = "account"}, {.name = "role"}, {.name = "name"},
	    {.name = "days"}};
	struct token_wanted wanted = {.role = "member"};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL && options[2].value == NULL)
		err = option_error(admin, "--name is needed: it says whose token it is");
	if (err == NULL && options[1].value != NULL)
		wanted.role = options[1].value;
	if (err == NULL)
		err = role_check(admin, wanted.role, options[0].value);
	if (err == NULL)
		err = name_check(admin, options[2].value);
	if (err == NULL && options[3].value != NULL &&
	    !text_to_int(options[3].value, 1, TOKEN_DAYS_MAX, &wanted.days))
		err = option_error(admin, "--days is a number from 1 to %d", TOKEN_DAYS_MAX);
	if (err != NULL)
		return err;
	wanted.name = options[2].value;
	return token_mint(admin, options[0].value, &wanted);
}

/* token account, operator and viewer: create in fewer words. */
static const struct err *token_short(struct admin *admin, const char *slug, const char *role,
    const char *name)
{
	struct token_wanted wanted = {.role = role, .name = name};
	const struct err *err = name_check(admin, name);

	return err != NULL ? err : token_mint(admin, slug, &wanted);
}

const struct err *admin_token_account(struct admin *admin)
{
	const struct err *err = option_read(admin, NULL, 0, 1, 2);

	return err != NULL ? err : token_short(admin, option_operand(admin, 0), "member",
	    option_operand(admin, 1));
}

const struct err *admin_token_operator(struct admin *admin)
{
	const struct err *err = option_read(admin, NULL, 0, 0, 1);
	const char *name = option_operand(admin, 0);

	return err != NULL ? err : token_short(admin, NULL, "operator",
	    name != NULL ? name : "operator");
}

const struct err *admin_token_viewer(struct admin *admin)
{
	const struct err *err = option_read(admin, NULL, 0, 2, 2);

	return err != NULL ? err : token_short(admin, option_operand(admin, 0), "viewer",
	    option_operand(admin, 1));
}

/* A token that is in use elsewhere comes in on standard input, where no other process sees it. */
const struct err *admin_token_import(struct admin *admin)
{
	struct option_row options[] = {{.name = "role"}, {.name = "name"}};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 1, 1);
	struct token_wanted wanted = {.role = "member", .name = "imported"};
	struct doc *out = doc_object(admin->ctx.arena);
	const char *slug = option_operand(admin, 0);
	struct buf *input;

	if (err == NULL && options[0].value != NULL)
		wanted.role = options[0].value;
	if (err == NULL)
		err = role_check(admin, wanted.role, slug);
	if (err == NULL)
		err = name_check(admin, options[1].value);
	if (err == NULL)
		err = admin_read_file(admin, "-", TOKEN_MOST, &input);
	if (err == NULL)
		err = token_begin(admin, slug, &wanted.account_id);
	if (err != NULL)
		return err;
	if (options[1].value != NULL)
		wanted.name = options[1].value;
	err = token_take(&admin->ctx, &wanted,
	    text_trim(admin->ctx.arena, input->data == NULL ? "" : input->data), out);
	if (err == NULL)
		(void)fprintf(stderr, "stored; sign in as \"%s\" with it\n", slug);
	return err;
}

const struct err *admin_token_list(struct admin *admin)
{
	static const char *const columns[] = {"id", "account_slug", "role", "name", "prefix",
	    "state", "created_at", "created_by", "expires_at", "last_used_at", "last_used_from",
	    "revoked_at", "revoked_by"};
	struct option_row options[] = {{.name = "account"}, {.name = "all", .is_flag = true}};
	struct db_rows *rows;
	const char *account_id;
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);

	if (err == NULL)
		err = token_begin(admin, options[0].value, &account_id);
	if (err == NULL)
		err = admin_run(admin, &rows, SQL_TOKEN_LIST, account_id, NULL,
		    options[1].value != NULL ? "true" : "false", ROWS_MAX);
	if (err == NULL)
		admin_table(rows, columns, ARRAY_LEN(columns));
	return err;
}

const struct err *admin_token_revoke(struct admin *admin)
{
	struct doc *out = doc_object(admin->ctx.arena);
	const char *none;
	const struct err *err = option_read(admin, NULL, 0, 1, 1);

	if (err == NULL)
		err = token_begin(admin, NULL, &none);
	if (err == NULL)
		err = token_revoke(&admin->ctx, option_operand(admin, 0), out);
	return err;
}
