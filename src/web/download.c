/* download.c: a table as CSV: out of the document, or row by row while the database gives them. */
#include "web/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"
#include "base/text.h"
#include "model/list.h"
#include "web/csv.h"

#define PART (32u << 10)      /* bytes that go out together */
#define NAME_BYTES 120
#define BOM "\xef\xbb\xbf"
#define FULL "Other downloads are being made. Try again in a moment."

struct column {
	const char *name;
	bool is_numeric;
	int place; /* in the rows of a statement */
};

struct download {
	struct table_choice choice;
	struct column *columns;
	size_t count;
	struct buf *out;       /* of a list: what has not been sent yet */
	struct download_sink sink;
	bool is_open;          /* a row of a list has come, so that the head is made */
	size_t sent;
};

/* Long downloads at a time, of all workers; each holds a lock on a byte of the file, which ends
 * with its process. */
static struct {
	int file;
	int count;
} slots;

void download_share(int workers)
{
	slots.count = workers > 1 ? workers / 2 : 1;
	slots.file = memfd_create("downloads", MFD_CLOEXEC);
	if (slots.file < 0) {
		log_error("downloads cannot be counted", "error", strerror(errno));
		exit(EXIT_FAILURE);
	}
}

static bool slot_take(void)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

	for (; lock.l_start < slots.count; lock.l_start++)
		if (fcntl(slots.file, F_SETLK, &lock) == 0)
			return true;
	return false;
}

static void slot_give_back(void *unused)
{
	struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

	fcntl(slots.file, F_SETLK, &lock);
}

static void columns_read(struct arena *arena, struct download *download)
{
	const char *names = download->choice.table->columns;

	/* Each name has a letter and, but for the last, a space. */
	download->columns = arena_alloc(arena,
	    (strlen(names) + 1) / 2 * sizeof(*download->columns));
	while (*names != '\0') {
		struct column *column = &download->columns[download->count++];
		size_t len;

		column->is_numeric = *names == '#';
		names += column->is_numeric;
		len = strcspn(names, " ");
		column->name = arena_strndup(arena, names, len);
		names += len + strspn(names + len, " ");
	}
}

const struct problem *download_begin(struct visit *visit)
{
	struct request *request = &visit->request;
	struct arena *arena = visit->ctx.arena;
	struct download *download = arena_alloc(arena, sizeof(*download));
	const struct err *err = tables_pick(&visit->ctx, request, visit->row, &download->choice);

	if (err)
		return problem_from_err(arena, err, request->method);
	columns_read(arena, download);
	if (download->choice.table->is_list)
		request->rows = request->head ? 1 : LIST_ROWS_ALL;
	visit->download = download;
	return NULL;
}

static void head_add(struct download *download, struct buf *out)
{
	buf_text(out, download->choice.has_bom ? BOM : "");
	for (size_t i = 0; i < download->count; i++)
		buf_printf(out, "%s,", download->columns[i].name);
	csv_end(out);
}

/* An object and what it stands in. */
struct around {
	const struct doc *object;
	const struct around *outer;
};

/* A row's member, or one of what is around the row. */
static const char *cell_find(const struct around *row, const char *name)
{
	const struct doc *value;

	while (row->outer && !doc_has(row->object, name))
		row = row->outer;
	value = doc_get(row->object, name);
	if (doc_type(value) == DOC_BOOL)
		return text_equal(doc_scalar(value), "1") ? "true" : "false";
	return doc_scalar(value);
}

static void line_add(struct download *download, const struct around *row, struct buf *out)
{
	for (size_t i = 0; i < download->count; i++) {
		const struct column *column = &download->columns[i];

		csv_cell(out, cell_find(row, column->name), column->is_numeric);
	}
	csv_end(out);
}

/* Goes along the place of a table and adds a line for each object at its end. */
static void lines_add(struct download *download, const struct around *outer,
    const struct doc *value, const char *const *place, struct buf *out)
{
	struct around row = {.object = value, .outer = outer};

	for (size_t i = 0; doc_type(value) == DOC_ARRAY && i < doc_count(value); i++)
		lines_add(download, outer, doc_at(value, i), place, out);
	if (doc_type(value) != DOC_OBJECT)
		return;
	if (*place)
		lines_add(download, &row, doc_get(value, *place), place + 1, out);
	else
		line_add(download, &row, out);
}

/* "costs_by_phase_2026-10-01_2026-10-31.csv": the address, a table that is not the first, a period
 * where there is one. */
static const char *file_name(const struct visit *visit)
{
	const struct table_choice *choice = &visit->download->choice;
	const struct doc *period = doc_has(visit->reply.doc, "from") ? visit->reply.doc :
	    visit->request.fields;
	const char *from = doc_text(period, "from");
	const char *to = doc_text(period, "to");
	const char *path = visit->request.path + 1;
	bool has_period = from && to;

	return text_file_name(visit->ctx.arena, arena_printf(visit->ctx.arena,
	    "%.*s%s%s%s%s%s%s.csv", NAME_BYTES, *path == '\0' ? "home" : path,
	    choice->is_first ? "" : "_", choice->is_first ? "" : choice->table->name,
	    has_period ? "_" : "", has_period ? from : "", has_period ? "_" : "",
	    has_period ? to : ""));
}

static void answer_fill(const struct visit *visit, struct answer *answer)
{
	*answer = (struct answer){
		.status = 200,
		.type = "text/csv; charset=utf-8; header=present",
		.download = file_name(visit),
		.is_endless = visit->download->choice.table->is_list,
	};
}

const struct err *download_render(struct visit *visit, struct answer *answer)
{
	struct download *download = visit->download;
	struct buf *out = buf_new(visit->ctx.arena, PAGE_MAX);

	head_add(download, out);
	lines_add(download, NULL, visit->reply.doc, download->choice.table->place, out);
	if (out->failed)
		return err_new(visit->ctx.arena, ERR_BUG, "The table is too large to be sent.");
	answer_fill(visit, answer);
	answer->body = out->data;
	answer->len = out->len;
	return NULL;
}

/* False: the client is gone, or a line is longer than a page. */
static bool part_send(struct download *download)
{
	struct buf *out = download->out;
	bool is_sent = !out->failed &&
	    download->sink.send(download->sink.arg, out->data, out->len);

	download->sent += out->len;
	buf_reset(out);
	return is_sent;
}

static void list_open(struct visit *visit, const struct db_rows *rows)
{
	struct download *download = visit->download;
	struct answer answer;

	answer_fill(visit, &answer);
	reply_write(visit->ctx.arena, &visit->request, &answer, download->out);
	head_add(download, download->out);
	for (size_t i = 0; i < download->count; i++)
		download->columns[i].place = db_column(rows, download->columns[i].name);
	download->is_open = true;
}

static bool row_take(void *arg, const struct db_rows *rows, size_t row)
{
	struct visit *visit = arg;
	struct download *download = visit->download;
	char space[DB_CELL_BYTES];

	if (!download->is_open)
		list_open(visit, rows);
	for (size_t i = 0; i < download->count; i++) {
		const struct column *column = &download->columns[i];

		csv_cell(download->out, db_cell(rows, row, column->place, space),
		    column->is_numeric);
	}
	csv_end(download->out);
	return download->out->len < PART || part_send(download);
}

const struct problem *download_stream(struct visit *visit, const struct download_sink *sink)
{
	struct download *download = visit->download;

	if (!download->choice.table->is_list)
		return NULL;
	if (!slot_take())
		return problem_from_err(visit->ctx.arena,
		    err_new(visit->ctx.arena, ERR_LIMIT, "%s", FULL), WEB_GET);
	arena_on_reset(visit->ctx.arena, slot_give_back, NULL);
	download->out = buf_new(visit->ctx.arena, PAGE_MAX);
	download->sink = *sink;
	visit->ctx.take = row_take;
	visit->ctx.take_arg = visit;
	return NULL;
}

bool download_is_open(const struct visit *visit)
{
	return visit->download && visit->download->is_open;
}

bool download_end(struct visit *visit, const struct err *err, struct answer *answer)
{
	struct download *download = visit->download;
	bool is_good = !err && part_send(download);

	*answer = (struct answer){.status = 200, .len = download->sent};
	if (!is_good)
		log_warn("a download was cut", "why", err ? err->sentence : "the client is gone");
	return is_good;
}
