/* call.c: one multi handle, one transfer per call, its callbacks and its timers. */
#include "run/call.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "run/address.h"
#include "run/fault.h"
#include "run/poller.h"
#include "run/sse.h"

#define ERROR_BODY_MAX (64 * 1024)
#define STREAM_MAX (32 * 1024 * 1024)
#define HEADER_MAX 200
#define HEADERS_MAX (64 * 1024)
#define CLOSING_MS 1000

struct caller {
	CURLM *multi;
	struct poller *poller;
	struct curl_slist *headers;
	struct arena *event; /* of one event of a stream */
	struct call *calls;
	char *url;
	bool is_plain; /* http, to this machine */
	bool has_key;
	const char *key_name;
	const char *ca_file; /* NULL: the system's authorities alone */
	int64_t connect_ms, first_byte_ms, silence_ms, longest_ms;
	int64_t due_ms; /* no call ends by itself before */
};

struct call {
	struct transfer transfer; /* the first member */
	struct caller *caller;
	struct call *next, **place;
	struct arena *arena;
	const struct buf *body;
	size_t header_bytes, received;
	struct sse *sse;
	struct answer *answer;
	struct spool_file *file;
	struct buf *error_body;
	struct ending ending;
	const char *request_id;
	struct quota quota;
	bool is_sending, is_stream;
	bool is_refused; /* its body cannot be read: wrong encoding, too long, not events */
	int64_t begun_ms, moved_ms, ended_ms, first_byte_ms;
	void (*begun)(void *arg);
	bool (*may_send)(void *arg);
	call_done done;
	void *arg;
	char detail[CURL_ERROR_SIZE];
};

/* ---- The caller. ---- */

static void add_headers(struct caller *caller, struct arena *arena, const char *key)
{
	static const char *const fixed[] = {
		"Content-Type: application/json", "Accept: text/event-stream",
		"Accept-Encoding: identity", "anthropic-version: 2023-06-01", "Expect:",
		("User-Agent: promptbuilder/" PROMPTBUILDER_VERSION),
	};
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		caller->headers = curl_slist_append(caller->headers, fixed[i]);
	if (key)
		caller->headers = curl_slist_append(caller->headers,
		    arena_printf(arena, "x-api-key: %s", key));
}

const struct err *caller_new(struct arena *arena, const struct conf *conf, struct caller **out)
{
	struct caller *caller = arena_alloc(arena, sizeof(*caller));
	const char *base = conf_text(conf, "ANTHROPIC_BASE_URL");
	struct address address;
	const struct err *err = address_read(arena, "ANTHROPIC_BASE_URL", base, &address);
	if (err)
		return err;
	caller->is_plain = address.is_plain;
	size_t len = strlen(base);
	while (len > 0 && base[len - 1] == '/')
		len--;
	caller->url = arena_printf(arena, "%.*s/v1/messages", (int)len, base);
	const char *key = conf_text(conf, "ANTHROPIC_API_KEY");
	caller->has_key = key != NULL;
	caller->key_name = text_sha256(arena, key ? key : "", key ? strlen(key) : 0);
	caller->ca_file = conf_text(conf, "PROMPTBUILDER_CA_FILE");
	caller->connect_ms = conf_int(conf, "PROMPTBUILDER_CONNECT_TIMEOUT_MS");
	caller->first_byte_ms = conf_int(conf, "PROMPTBUILDER_FIRST_BYTE_MS");
	caller->silence_ms = conf_int(conf, "PROMPTBUILDER_SILENCE_MS");
	caller->longest_ms = conf_int(conf, "PROMPTBUILDER_CALL_TIMEOUT_MS");
	caller->event = arena_new();
	caller->multi = curl_multi_init();
	if (!caller->multi)
		arena_out_of_memory(0);
	curl_multi_setopt(caller->multi, CURLMOPT_MAXCONNECTS,
	    (long)conf_int(conf, "PROMPTBUILDER_CONCURRENCY"));
	caller->poller = poller_new(arena, caller->multi);
	caller->due_ms = INT64_MAX;
	add_headers(caller, arena, key);
	*out = caller;
	return NULL;
}

void caller_free(struct caller *caller)
{
	curl_slist_free_all(caller->headers);
	curl_multi_cleanup(caller->multi);
	poller_free(caller->poller);
	arena_free(caller->event);
}

bool caller_has_key(const struct caller *caller)
{
	return caller->has_key;
}

const char *caller_key_name(const struct caller *caller)
{
	return caller->key_name;
}

/* ---- When a call ends by itself. ---- */

static bool is_over(const struct call *call)
{
	return call->answer->is_complete || call->answer->error_type;
}

/* When the call ends by itself, and how. After the last event the connection has a moment to end
 * properly, so that it can be used again. */
static int64_t due_ms(const struct call *call, enum call_end *end)
{
	int64_t late_ms = call->begun_ms + call->caller->longest_ms;
	bool has_begun = call->answer->is_started;
	int64_t patience_ms = is_over(call) ? CLOSING_MS
	    : has_begun ? call->caller->silence_ms : call->caller->first_byte_ms;
	int64_t silent_ms = call->moved_ms + patience_ms;
	*end = is_over(call) ? CALL_ANSWERED : has_begun ? CALL_SILENT : CALL_UNANSWERED;
	if (late_ms < silent_ms)
		*end = CALL_LATE;
	return late_ms < silent_ms ? late_ms : silent_ms;
}

/* Only then are all calls looked at again. */
static void watch_call(struct call *call)
{
	enum call_end end;
	int64_t at_ms = due_ms(call, &end);
	if (at_ms < call->caller->due_ms)
		call->caller->due_ms = at_ms;
}

/* ---- Callbacks of a transfer: they note, the loop acts. ---- */

/* There is a connection, and nothing of the request has gone through it. libcurl comes here again
 * when a kept connection turned out to be dead: it would send a second request behind the ledger's
 * back. */
static int on_connected(void *arg, char *address, char *own_address, int port, int own_port)
{
	struct call *call = arg;
	(void)address, (void)own_address, (void)port, (void)own_port;
	if (call->is_sending)
		call->ending.detail = "the connection ended before an answer came";
	else if (call->may_send && !call->may_send(call->arg))
		call->ending.detail = "the runner's lease ended before the request was sent";
	call->is_sending = true;
	return call->ending.detail ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static void on_event(void *arg, const char *name, const char *data, size_t len)
{
	struct call *call = arg;
	if (answer_event(call->answer, call->caller->event, data, len))
		call->moved_ms = clock_ms();
	watch_call(call);
	arena_reset(call->caller->event);
}

/* Returns 0, which ends the transfer: what comes is of no use. */
static size_t refuse(struct call *call, const char *detail)
{
	if (!call->is_refused)
		call->ending.detail = detail;
	call->is_refused = true;
	return 0;
}

/* The first byte of the body decides how the rest is read. */
static void look_at_response(struct call *call)
{
	const char *type = NULL;
	long status = 0;
	curl_easy_getinfo(call->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->transfer.easy, CURLINFO_CONTENT_TYPE, &type);
	call->first_byte_ms = clock_ms() - call->begun_ms;
	call->ending.http_status = status;
	call->is_stream = status == 200 && type && strncasecmp(type, "text/event-stream", 17) == 0;
	quota_finish(&call->quota, clock_wall_ms());
	if (status == 200 && !call->is_stream && !call->is_refused)
		refuse(call, "the answer is not an event stream");
	if (call->is_refused)
		return;
	if (call->is_stream && call->begun)
		call->begun(call->arg);
	spool_begin(call->file, &(struct spool_response){
		.http_status = status, .request_id = call->request_id,
		.first_byte_ms = call->first_byte_ms});
}

/* NULL: the stream is good so far. */
static const char *take_stream(struct call *call, const char *bytes, size_t len)
{
	if (!sse_feed(call->sse, bytes, len))
		return "an event of the answer is too long";
	if (call->answer->text->failed)
		return "the text of the answer is too long";
	if (call->answer->is_broken)
		return "an event of the answer is not JSON";
	return call->received > STREAM_MAX ? "the answer does not end" : NULL;
}

static size_t on_receive(char *bytes, size_t size, size_t count, void *arg)
{
	struct call *call = arg;
	size_t len = size * count;
	if (call->first_byte_ms < 0)
		look_at_response(call);
	call->received += len;
	spool_add(call->file, bytes, len);
	FAULT_POINT("answering");
	if (call->is_refused)
		return 0;
	const char *problem = call->is_stream ? take_stream(call, bytes, len) : NULL;
	if (problem)
		return refuse(call, problem);
	if (!call->is_stream && call->error_body->len + len <= ERROR_BODY_MAX)
		buf_add(call->error_body, bytes, len);
	return len;
}

static const char *header_value(struct call *call, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t rest = len - (size_t)(colon + 1 - line);
	if (rest > HEADER_MAX || !text_is_clean(colon + 1, rest))
		return NULL;
	return text_trim(call->arena, arena_strndup(call->arena, colon + 1, rest));
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct call *call = arg;
	size_t len = size * count;
	const char *encoding = NULL;
	const struct {
		const char *name;
		const char **value;
	} wanted[] = {
		{"request-id:", &call->request_id},
		{"retry-after:", &call->ending.retry_after},
		{"retry-after-ms:", &call->ending.retry_after_ms},
		{"x-should-retry:", &call->ending.should_retry},
		{"content-encoding:", &encoding},
	};
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		size_t name_len = strlen(wanted[i].name);
		if (len > name_len && strncasecmp(line, wanted[i].name, name_len) == 0)
			*wanted[i].value = header_value(call, line, len);
	}
	quota_header(&call->quota, line, len);
	call->header_bytes += len;
	if (call->header_bytes > HEADERS_MAX)
		return refuse(call, "the header of the answer does not end");
	if (encoding && strcasecmp(encoding, "identity") != 0)
		refuse(call, "the answer is compressed although that was not asked for");
	return len;
}

/* ---- A call from start to end. ---- */

static void set_options(struct call *call, CURL *easy)
{
	const struct caller *caller = call->caller;
	curl_easy_setopt(easy, CURLOPT_URL, caller->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, caller->is_plain ? "http" : "https");
	if (caller->is_plain)
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	    caller->is_plain ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, caller->is_plain ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	if (caller->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, caller->ca_file);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)caller->connect_ms);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 30L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, caller->headers);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body->len);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body->data);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_receive);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
}

static void on_ended(struct transfer *transfer, bool is_good);

struct call *call_start(struct caller *caller, struct arena *arena, const struct buf *body,
    call_done done, void *arg)
{
	struct call *call = arena_alloc(arena, sizeof(*call));
	call->caller = caller;
	call->arena = arena;
	call->body = body;
	call->sse = sse_new(arena, on_event, call);
	call->answer = answer_new(arena);
	call->error_body = buf_new(arena, ERROR_BODY_MAX);
	call->begun_ms = call->moved_ms = clock_ms();
	call->first_byte_ms = -1;
	call->done = done;
	call->arg = arg;
	call->transfer.on_ended = on_ended;
	CURL *easy = curl_easy_init();
	if (!easy)
		arena_out_of_memory(0);
	set_options(call, easy);
	call->next = caller->calls;
	call->place = &caller->calls;
	if (call->next)
		call->next->place = &call->next;
	caller->calls = call;
	watch_call(call);
	transfer_start(caller, &call->transfer, easy);
	return call;
}

void call_keep(struct call *call, struct spool_file *file)
{
	call->file = file;
}

void call_watch(struct call *call, void (*begun)(void *arg))
{
	call->begun = begun;
}

void call_guard(struct call *call, bool (*may_send)(void *arg))
{
	call->may_send = may_send;
}

/* The provider's error object, when the body is one. */
static void read_error_body(struct call *call)
{
	struct doc *body = NULL;
	if (call->is_stream || call->error_body->len == 0)
		return;
	if (doc_parse(call->arena, call->error_body->data, call->error_body->len, &body))
		return; /* a proxy's page: the status says enough */
	const struct doc *error = doc_get(body, "error");
	call->ending.error_type = doc_text(error, "type");
	call->ending.error_message = doc_text(error, "message");
	call->ending.error_code = doc_text(doc_get(error, "details"), "error_code");
}

static void call_finish(struct call *call, enum call_end end)
{
	long status = 0, request_bytes = 0;
	curl_easy_getinfo(call->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->transfer.easy, CURLINFO_REQUEST_SIZE, &request_bytes);
	call->ended_ms = clock_ms();
	call->ending.end = end;
	call->ending.http_status = status < 200 ? 0 : status; /* 1xx: the answer is still to come */
	call->ending.is_sent = request_bytes > 0;
	call->ending.is_untrusted = call->transfer.code == CURLE_PEER_FAILED_VERIFICATION;
	retry_read_answer(call->answer, &call->ending);
	spool_end(call->file);
	if (end == CALL_BROKEN && !call->ending.detail && *call->detail)
		call->ending.detail = arena_strdup(call->arena, call->detail);
	read_error_body(call);

	transfer_end(call->caller, &call->transfer);
	*call->place = call->next;
	if (call->next)
		call->next->place = call->place;
	call->done(call->arg, call);
}

void call_abort(struct call *call)
{
	call_finish(call, CALL_ABORTED);
}

/* A complete answer is one, however the connection ended. */
static void on_ended(struct transfer *transfer, bool is_good)
{
	struct call *call = (struct call *)transfer;
	bool is_whole = is_good || call->answer->is_complete;
	if (transfer->code == CURLE_OUT_OF_MEMORY && call->first_byte_ms < 0)
		refuse(call, "a line in the header of the answer is too long"); /* for libcurl */
	call_finish(call, call->is_refused ? CALL_UNREADABLE
	    : is_whole ? CALL_ANSWERED : CALL_BROKEN);
}

static void finish_ended(struct caller *caller)
{
	int left;
	CURLMsg *message;
	while ((message = curl_multi_info_read(caller->multi, &left)) != NULL) {
		struct transfer *transfer = NULL;
		bool is_good = message->data.result == CURLE_OK;
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		transfer->code = message->data.result;
		transfer->on_ended(transfer, is_good);
	}
}

void transfer_start(struct caller *caller, struct transfer *transfer, void *easy)
{
	transfer->easy = easy;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_multi_add_handle(caller->multi, easy);
}

void transfer_end(struct caller *caller, struct transfer *transfer)
{
	if (!transfer->easy)
		return;
	curl_multi_remove_handle(caller->multi, transfer->easy);
	curl_easy_cleanup(transfer->easy);
	transfer->easy = NULL;
}

static void end_due(struct caller *caller, int64_t now_ms)
{
	caller->due_ms = INT64_MAX;
	for (struct call *call = caller->calls, *next; call; call = next) {
		enum call_end end;
		next = call->next;
		if (due_ms(call, &end) <= now_ms)
			call_finish(call, end);
		else
			watch_call(call);
	}
}

void caller_step(struct caller *caller, int64_t now_ms)
{
	poller_step(caller->poller, now_ms);
	finish_ended(caller);
	if (now_ms >= caller->due_ms)
		end_due(caller, now_ms);
}

int64_t caller_due_ms(const struct caller *caller)
{
	return caller->due_ms;
}

void caller_wait(struct caller *caller, struct pollfd *fds, size_t count, int64_t wait_ms)
{
	poller_wait(caller->poller, fds, count, wait_ms);
}

/* ---- An ended call. ---- */

struct outcome call_outcome(const struct call *call)
{
	return (struct outcome){
		.ending = call->ending,
		.answer = call->answer,
		.request_id = call->request_id,
		.first_byte_ms = call->first_byte_ms,
		.duration_ms = call->ended_ms - call->begun_ms,
	};
}

const struct answer *call_answer(const struct call *call)
{
	return call->answer;
}

const struct quota *call_quota(const struct call *call)
{
	return &call->quota;
}
