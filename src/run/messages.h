/* messages.h: the provider's Messages API: what is asked, and the answer as it streams in. */
#ifndef RUN_MESSAGES_H
#define RUN_MESSAGES_H

#include "base/doc.h"
#include "base/money.h"

/* The text of one answer. */
#define ANSWER_TEXT_MAX (4 * 1024 * 1024)

struct question {
	const char *model;
	int64_t max_tokens;
	const char *system;       /* the stable part: sent as a cached prefix */
	const char *user;
	struct doc *schema;       /* of a structured answer, NULL: free text */
};

/* Writes the request body. *hash gets the SHA-256 of what is asked, canonically: everything but
 * the ceiling and the transport, so that a changed setting does not make it another question. */
void messages_request(struct arena *arena, const struct question *question, struct buf *body,
    const char **hash);
/* Tokens of so many bytes of text, rather too many than too few. */
int64_t messages_tokens(size_t bytes);
/* More than these the request of so many bytes cannot have: a token is a byte at least, and the
 * provider adds few of its own. */
int64_t messages_tokens_max(size_t bytes);

/* An answer under way. Its memory is the arena's. */
struct answer {
	struct arena *arena;
	struct buf *text;
	struct doc *usage; /* the provider's usage object, later values over earlier ones */
	const char *message_id;
	const char *stop_reason;
	const char *explanation; /* of a refusal */
	const char *error_type, *error_message; /* of an error inside the stream */
	size_t hidden_bytes;     /* of thinking and the like: billed, not part of the text */
	bool is_started;         /* message_start came */
	bool is_complete;        /* message_stop came */
	bool is_broken;          /* an event that is not JSON, or a text beyond ANSWER_TEXT_MAX */
};

struct answer *answer_new(struct arena *arena);
/* Takes in one event of the stream; data is its JSON, scratch is used during the call only.
 * Returns whether it moved the answer on: pings and unknown events do not. */
bool answer_event(struct answer *answer, struct arena *scratch, const char *data, size_t len);
/* Token buckets of the usage object. false: none came, or it cannot be true (negative counts,
 * parts larger than their sum); tokens is then all zero. */
bool answer_usage(const struct answer *answer, struct money_usage *tokens);
/* Output tokens by the size of what came. */
int64_t answer_output_estimate(const struct answer *answer);

#endif
