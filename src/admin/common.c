/* common.c: the database, files and tables of the operator's tool. */
#include "admin/admin.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"
#include "model/account.h"

#define COLUMN_MAX 16
#define REPORT_MAX (1u << 20)
#define REASON_MAX 500
#define HOST_BYTES 256
#define TEMPORARY_CHARS 6

const struct err *admin_open(struct admin *admin)
{
	struct db_options options = {.application = "promptbuilder"};
	const struct err *err;

	if (admin->ctx.db != NULL)
		return NULL;
	err = conf_database_url(admin->ctx.arena, admin->ctx.conf, &options.url);
	if (err != NULL) {
		admin->status = EX_CONFIG;
		return err;
	}
	options.pooled = conf_bool(admin->ctx.conf, "DATABASE_POOLED");
	admin->ctx.db = db_new(&options);
	return NULL;
}

const struct err *admin_query(struct admin *admin, enum sql sql, const char *const *params,
    size_t count, struct db_rows **rows)
{
	const struct err *err = admin_open(admin);
	struct db_tx *tx;

	if (err != NULL)
		return err;
	tx = ctx_tx(&admin->ctx);
	*rows = db_add_params(tx, sql, params, count);
	return ctx_run(&admin->ctx, tx);
}

const char *admin_text(const struct doc *report, const char *name, const char *otherwise)
{
	const char *text = doc_scalar(doc_get(report, name));

	return text != NULL ? text : otherwise;
}

const char *admin_data(struct admin *admin, const char *name)
{
	return arena_printf(admin->ctx.arena, "%s/%s",
	    conf_text(admin->ctx.conf, "PROMPTBUILDER_DATA_DIR"), name);
}

const struct err *admin_read_file(struct admin *admin, const char *path, size_t max,
    struct buf **out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "re");
	struct buf *buf = buf_new(admin->ctx.arena, max);
	char part[4096];
	size_t len;
	bool is_broken;

	if (file == NULL)
		return err_new(admin->ctx.arena, ERR_MISSING, "%s: %s", path, strerror(errno));
	while (!buf->failed && (len = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(buf, part, len);
	is_broken = ferror(file) != 0;
	if (!is_stdin)
		(void)fclose(file);
	if (is_broken)
		return err_new(admin->ctx.arena, ERR_MISSING, "%s cannot be read", path);
	if (buf->failed)
		return err_new(admin->ctx.arena, ERR_LIMIT, "%s is larger than %zu bytes", path,
		    max);
	*out = buf;
	return NULL;
}

/* The column's name without the sign of its alignment. */
static const char *column_name(const char *column, char name[64], bool *is_right)
{
	size_t len = strlen(column);

	*is_right = len > 0 && column[len - 1] == '>';
	(void)snprintf(name, 64, "%.*s", (int)(len - *is_right), column);
	return name;
}

static void print_cell(const char *text, int width, bool is_right, bool is_last)
{
	int pad = width - (int)text_length(text);

	if (is_right)
		(void)printf("%*s", pad, "");
	(void)fputs(text, stdout);
	if (!is_right && !is_last)
		(void)printf("%*s", pad, "");
	(void)fputs(is_last ? "\n" : "  ", stdout);
}

static const char *cell(const struct db_rows *rows, size_t row, const char *name)
{
	const char *text = db_text(rows, row, name);

	return text == NULL ? "-" : text;
}

void admin_table(const struct db_rows *rows, const char *const *columns, size_t count)
{
	char names[COLUMN_MAX][64];
	bool is_right[COLUMN_MAX];
	int width[COLUMN_MAX];

	if (count > COLUMN_MAX)
		count = COLUMN_MAX;
	for (size_t c = 0; c < count; c++) {
		width[c] = (int)strlen(column_name(columns[c], names[c], &is_right[c]));
		for (size_t row = 0; row < db_count(rows); row++) {
			int len = (int)text_length(cell(rows, row, names[c]));

			width[c] = len > width[c] ? len : width[c];
		}
	}
	for (size_t c = 0; c < count; c++)
		print_cell(names[c], width[c], is_right[c], c + 1 == count);
	for (size_t row = 0; row < db_count(rows); row++)
		for (size_t c = 0; c < count; c++)
			print_cell(cell(rows, row, names[c]), width[c], is_right[c],
			    c + 1 == count);
}

const struct err *admin_account_id(struct admin *admin, const char *slug, const char **id)
{
	struct doc *account = doc_object(admin->ctx.arena);
	const struct err *err = admin_open(admin);

	if (err == NULL && slug != NULL)
		err = account_get(&admin->ctx, slug, account);
	if (err != NULL && err->kind == ERR_MISSING)
		return err_new(admin->ctx.arena, ERR_MISSING, "there is no account \"%s\"; "
		    "\"promptbuilder account list\" shows those there are", slug);
	*id = doc_text(account, "id");
	return err;
}

char *admin_temporary(struct arena *arena, const char *path)
{
	char *name = arena_printf(arena, "%s-%*s", path, TEMPORARY_CHARS, "");

	memset(name + strlen(name) - TEMPORARY_CHARS, 'X', TEMPORARY_CHARS);
	return name;
}

const char *admin_actor(struct admin *admin)
{
	const struct passwd *user = getpwuid(getuid());

	return user != NULL ? arena_printf(admin->ctx.arena, "%s at the command line",
	    user->pw_name) : "the command line";
}

const char *admin_host(struct admin *admin)
{
	char name[HOST_BYTES] = "";

	return gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0' ?
	    arena_strdup(admin->ctx.arena, name) : "unknown";
}

const struct err *admin_reason(struct admin *admin, const char *reason)
{
	if (*text_trim(admin->ctx.arena, reason) == '\0' ||
	    !text_is_clean(reason, strlen(reason)) || text_length(reason) > REASON_MAX)
		return err_new(admin->ctx.arena, ERR_INVALID,
		    "--reason: a reason is a text of 1 to %d characters", REASON_MAX);
	return NULL;
}

const struct err *admin_day(struct admin *admin, const struct option_row *option)
{
	if (option->value == NULL || text_is_day(option->value))
		return NULL;
	return err_new(admin->ctx.arena, ERR_INVALID, "--%s: \"%s\" is not a day, YYYY-MM-DD",
	    option->name, option->value);
}

const struct err *admin_tell(struct admin *admin,
    const struct err *(*report)(struct ctx *ctx, struct doc *out),
    void (*print)(struct admin *admin, const struct doc *report))
{
	struct option_row options[] = {{.name = "json", .is_flag = true}};
	struct doc *found = doc_object(admin->ctx.arena);
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);
	struct buf *json;

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = report(&admin->ctx, found);
	if (err != NULL)
		return err;
	if (options[0].value == NULL) {
		print(admin, found);
		return NULL;
	}
	json = buf_new(admin->ctx.arena, REPORT_MAX);
	doc_write(found, json);
	(void)puts(json->data);
	return NULL;
}
