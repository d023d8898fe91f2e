/* sheet_call.c: one request to Google: no redirects, a deadline, an answer of limited size. */
#include "run/sheet_call.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"

#define HEADER_VALUE_MAX 64
#define RETRY_AFTER_MAX_S 3600

struct sheet_call {
	struct transfer transfer; /* the first member */
	struct caller *caller;
	struct arena *arena;
	struct curl_slist *headers;
	struct buf *answer;
	struct sheet_reply reply;
	sheet_call_done done;
	void *arg;
	char detail[CURL_ERROR_SIZE];
};

static size_t on_receive(char *bytes, size_t size, size_t count, void *arg)
{
	struct sheet_call *call = arg;
	buf_add(call->answer, bytes, size * count);
	call->reply.is_too_large = call->answer->failed;
	return call->answer->failed ? 0 : size * count;
}

/* The value of a header, if the line is this one. */
static bool header_is(const char *line, size_t len, const char *name, char value[HEADER_VALUE_MAX])
{
	size_t name_len = strlen(name);
	const char *begin = line + name_len, *end = line + len;
	if (len <= name_len || strncasecmp(line, name, name_len) != 0)
		return false;
	while (begin < end && *begin == ' ')
		begin++;
	while (end > begin && (end[-1] == ' ' || end[-1] == '\r' || end[-1] == '\n'))
		end--;
	if (end - begin >= HEADER_VALUE_MAX)
		return false;
	(void)snprintf(value, HEADER_VALUE_MAX, "%.*s", (int)(end - begin), begin);
	return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct sheet_call *call = arg;
	char value[HEADER_VALUE_MAX];
	int64_t number = 0;
	if (header_is(line, size * count, "retry-after:", value)) {
		if (text_to_int(value, 0, RETRY_AFTER_MAX_S, &number))
			call->reply.retry_after_ms = number * 1000;
	} else if (header_is(line, size * count, "date:", value)
	    && clock_http_date(value, &number)) {
		call->reply.date_ms = number;
	}
	return size * count;
}

static void add_header(struct sheet_call *call, const char *name, const char *value)
{
	call->headers = curl_slist_append(call->headers,
	    arena_printf(call->arena, "%s: %s", name, value));
}

static void add_headers(struct sheet_call *call, const struct sheet_request *request)
{
	add_header(call, "User-Agent", "promptbuilder/" PROMPTBUILDER_VERSION);
	add_header(call, "Accept", "application/json");
	if (request->token)
		add_header(call, "Authorization",
		    arena_printf(call->arena, "Bearer %s", request->token));
	if (request->body)
		add_header(call, "Content-Type", request->content_type);
	call->headers = curl_slist_append(call->headers, "Expect:");
}

static void set_options(struct sheet_call *call, const struct sheet_request *request, CURL *easy)
{
	bool is_plain = strncasecmp(request->url, "http:", 5) == 0;
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
	if (is_plain)
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	if (request->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	/* A connection that has been closed meanwhile must not make a request look sent. */
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)strlen(request->body));
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	}
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_receive);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->detail);
}

static void on_ended(struct transfer *transfer, bool is_good)
{
	struct sheet_call *call = (struct sheet_call *)transfer;
	struct sheet_reply *reply = &call->reply;
	long request_bytes = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &reply->status);
	curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
	reply->has_left = request_bytes > 0 || is_good;
	reply->is_whole = is_good && !reply->is_too_large;
	reply->detail = arena_strdup(call->arena, *call->detail ? call->detail
	    : curl_easy_strerror((CURLcode)transfer->code));
	reply->body = call->answer;
	sheet_call_done done = call->done;
	void *arg = call->arg;
	sheet_call_end(call);
	done(arg, reply);
}

struct sheet_call *sheet_call_start(struct caller *caller, struct arena *arena,
    const struct sheet_request *request, sheet_call_done done, void *arg)
{
	struct sheet_call *call = arena_alloc(arena, sizeof(*call));
	CURL *easy = curl_easy_init();
	if (!easy)
		arena_out_of_memory(0);
	*call = (struct sheet_call){.caller = caller, .arena = arena, .done = done, .arg = arg};
	call->transfer.on_ended = on_ended;
	call->answer = buf_new(arena, request->answer_max);
	call->reply.retry_after_ms = -1;
	add_headers(call, request);
	set_options(call, request, easy);
	transfer_start(caller, &call->transfer, easy);
	return call;
}

void sheet_call_end(struct sheet_call *call)
{
	transfer_end(call->caller, &call->transfer);
	curl_slist_free_all(call->headers);
	call->headers = NULL;
}
