/* webhook.c: posts the events of the outbox to the operator's webhook, signed, each until it is
 * accepted. An event is taken for longer than a delivery can last, so runners share the work. */
#include <curl/curl.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "model/outbox.h"
#include "run/address.h"
#include "run/loop.h"

#define POLL_MS 5000
#define EXPIRE_MS 600000  /* without a webhook events grow old, nothing else */
#define BATCH_MAX 4
#define LEASE_SPARE_MS 20000
#define ANSWER_MAX (64 * 1024) /* of the body, which is not read */
#define ERROR_MAX 300

struct delivery {
	struct transfer transfer; /* the first member */
	struct delivery *next, **place;
	struct runner *runner;
	struct arena *arena;
	struct outbox_event event;
	struct curl_slist *headers;
	size_t received;
	bool is_closed; /* the address is not public, and not the operator's own */
	char detail[CURL_ERROR_SIZE];
};

struct webhook {
	const char *url; /* NULL: none is set */
	const char *secret;
	struct address address;
	int64_t timeout_ms, connect_ms, keep_ms;
	struct arena *arena; /* of the transaction that takes events */
	struct db_rows *rows;
	struct delivery *deliveries;
	bool is_claiming;
	int64_t due_ms;
};

/* ---- One delivery. ---- */

static size_t on_receive(char *bytes, size_t size, size_t count, void *arg)
{
	struct delivery *delivery = arg;
	delivery->received += size * count;
	return delivery->received <= ANSWER_MAX ? size * count : 0;
}

/* A name may lead anywhere: it is looked at where it has led, so a name that changes its mind
 * gets nowhere. An address in the setting itself is the operator's word. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose,
    struct curl_sockaddr *address)
{
	struct delivery *delivery = arg;
	if (!delivery->runner->webhook->address.is_literal
	    && !address_is_public(&address->addr)) {
		delivery->is_closed = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* NULL: delivered. */
static const char *problem_of(struct delivery *delivery, bool is_good, int64_t status)
{
	if (status >= 200 && status < 300)
		return NULL;
	if (delivery->is_closed)
		return "The name leads to an address that is not public; "
		    "PROMPTBUILDER_WEBHOOK_URL must name such an address itself.";
	if (status != 0 || is_good)
		return arena_printf(delivery->arena, "It answered with status %lld.",
		    (long long)status);
	return text_cut(delivery->arena, *delivery->detail ? delivery->detail
	    : "The connection failed.", ERROR_MAX);
}

static void delivery_free(struct delivery *delivery)
{
	*delivery->place = delivery->next;
	if (delivery->next)
		delivery->next->place = delivery->place;
	curl_slist_free_all(delivery->headers);
	arena_free(delivery->arena);
}

/* If this could not be stored the event is delivered again: its id tells. */
static void on_settled(void *arg, const struct err *err)
{
	struct delivery *delivery = arg;
	struct webhook *webhook = delivery->runner->webhook;
	delivery_free(delivery);
	if (!webhook->deliveries)
		webhook->due_ms = 0; /* there may be more */
}

static void on_ended(struct transfer *transfer, bool is_good)
{
	struct delivery *delivery = (struct delivery *)transfer;
	struct db_tx *tx = db_tx(delivery->arena, NULL);
	struct outbox_try end = {.error = NULL};
	long status = 0;
	curl_off_t duration_us = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &duration_us);
	end.status = status;
	end.duration_ms = duration_us / 1000;
	end.error = problem_of(delivery, is_good, status);
	if (end.error)
		log_warn("event not delivered", "event", delivery->event.id, "tries",
		    delivery->event.attempts, "reason", end.error);
	else
		log_info("event delivered", "event", delivery->event.id);
	transfer_end(delivery->runner->caller, transfer);
	db_repeatable(tx);
	outbox_settle(tx, delivery->arena, &delivery->event, &end);
	store_submit(delivery->runner->store, tx, on_settled, delivery);
}

static void add_header(struct delivery *delivery, const char *name, const char *value)
{
	delivery->headers = curl_slist_append(delivery->headers,
	    arena_printf(delivery->arena, "%s: %s", name, value));
}

/* The signature covers the time, so that an old event cannot be sent again as a new one. */
static void add_headers(struct delivery *delivery)
{
	struct arena *arena = delivery->arena;
	long long now_s = clock_wall_ms() / 1000;
	const char *text = arena_printf(arena, "%lld.%s", now_s, delivery->event.body);
	const char *hmac = text_hmac_sha256(arena, delivery->runner->webhook->secret, text);
	add_header(delivery, "Content-Type", "application/json");
	add_header(delivery, "User-Agent", "promptbuilder/" PROMPTBUILDER_VERSION);
	add_header(delivery, "Promptbuilder-Event", delivery->event.id);
	add_header(delivery, "Promptbuilder-Signature",
	    arena_printf(arena, "t=%lld,v1=%s", now_s, hmac));
	delivery->headers = curl_slist_append(delivery->headers, "Expect:");
}

static void set_options(struct delivery *delivery, CURL *easy)
{
	const struct webhook *webhook = delivery->runner->webhook;
	bool is_plain = webhook->address.is_plain;
	curl_easy_setopt(easy, CURLOPT_URL, webhook->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)webhook->connect_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)webhook->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, delivery->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, delivery->event.body);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_receive);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, delivery);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, delivery);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, delivery->detail);
}

static void deliver(struct runner *runner, const struct db_rows *rows, size_t row)
{
	struct webhook *webhook = runner->webhook;
	struct arena *arena = arena_new();
	struct delivery *delivery = arena_alloc(arena, sizeof(*delivery));
	CURL *easy = curl_easy_init();
	if (!easy)
		arena_out_of_memory(0);
	delivery->runner = runner;
	delivery->arena = arena;
	delivery->transfer.on_ended = on_ended;
	outbox_read(arena, rows, row, &delivery->event);
	add_headers(delivery);
	set_options(delivery, easy);
	delivery->next = webhook->deliveries;
	delivery->place = &webhook->deliveries;
	if (delivery->next)
		delivery->next->place = &delivery->next;
	webhook->deliveries = delivery;
	transfer_start(runner->caller, &delivery->transfer, easy);
}

/* ---- Taking events. ---- */

static void on_claimed(void *arg, const struct err *err)
{
	struct runner *runner = arg;
	struct webhook *webhook = runner->webhook;
	int64_t period_ms = webhook->url ? POLL_MS : EXPIRE_MS;
	webhook->is_claiming = false;
	webhook->due_ms = clock_ms() + period_ms + runner_jitter_ms(period_ms);
	for (size_t i = 0; !err && webhook->rows && i < db_count(webhook->rows); i++)
		deliver(runner, webhook->rows, i);
}

static bool may_claim(const struct runner *runner)
{
	const struct webhook *webhook = runner->webhook;
	return runner->is_registered && !runner->is_draining && !webhook->is_claiming
	    && !webhook->deliveries;
}

void webhook_step(struct runner *runner, int64_t now_ms)
{
	struct webhook *webhook = runner->webhook;
	if (!may_claim(runner) || now_ms < webhook->due_ms)
		return;
	arena_reset(webhook->arena);
	struct db_tx *tx = db_tx(webhook->arena, NULL);
	webhook->rows = NULL;
	outbox_tidy(tx, webhook->arena, webhook->keep_ms);
	if (webhook->url)
		webhook->rows = outbox_claim(tx, webhook->arena,
		    webhook->timeout_ms + LEASE_SPARE_MS, BATCH_MAX);
	webhook->is_claiming = true;
	store_submit(runner->store, tx, on_claimed, runner);
}

int64_t webhook_due_ms(const struct runner *runner)
{
	return may_claim(runner) ? runner->webhook->due_ms : INT64_MAX;
}

void webhook_notified(struct runner *runner)
{
	if (runner->webhook->url)
		runner->webhook->due_ms = 0;
}

bool webhook_is_busy(const struct runner *runner)
{
	return runner->webhook->deliveries != NULL;
}

/* ---- Opening and closing. ---- */

const struct err *webhook_open(struct runner *runner)
{
	static const char setting[] = "PROMPTBUILDER_WEBHOOK_URL";
	struct arena *arena = runner->arena;
	struct webhook *webhook = arena_alloc(arena, sizeof(*webhook));
	const struct err *err = NULL;
	runner->webhook = webhook;
	webhook->url = conf_text(runner->conf, setting);
	webhook->secret = conf_text(runner->conf, "PROMPTBUILDER_WEBHOOK_SECRET");
	webhook->timeout_ms = conf_int(runner->conf, "PROMPTBUILDER_WEBHOOK_TIMEOUT_MS");
	webhook->connect_ms = conf_int(runner->conf, "PROMPTBUILDER_CONNECT_TIMEOUT_MS");
	webhook->keep_ms = conf_int(runner->conf, "PROMPTBUILDER_WEBHOOK_KEEP_MS");
	webhook->arena = arena_new();
	if (!webhook->url)
		return NULL;
	err = address_read(arena, setting, webhook->url, &webhook->address);
	if (!err && !webhook->address.is_literal && !webhook->address.is_port_usual)
		err = err_new(arena, ERR_INVALID, "%s must use port 443.", setting);
	if (!err && !webhook->secret)
		err = err_new(arena, ERR_INVALID, "%s needs PROMPTBUILDER_WEBHOOK_SECRET, which "
		    "events are signed with.", setting);
	return err;
}

void webhook_close(struct runner *runner)
{
	struct webhook *webhook = runner->webhook;
	while (webhook->deliveries) {
		transfer_end(runner->caller, &webhook->deliveries->transfer);
		delivery_free(webhook->deliveries);
	}
	arena_free(webhook->arena);
}
