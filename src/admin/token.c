/* token.c: minting tokens: the secret is printed once, on stdout; its SHA-256 is stored. */
#include "base/token.h"

#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "base/text.h"

#define TOKEN_LEAST 22 /* 128 random bits in base64 */
#define TOKEN_MOST 512

/* What every minting ends with. */
static const struct err *token_print(const char *token, const char *slug)
{
	(void)printf("%s\n", token);
	(void)fprintf(stderr, "this token is shown once; sign in as \"%s\" with it\n", slug);
	return NULL;
}

/* Stores a member token: as the account's first one, or beside it. */
static const struct err *token_store_member(struct admin *admin, const char *slug,
    const char *name, const char *token)
{
	struct db_rows *rows;
	const char *id;
	const struct err *err = admin_account_id(admin, slug, &id);

	if (err != NULL)
		return err;
	return admin_run(admin, &rows, SQL_ADMIN_TOKEN_MEMBER, id, name,
	    token_hash(admin->ctx.arena, token));
}

const struct err *admin_token_account(struct admin *admin)
{
	const struct err *err = option_read(admin, NULL, 0, 1, 2);
	const char *slug, *name, *token;

	if (err != NULL)
		return err;
	slug = option_operand(admin, 0);
	name = option_operand(admin, 1) != NULL ? option_operand(admin, 1) : slug;
	token = token_new(admin->ctx.arena, "pbm_");
	err = token_store_member(admin, slug, name, token);
	return err != NULL ? err : token_print(token, slug);
}

const struct err *admin_token_operator(struct admin *admin)
{
	struct db_rows *rows;
	const struct err *err = option_read(admin, NULL, 0, 0, 1);
	const char *name, *token;

	if (err != NULL)
		return err;
	name = option_operand(admin, 0) != NULL ? option_operand(admin, 0) : "operator";
	token = token_new(admin->ctx.arena, "pbo_");
	err = admin_run(admin, &rows, SQL_ADMIN_TOKEN_OPERATOR, name,
	    token_hash(admin->ctx.arena, token));
	return err != NULL ? err : token_print(token, "operator");
}

const struct err *admin_token_viewer(struct admin *admin)
{
	struct db_rows *rows;
	const struct err *err = option_read(admin, NULL, 0, 2, 2);
	const char *slug, *id, *token;

	if (err != NULL)
		return err;
	slug = option_operand(admin, 0);
	err = admin_account_id(admin, slug, &id);
	if (err != NULL)
		return err;
	token = token_new(admin->ctx.arena, "pbv_");
	err = admin_run(admin, &rows, SQL_ADMIN_TOKEN_VIEWER, id, option_operand(admin, 1),
	    token_hash(admin->ctx.arena, token));
	return err != NULL ? err : token_print(token, slug);
}

/* A token that is in use elsewhere comes in on standard input, where no other process sees it. */
const struct err *admin_token_import(struct admin *admin)
{
	const struct err *err = option_read(admin, NULL, 0, 1, 1);
	struct buf *input;
	const char *token;

	if (err == NULL)
		err = admin_read_file(admin, "-", TOKEN_MOST, &input);
	if (err != NULL)
		return err;
	token = text_trim(admin->ctx.arena, input->data == NULL ? "" : input->data);
	if (strlen(token) < TOKEN_LEAST || strlen(token) != strcspn(token, " \t\r\n"))
		return err_new(admin->ctx.arena, ERR_INVALID,
		    "a token is one word of at least %d characters on standard input", TOKEN_LEAST);
	err = token_store_member(admin, option_operand(admin, 0), "imported", token);
	if (err == NULL)
		(void)fprintf(stderr, "stored; sign in as \"%s\" with it\n",
		    option_operand(admin, 0));
	return err;
}
