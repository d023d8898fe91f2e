/* delivery.h: what the files of delivery share: answers and askers that a worker keeps.
 *
 * The database says what is deployed and who may read it; a notification says when that is old.
 * What is kept is given without a query while the listening connection lives and for at most a
 * minute (is fresh); while the database is away it is given as it is (is stale), and says so. */
#ifndef WEB_DELIVERY_H
#define WEB_DELIVERY_H

#include "web/frame.h"

#define DELIVERY_ENTRIES 2048
#define DELIVERY_GRANTS 1024

enum delivery_format { DELIVERY_JSON, DELIVERY_TEXT, DELIVERY_TS, DELIVERY_FORMATS };

/* When the database said so, and whether a notification would have told that it is old by now. */
struct delivery_age {
	int64_t checked_ms;   /* clock_ms */
	int64_t confirmed_ms; /* the same by the wall clock */
	int64_t touched_ms;   /* when its file learned of that, by the wall clock */
	uint64_t era;         /* of the listening connection; 0: none, or it is old */
	uint64_t used;        /* the larger, the later */
};

/* Whose token it is; the hash is all that is kept of the token. */
struct delivery_grant {
	struct arena *arena; /* of all that is here; NULL: nothing is */
	const char *hash;
	struct access access;
	int64_t until_ms;    /* by the wall clock; INT64_MAX: for ever */
	struct delivery_age age;
};

struct delivery_body {
	const char *type, *etag, *bytes;
	size_t len;
};

/* What an environment of an assistant has. */
struct delivery_entry {
	struct arena *arena; /* of all that is here; NULL: nothing is */
	const char *key, *digest, *account_id, *assistant_id, *event_id;
	const char *withdrawn_at, *environment; /* without a withdrawal the former is NULL */
	struct delivery_body bodies[DELIVERY_FORMATS];
	const struct answer_header *headers;
	char former[37];     /* another event that is known to be older; "": none is */
	struct delivery_age age;
};

struct delivery {
	struct web *web;
	struct db *listener;
	bool is_begun;         /* it listens, since somebody asked */
	uint64_t era, uses;
	int64_t away_until_ms; /* till then the database is not asked where something is kept */
	const char *folder;    /* of copies on disk; NULL: none */
	bool has_complained;   /* of that folder */
	int64_t stale_ms;      /* how long an answer is given that nobody confirms */
	int64_t swept_ms;
	uint64_t entry_marks[DELIVERY_ENTRIES], grant_marks[DELIVERY_GRANTS];
	struct delivery_entry entries[DELIVERY_ENTRIES];
	struct delivery_grant grants[DELIVERY_GRANTS];
	/* delivery_wait.c */
	struct seat **waiting;
	size_t waiting_count, waiting_max;
	int64_t poll_at_ms;
	int watch;             /* epoll descriptor of the worker's loop */
};

/* What a request asks for; in the arena of its visit. */
struct delivery_want {
	const char *hash; /* of the bearer token */
	const char *assistant, *account, *environment;
	enum delivery_format format;
	int64_t wait_ms;
	int64_t slack_ms; /* what is not older needs no notification to be fresh */
	/* What the last look found, for whoever waits: copies. */
	const char *assistant_id, *account_id, *token_id;
	bool is_same;     /* the asker has it already */
};

/* delivery_answer.c: an entry out of a row of delivery_get; its age is the caller's. */
void delivery_entry_make(struct delivery_entry *entry, const char *key, const struct doc *row);
/* The answer, or for what was withdrawn the problem. stale_s: seconds since it was confirmed; -1:
 * it is fresh. */
const struct problem *delivery_entry_answer(struct visit *visit,
    const struct delivery_entry *entry, int64_t stale_s, struct answer *answer);
/* Whether an entity tag may be of an event later than the entry's: *event gets that event. */
bool delivery_tag_is_news(const struct delivery_entry *entry, const char *if_none_match,
    char event[37]);

/* delivery_store.c: what is kept in memory; NULL: it is not there. Pointers are good until the next
 * call that keeps or forgets something. */
struct delivery_entry *delivery_entry_find(struct delivery *delivery, const char *key);
struct delivery_grant *delivery_grant_find(struct delivery *delivery, const char *hash);
/* What the database has just said; the files follow. left_ms: see delivery_read. */
struct delivery_entry *delivery_entry_keep(struct delivery *delivery, const char *key,
    const struct doc *row);
struct delivery_grant *delivery_grant_keep(struct delivery *delivery, const char *hash,
    const struct access *access, int64_t left_ms);
void delivery_entry_drop(struct delivery *delivery, const char *key);
void delivery_grant_drop(struct delivery *delivery, const char *hash);
/* The id of an assistant, account or token came with a notification; NULL: some may have been
 * missed. */
void delivery_heard(struct delivery *delivery, const char *id);
/* From disk, where memory has none. */
struct delivery_entry *delivery_entry_load(struct delivery *delivery, const char *key,
    const char *account_id);
struct delivery_grant *delivery_grant_load(struct delivery *delivery, const char *hash);

/* delivery_file.c: documents in the folder of copies. */
void delivery_file_save(struct delivery *delivery, const char *name, const struct doc *doc);
/* NULL: there is none that could be trusted. *confirmed_ms: when it was last said to be true. */
struct doc *delivery_file_load(struct delivery *delivery, struct arena *arena, const char *name,
    int64_t *confirmed_ms);
void delivery_file_confirm(struct delivery *delivery, const char *name);
void delivery_file_drop(struct delivery *delivery, const char *name);
/* Removes the files whose names begin so; NULL: those that are too old to be used. */
void delivery_file_sweep(struct delivery *delivery, const char *prefix);

/* delivery.c: looks again for a request that has been looked for before. */
const struct problem *delivery_look(struct visit *visit, struct answer *answer);

#endif
