/* outbox.c: taking events and saying how their delivery went, as statements of a transaction. */
#include "model/outbox.h"

#define BODY_MAX (64u << 10)

struct db_rows *outbox_claim(struct db_tx *tx, struct arena *arena, int64_t lease_ms,
    int64_t limit)
{
	return db_add(tx, SQL_OUTBOX_CLAIM, db_int_param(arena, lease_ms),
	    db_int_param(arena, limit));
}

void outbox_tidy(struct db_tx *tx, struct arena *arena, int64_t keep_ms)
{
	db_add(tx, SQL_OUTBOX_EXPIRE);
	db_add(tx, SQL_OUTBOX_SWEEP, db_int_param(arena, keep_ms));
}

void outbox_read(struct arena *arena, const struct db_rows *rows, size_t row,
    struct outbox_event *event)
{
	struct doc *columns = doc_object(arena), *doc = doc_object(arena);
	struct buf *body = buf_new(arena, BODY_MAX);

	db_row_doc(rows, row, columns);
	doc_set_text(doc, "id", doc_text(columns, "id"));
	doc_set_text(doc, "type", doc_text(columns, "kind"));
	doc_set_text(doc, "created_at", doc_text(columns, "created_at"));
	doc_set(doc, "data", doc_get(columns, "payload"));
	doc_write(doc, body);
	*event = (struct outbox_event){
		.account_id = arena_strdup(arena, db_text(rows, row, "account_id")),
		.id = arena_strdup(arena, db_text(rows, row, "id")),
		.attempts = arena_strdup(arena, db_text(rows, row, "attempts")),
		.body = body->data,
	};
}

void outbox_settle(struct db_tx *tx, struct arena *arena, const struct outbox_event *event,
    const struct outbox_try *end)
{
	db_add(tx, SQL_OUTBOX_SETTLE, event->account_id, event->id, event->attempts, end->error,
	    end->status > 0 ? db_int_param(arena, end->status) : NULL,
	    db_int_param(arena, end->duration_ms));
}
