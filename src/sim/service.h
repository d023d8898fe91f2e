/* service.h: the endpoints: from a call's head and body to a reply, without any network. */
#ifndef SIM_SERVICE_H
#define SIM_SERVICE_H

#include "sim/cache.h"
#include "sim/limit.h"
#include "sim/script.h"
#include "sim/stats.h"

struct service {
	struct arena *arena; /* lives as long as the service */
	struct cache *cache;
	struct limits *limits;
	struct stats *stats;
	struct faults faults;     /* in force */
	struct faults faults_set; /* of the command line: what a reset returns to */
	struct arena *faults_arena; /* of faults given at run time; NULL: none */
	struct recorded recorded;
	int64_t latency_ms;
	int64_t rate; /* output tokens a second; 0: as latency_ms says */
};

/* What the service wants to know of a request; texts may be NULL. */
struct call {
	struct arena *arena;
	const char *method;
	const char *path;
	const char *api_key; /* of x-api-key or of a bearer token */
	const char *version; /* anthropic-version */
	const char *content_type;
	const char *fault; /* x-simulator-fault */
	const char *limit, *after_id, *before_id;
	const struct buf *body;
	int64_t now_ms;
};

#define REPLY_HEADER_MAX 20

/* What follows bytes that are sent before, or in place of, a reply. */
enum raw_end { RAW_ANSWER, RAW_CLOSE, RAW_SILENCE };

struct reply {
	unsigned status;
	const char *content_type;
	struct header {
		const char *name, *value;
	} headers[REPLY_HEADER_MAX];
	size_t header_count;
	struct script *script;
	const struct buf *raw; /* sent as it is, then raw_end; NULL: none */
	enum raw_end raw_end;
	bool counted;             /* a create call: its end must be told with service_end */
	struct stats_call stats_call;
	struct limit *limit; /* its buckets; NULL: it is not limited */
	const char *message_id;   /* NULL: no message */
	const char *if_incomplete; /* outcome where the script does not complete */
};

struct service *service_new(struct arena *arena, uint64_t seed);
void service_free(struct service *service);
/* Answers a call; the reply lives in the call's arena. */
void service_answer(struct service *service, const struct call *call, struct reply *reply);
/* The first byte of the reply has left. */
void service_begin(struct service *service, struct reply *reply);
/* The reply has left or its client has; call it once for each reply. */
void service_end(struct service *service, const struct reply *reply);

#endif
