/* request.c: FastCGI parameters and body bytes into a struct request; everything is copied. */
#include "web/frame.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "model/list.h"

#define PATH_BYTES_MAX 2048
#define VALUES_MAX 200000 /* of a JSON body: a thousand entries have less than half of that */
#define CSV ".csv"
#define AGENT_CHARS_MAX 200
#define TOKEN_CHARS_MIN 16
#define TOKEN_CHARS_MAX 256

static const char *param_value(const char *param, const char *name)
{
	size_t len = strlen(name);

	return strncmp(param, name, len) == 0 && param[len] == '=' ? param + len + 1 : NULL;
}

/* The first parameter of that name, copied; NULL without one. */
static const char *param_get(struct arena *arena, char *const *params, const char *name)
{
	for (; *params != NULL; params++) {
		const char *value = param_value(*params, name);

		if (value != NULL)
			return arena_strdup(arena, value);
	}
	return NULL;
}

static bool is_token(const char *text)
{
	size_t len = strlen(text);

	return len >= TOKEN_CHARS_MIN && len <= TOKEN_CHARS_MAX &&
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                 "0123456789-_.%") == len;
}

struct cookie {
	struct arena *arena;
	const char *name;
	const char *value;
	int found;
};

/* One pair of a Cookie header. */
static void cookie_pair(struct cookie *cookie, const char *pair, size_t len)
{
	size_t name_len = strlen(cookie->name);

	while (len > 0 && (*pair == ' ' || *pair == '\t')) {
		pair++;
		len--;
	}
	if (len <= name_len || strncmp(pair, cookie->name, name_len) != 0 || pair[name_len] != '=')
		return;
	cookie->found++;
	cookie->value = arena_strndup(cookie->arena, pair + name_len + 1, len - name_len - 1);
}

/* The cookie's value. A name sent twice counts as not sent: somebody may have planted one of
 * them. nginx passes two Cookie headers as two parameters. */
static const char *cookie_get(struct arena *arena, char *const *params, const char *name)
{
	struct cookie cookie = {.arena = arena, .name = name};

	for (; *params != NULL; params++) {
		const char *rest = param_value(*params, "HTTP_COOKIE");

		while (rest != NULL && *rest != '\0') {
			size_t len = strcspn(rest, ";");

			cookie_pair(&cookie, rest, len);
			rest += len + (rest[len] == ';' ? 1 : 0);
		}
	}
	return cookie.found == 1 ? cookie.value : NULL;
}

/* Only over HTTPS may a name carry __Host-, which binds the cookie to this very host. */
static const char *cookie_token(struct arena *arena, char *const *params, const char *name,
    bool is_https)
{
	const char *value = cookie_get(arena, params,
	    arena_printf(arena, "%s%s", is_https ? "__Host-" : "", name));

	return value != NULL && is_token(value) ? value : NULL;
}

static const char *flash_get(struct arena *arena, char *const *params)
{
	const char *value = cookie_get(arena, params, COOKIE_FLASH);
	char *text;
	size_t len;

	if (value == NULL)
		return NULL;
	text = arena_strdup(arena, value);
	if (!text_url_decode(text, &len, false) || len == 0 || !text_is_clean(text, len))
		return NULL;
	return text;
}

/* Thousandths out of ";q=0.8"; 1000 without one. */
static int quality(const char *params, size_t len)
{
	int scale = 100;
	int value;
	const char *q = memmem(params, len, "q=", 2);
	const char *end = params + len;

	if (q == NULL || q + 2 >= end)
		return 1000;
	value = q[2] == '1' ? 1000 : 0;
	for (const char *digit = q + 4; digit < end && value < 1000 && scale > 0; digit++) {
		if (*digit < '0' || *digit > '9')
			break;
		value += (*digit - '0') * scale;
		scale /= 10;
	}
	return value;
}

/* How well a type is liked by an Accept header, 0 to 1000; the most exact range decides. */
static int accept_quality(const char *accept, const char *type)
{
	size_t major_len = strcspn(type, "/") + 1;
	int exactness = -1;
	int result = 0;

	while (*accept != '\0') {
		size_t len = strcspn(accept, ",");
		const char *range = accept + strspn(accept, " \t");
		size_t range_len = strcspn(range, ",; \t");
		int exact = -1;

		if (range_len == strlen(type) && strncasecmp(range, type, range_len) == 0)
			exact = 2;
		else if (range_len == major_len + 1 && range[major_len] == '*' &&
		    strncasecmp(range, type, major_len) == 0)
			exact = 1;
		else if (range_len == 3 && strncmp(range, "*/*", 3) == 0)
			exact = 0;
		if (exact > exactness) {
			exactness = exact;
			result = quality(range + range_len,
			    (size_t)(accept + len - range) - range_len);
		}
		accept += len + (accept[len] == ',' ? 1 : 0);
	}
	return result;
}

static void accept_read(struct request *request, const char *accept)
{
	int html = 1000;
	int json = 1000;
	int csv = 0;
	int text = 0;
	int problem;

	if (accept != NULL && *accept != '\0') {
		html = accept_quality(accept, "text/html");
		json = accept_quality(accept, "application/json");
		problem = accept_quality(accept, "application/problem+json");
		json = problem > json ? problem : json;
		csv = accept_quality(accept, "text/csv");
		text = accept_quality(accept, "text/plain");
	}
	request->wants_text = text > json;
	request->accepts_html = html > 0;
	request->accepts_json = json > 0;
	request->wants_json = request->is_api || json > html;
	request->wants_csv = request->is_csv_path ||
	    (csv > json && (request->is_api || csv > html));
}

/* nginx gives the path decoded and without dot segments; a stranger's FastCGI client may not. */
static const struct problem *path_read(struct arena *arena, const char *uri,
    struct request *request)
{
	size_t len = uri == NULL ? 0 : strlen(uri);
	size_t suffix = strlen(CSV);
	char *path;

	request->path = "/";
	if (len == 0 || len > PATH_BYTES_MAX || *uri != '/' || !text_is_clean(uri, len) ||
	    strpbrk(uri, "\t\r\n") != NULL)
		return problem_new(arena, 400, "The address is not valid UTF-8 or is too long.");
	request->is_api = text_equal(uri, "/api") || text_starts_with(uri, "/api/");
	uri += request->is_api ? strlen("/api") : 0;
	path = arena_strdup(arena, *uri == '\0' ? "/" : uri);
	len = strlen(path);
	if (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	request->is_csv_path = len > suffix && text_equal(path + len - suffix, CSV);
	if (request->is_csv_path)
		path[len - suffix] = '\0';
	request->path = path;
	return NULL;
}

static const struct problem *method_read(struct arena *arena, const char *method,
    struct request *request)
{
	struct problem *problem;

	request->head = text_equal(method, "HEAD");
	request->method = text_equal(method, "POST") ? WEB_POST : WEB_GET;
	if (request->head || request->method == WEB_POST || text_equal(method, "GET"))
		return NULL;
	problem = problem_new(arena, 405, "GET, HEAD and POST are understood.");
	problem->allow = "GET, HEAD, POST";
	return problem;
}

static const struct problem *length_read(struct arena *arena, const char *length,
    struct request *request)
{
	int64_t value = 0;

	if (length != NULL && *length != '\0' && !text_to_int(length, 0, INT64_MAX, &value))
		return problem_new(arena, 400, "The length of the body is not a number.");
	request->content_len = (size_t)value;
	return NULL;
}

/* nginx's $request_id is 32 hexadecimal digits; anything else is not repeated. */
static const char *id_read(const char *id)
{
	if (id == NULL || strlen(id) < 8 || strlen(id) > 64 ||
	    strspn(id, "0123456789abcdefABCDEF-") != strlen(id))
		return "-";
	return id;
}

static const char *bearer_read(const char *authorization)
{
	if (authorization == NULL || strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	return authorization + 7 + strspn(authorization + 7, " ");
}

/* "Basic" and the base64 of "user:token". */
static void basic_read(struct arena *arena, const char *authorization, struct request *request)
{
	char *text, *token;
	size_t len;

	if (authorization == NULL || strncasecmp(authorization, "Basic ", 6) != 0 ||
	    !text_base64_decode(arena, authorization + 6, &text, &len) || !text_is_clean(text, len))
		return;
	token = strchr(text, ':');
	if (token == NULL)
		return;
	*token++ = '\0';
	request->basic_user = text;
	request->basic_token = token;
}

/* It is shown on a page and kept: one line of clean text. */
static const char *agent_read(struct arena *arena, const char *agent)
{
	if (agent == NULL || *agent == '\0' || !text_is_clean(agent, strlen(agent)) ||
	    strpbrk(agent, "\t\r\n") != NULL)
		return NULL;
	return text_cut(arena, agent, AGENT_CHARS_MAX);
}

static const struct problem *key_read(struct arena *arena, const char *key,
    struct request *request)
{
	if (key == NULL || *key == '\0')
		return NULL;
	if (strlen(key) > 255 || !text_is_clean(key, strlen(key)))
		return problem_new(arena, 400, "Idempotency-Key may have at most 255 characters.");
	request->idempotency_key = key;
	return NULL;
}

static const struct problem *query_read(struct arena *arena, const char *query,
    struct request *request)
{
	const struct err *err;

	request->query = query == NULL ? "" : query;
	err = form_parse(arena, request->query, strlen(request->query), &request->fields);
	return err == NULL ? NULL : problem_from_err(arena, err, WEB_GET);
}

static void headers_read(struct arena *arena, char *const *params, struct request *request)
{
	const char *type = param_get(arena, params, "CONTENT_TYPE");
	const char *remote = param_get(arena, params, "REMOTE_ADDR");
	const char *authorization = param_get(arena, params, "HTTP_AUTHORIZATION");

	request->id = id_read(param_get(arena, params, "X_REQUEST_ID"));
	request->remote = remote == NULL ? "-" : remote;
	request->agent = agent_read(arena, param_get(arena, params, "HTTP_USER_AGENT"));
	request->server = agent_read(arena, param_get(arena, params, "SERVER_SOFTWARE"));
	request->is_https = text_equal(param_get(arena, params, "HTTPS"), "on");
	request->host = param_get(arena, params, "HTTP_HOST");
	request->origin = param_get(arena, params, "HTTP_ORIGIN");
	request->fetch_site = param_get(arena, params, "HTTP_SEC_FETCH_SITE");
	request->if_none_match = param_get(arena, params, "HTTP_IF_NONE_MATCH");
	request->content_type = type == NULL ? "" : type;
	request->bearer = bearer_read(authorization);
	basic_read(arena, authorization, request);
	request->session = cookie_token(arena, params, COOKIE_SESSION, request->is_https);
	request->form_token = cookie_token(arena, params, COOKIE_FORM, request->is_https);
	request->flash = flash_get(arena, params);
	if (authorization != NULL || request->session != NULL || request->form_token != NULL)
		arena_wipe(arena);
}

const struct problem *request_begin(struct arena *arena, char *const *params,
    struct request *request)
{
	const struct problem *problem;

	*request = (struct request){.fields = doc_object(arena), .query = "",
	    .rows = LIST_ROWS_PRESET};
	headers_read(arena, params, request);
	problem = path_read(arena, param_get(arena, params, "DOCUMENT_URI"), request);
	accept_read(request, param_get(arena, params, "HTTP_ACCEPT"));
	if (problem == NULL)
		problem = method_read(arena, param_get(arena, params, "REQUEST_METHOD"), request);
	if (problem == NULL)
		problem = length_read(arena, param_get(arena, params, "CONTENT_LENGTH"), request);
	if (problem == NULL)
		problem = query_read(arena, param_get(arena, params, "QUERY_STRING"), request);
	if (problem == NULL)
		problem = key_read(arena, param_get(arena, params, "HTTP_IDEMPOTENCY_KEY"),
		    request);
	return problem;
}

const struct problem *request_body(struct arena *arena, const struct route *row, const char *body,
    size_t len, struct request *request)
{
	bool may_be_list = request->is_api && (row->flags & ROUTE_LIST) != 0;
	const struct err *err;

	if (len == 0)
		return NULL;
	if (!request->is_api)
		err = form_parse(arena, body, len, &request->body);
	else
		err = doc_parse_within(arena, body, len, VALUES_MAX, &request->body);
	if (err == NULL && doc_type(request->body) != DOC_OBJECT && !may_be_list)
		err = err_new(arena, ERR_INVALID, "The body must be a JSON object.");
	/* Malformed is 400, whatever the method; 422 is for what could be read. */
	return err == NULL ? NULL : problem_from_err(arena, err, WEB_GET);
}
