/* prompt.h: what the files of deployed prompts share: answers and askers that a worker keeps.
 *
 * The database says what is deployed and who may read it; a notification says when that is old.
 * What is kept is given without a query while the listening connection lives and for at most a
 * minute (is fresh); while the database is away it is given as it is (is stale), and says so. */
#ifndef WEB_PROMPT_H
#define WEB_PROMPT_H

#include "model/registry.h"
#include "web/frame.h"

#define PROMPT_ENTRIES 2048
#define PROMPT_GRANTS 1024
#define PROMPT_SWEEP_MS (3600 * 1000) /* between sweeps of the folder of copies */

enum prompt_format { PROMPT_JSON, PROMPT_TEXT, PROMPT_TS, PROMPT_FORMATS };

/* When the database said so, and whether a notification would have told that it is old by now. */
struct prompt_age {
	int64_t checked_ms;   /* clock_ms */
	int64_t confirmed_ms; /* the same by the wall clock */
	int64_t touched_ms;   /* when its file learned of that, by the wall clock */
	uint64_t era;         /* of the listening connection; 0: none, or it is old */
	uint64_t used;        /* the larger, the later */
};

/* Whose token it is; the hash is all that is kept of the token. */
struct prompt_grant {
	struct arena *arena; /* of all that is here; NULL: nothing is */
	const char *hash;
	struct access access;
	int64_t until_ms;    /* by the wall clock; INT64_MAX: for ever */
	struct prompt_age age;
};

struct prompt_body {
	const char *type, *etag, *bytes;
	size_t len;
};

/* What an environment of an assistant has. */
struct prompt_entry {
	struct arena *arena; /* of all that is here; NULL: nothing is */
	const char *key, *digest, *account_id, *assistant_id, *event_id;
	const char *withdrawn_at, *environment; /* without a withdrawal the former is NULL */
	struct prompt_body bodies[PROMPT_FORMATS];
	const struct answer_header *headers;
	char former[37];     /* another event that is known to be older; "": none is */
	struct prompt_age age;
};

struct served {
	struct web *web;
	struct db *listener;
	bool is_begun;         /* it listens, since somebody asked */
	uint64_t era, uses;
	int64_t away_until_ms; /* till then the database is not asked where something is kept */
	const char *folder;    /* of copies on disk; NULL: none */
	bool has_complained;   /* of that folder */
	int64_t stale_ms;      /* how long an answer is given that nobody confirms */
	int64_t swept_ms;
	uint64_t entry_marks[PROMPT_ENTRIES], grant_marks[PROMPT_GRANTS];
	struct prompt_entry entries[PROMPT_ENTRIES];
	struct prompt_grant grants[PROMPT_GRANTS];
	/* prompt_wait.c */
	struct seat **waiting;
	size_t waiting_count, waiting_max;
	int64_t poll_at_ms;
	int watch;             /* epoll descriptor of the worker's loop */
};

/* What a request asks for; in the arena of its visit. */
struct prompt_want {
	const char *hash; /* of the bearer token */
	const char *assistant, *account, *environment;
	enum prompt_format format;
	int64_t wait_ms;
	int64_t slack_ms; /* what is not older needs no notification to be fresh */
	/* What the last look found, for whoever waits: copies. */
	const char *assistant_id, *account_id, *token_id;
	bool is_same;     /* the asker has it already */
};

/* prompt_answer.c: an entry out of a row of prompt_get; its age is the caller's. */
void prompt_entry_make(struct prompt_entry *entry, const char *key, const struct doc *row);
/* An entry out of the registry's files, which says so; it is kept nowhere. */
struct prompt_entry *prompt_entry_of_files(struct arena *arena,
    const struct registry_question *question, const struct registry_text *text);
/* The answer, or for what was withdrawn the problem. stale_s: seconds since it was confirmed; -1:
 * it is fresh. */
const struct problem *prompt_entry_answer(struct visit *visit,
    const struct prompt_entry *entry, int64_t stale_s, struct answer *answer);
/* Whether an entity tag may be of an event later than the entry's: *event gets that event. */
bool prompt_tag_is_news(const struct prompt_entry *entry, const char *if_none_match,
    char event[37]);

/* prompt_store.c: what is kept in memory; NULL: it is not there. Pointers are good until the next
 * call that keeps or forgets something. */
struct prompt_entry *prompt_entry_find(struct served *served, const char *key);
struct prompt_grant *prompt_grant_find(struct served *served, const char *hash);
/* What the database has just said; the files follow. left_ms: see prompt_read. */
struct prompt_entry *prompt_entry_keep(struct served *served, const char *key,
    const struct doc *row);
struct prompt_grant *prompt_grant_keep(struct served *served, const char *hash,
    const struct access *access, int64_t left_ms);
void prompt_entry_drop(struct served *served, const char *key);
void prompt_grant_drop(struct served *served, const char *hash);
/* The id of an assistant, account or token came with a notification; NULL: some may have been
 * missed. */
void prompt_heard(struct served *served, const char *id);
/* From disk, where memory has none. */
struct prompt_entry *prompt_entry_load(struct served *served, const char *key,
    const char *account_id);
struct prompt_grant *prompt_grant_load(struct served *served, const char *hash);

/* prompt_file.c: documents in the folder of copies. */
void prompt_file_save(struct served *served, const char *name, const struct doc *doc);
/* NULL: there is none that could be trusted. *confirmed_ms: when it was last said to be true. */
struct doc *prompt_file_load(struct served *served, struct arena *arena, const char *name,
    int64_t *confirmed_ms);
void prompt_file_confirm(struct served *served, const char *name);
void prompt_file_drop(struct served *served, const char *name);
/* Removes the files whose names begin so; NULL: those that are too old to be used. */
void prompt_file_sweep(struct served *served, const char *prefix);

/* prompt.c: looks again for a request that has been looked for before. */
const struct problem *prompt_look(struct visit *visit, struct answer *answer);

#endif
