/* reply.h: the kinds of reply the endpoints give, and the headers all of them carry. */
#ifndef SIM_REPLY_H
#define SIM_REPLY_H

#include "sim/service.h"

/* The endpoints that call for tokens, in service.c. */
void service_create(struct service *service, const struct call *call, struct reply *reply);
void service_count(struct service *service, const struct call *call, struct reply *reply);

/* Parses the call's body as JSON. */
const struct err *reply_body(const struct call *call, struct doc **body) MUST_CHECK;
void reply_header(struct reply *reply, const char *name, const char *value);
void reply_doc(const struct call *call, struct reply *reply, unsigned status,
    const struct doc *doc);
/* An error body of the type that belongs to the status. */
void reply_error(const struct call *call, struct reply *reply, unsigned status,
    const char *message);
/* The 429 of an exhausted monthly cap. */
void reply_spend_cap(const struct call *call, struct reply *reply);
/* The 429 of a bucket of reply->limit that lacks something. */
void reply_rate_limit(const struct call *call, struct reply *reply, enum limit_kind kind,
    int64_t wait_ms);
/* An error with the status that its kind maps to. */
void reply_err(const struct call *call, struct reply *reply, const struct err *err);
/* request-id, the simulator's own name, and, of a create call, the rate limits. */
void reply_common_headers(struct service *service, const struct call *call, struct reply *reply);

#endif
