/* reply.c: the only place that writes headers: status, security, validators, cookies, body. */
#include "web/frame.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"

#define SESSION_AGE_S (90 * 24 * 3600)
#define FORM_AGE_S (12 * 3600)
#define FLASH_AGE_S 60
#define ETAG_CHARS 32

#define SECURITY \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; " \
	"img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " \
	"frame-ancestors 'none'\r\n" \
	"X-Content-Type-Options: nosniff\r\n" \
	"X-Frame-Options: DENY\r\n" \
	"Referrer-Policy: same-origin\r\n" \
	"Cross-Origin-Opener-Policy: same-origin\r\n" \
	"Cross-Origin-Resource-Policy: same-origin\r\n" \
	"Vary: Cookie, Authorization, Accept\r\n"

static const char kept_headers[] = SECURITY;
static const char fixed_headers[] = SECURITY "Cache-Control: no-store\r\n";

const char *reply_headers(void)
{
	return fixed_headers;
}

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {303, "See Other"},
	{304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"},
	{404, "Not Found"}, {405, "Method Not Allowed"}, {406, "Not Acceptable"},
	{409, "Conflict"},
	{410, "Gone"}, {413, "Content Too Large"}, {415, "Unsupported Media Type"},
	{422, "Unprocessable Content"}, {429, "Too Many Requests"},
	{500, "Internal Server Error"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
};

static const char *reason_of(int status)
{
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Unknown";
}

/* A value with a control character would end the header early: it is not sent at all. */
static void header(struct buf *out, const char *name, const char *value)
{
	for (const char *c = value; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			log_error("header refused", "name", name);
			return;
		}
	}
	buf_printf(out, "%s: %s\r\n", name, value);
}

/* A cookie for age_s seconds; an empty value ends it. Browsers take a name with __Host- from this
 * very host only, and only with Secure, also at its end. */
static void cookie(struct arena *arena, struct buf *out, const char *name, const char *value,
    int age_s)
{
	bool is_https = text_starts_with(name, "__Host-");

	if (value != NULL)
		header(out, "Set-Cookie", arena_printf(arena,
		    "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s", name, value,
		    *value != '\0' ? age_s : 0, is_https ? "; Secure" : ""));
}

static void cookies(struct arena *arena, const struct request *request,
    const struct answer *answer, struct buf *out)
{
	const char *prefix = request->is_https ? "__Host-" : "";
	struct buf *flash;

	cookie(arena, out, arena_printf(arena, "%s" COOKIE_SESSION, prefix), answer->session,
	    SESSION_AGE_S);
	cookie(arena, out, arena_printf(arena, "%s" COOKIE_FORM, prefix), answer->form_token,
	    FORM_AGE_S);
	if (answer->flash == NULL)
		return;
	flash = buf_new(arena, 2048);
	text_url_encode(flash, answer->flash);
	cookie(arena, out, COOKIE_FLASH, flash->data, FLASH_AGE_S);
}

/* Whether If-None-Match names these bytes; a proxy may have made the tag weak. */
static bool etag_matches(const char *if_none_match, const char *etag)
{
	return if_none_match != NULL &&
	    (text_equal(if_none_match, "*") || strstr(if_none_match, etag) != NULL);
}

const char *reply_etag(struct arena *arena, const void *body, size_t len)
{
	return arena_printf(arena, "\"%.*s\"", ETAG_CHARS, text_sha256(arena, body, len));
}

/* Pages that set cookies are new each time, whatever their bytes. */
static void validate(struct arena *arena, const struct request *request, struct answer *answer,
    struct buf *out)
{
	const char *etag;

	if (request->method != WEB_GET || answer->status != 200 || answer->is_endless ||
	    answer->session != NULL ||
	    answer->form_token != NULL || answer->flash != NULL)
		return;
	etag = answer->etag != NULL ? answer->etag :
	    reply_etag(arena, answer->body, answer->len);
	header(out, "ETag", etag);
	if (etag_matches(request->if_none_match, etag)) {
		answer->status = 304;
		answer->len = 0;
	}
}

static void optional_headers(struct arena *arena, const struct answer *answer, struct buf *out)
{
	if (answer->location != NULL)
		header(out, "Location", answer->location);
	if (answer->allow != NULL)
		header(out, "Allow", answer->allow);
	if (answer->retry_after_s > 0)
		header(out, "Retry-After", arena_printf(arena, "%d", answer->retry_after_s));
	if (answer->is_challenge)
		header(out, "WWW-Authenticate",
		    "Bearer realm=\"promptbuilder\", error=\"invalid_token\"");
	for (const struct answer_header *more = answer->headers; more != NULL && more->name != NULL;
	    more++)
		header(out, more->name, more->value);
	if (answer->download != NULL)
		header(out, "Content-Disposition", arena_printf(arena,
		    "attachment; filename=\"%s\"", answer->download));
}

void reply_write(struct arena *arena, const struct request *request, struct answer *answer,
    struct buf *out)
{
	struct buf *headers = buf_new(arena, 64u << 10);

	buf_text(headers, answer->caching != NULL ? kept_headers : fixed_headers);
	if (answer->caching != NULL)
		header(headers, "Cache-Control", answer->caching);
	header(headers, "X-Request-Id", request->id);
	if (request->is_https)
		header(headers, "Strict-Transport-Security",
		    "max-age=31536000; includeSubDomains");
	optional_headers(arena, answer, headers);
	cookies(arena, request, answer, headers);
	validate(arena, request, answer, headers);
	if (answer->session != NULL && *answer->session == '\0')
		header(headers, "Clear-Site-Data", "\"cache\"");
	if (answer->status != 304) {
		header(headers, "Content-Type", answer->type);
		if (!answer->is_endless)
			header(headers, "Content-Length", arena_printf(arena, "%zu", answer->len));
	}
	buf_printf(out, "Status: %d %s\r\n", answer->status, reason_of(answer->status));
	buf_add(out, headers->data, headers->len);
	buf_text(out, "\r\n");
	if (!request->head)
		buf_add(out, answer->body, answer->len);
}
