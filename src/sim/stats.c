/* stats.c: counts calls, outcomes and tokens, and remembers the last calls. */
#include "sim/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#define RECORD_MAX 8000
#define OUTCOME_MAX 40
#define MODEL_MAX 64
#define ID_MAX 40

struct record {
	int64_t serial; /* 0: empty */
	int64_t time_ms;
	char model[MODEL_MAX];
	char request_id[ID_MAX], message_id[ID_MAX];
	bool stream;
	const char *phase;
	struct usage usage;
	const char *outcome; /* NULL: in flight */
};

struct outcome {
	const char *name;
	int64_t count;
};

struct stats {
	int64_t next_serial;
	int64_t first_serial; /* of those counted: earlier ones were reset */
	int64_t requests;
	int64_t finished;
	int64_t count_tokens;
	struct usage completed, started;
	int64_t completed_count, started_count;
	struct outcome outcomes[OUTCOME_MAX];
	size_t outcome_count;
	struct record records[RECORD_MAX];
};

const char stats_completed[] = "completed";

struct stats *stats_new(void)
{
	struct stats *stats = calloc(1, sizeof(*stats));
	if (!stats) {
		log_error("out of memory");
		abort();
	}
	stats->next_serial = stats->first_serial = 1;
	return stats;
}

void stats_free(struct stats *stats)
{
	free(stats);
}

void stats_reset(struct stats *stats)
{
	int64_t serial = stats->next_serial;
	memset(stats, 0, sizeof(*stats));
	stats->next_serial = stats->first_serial = serial;
}

void stats_begin(struct stats *stats, const struct request *request, struct stats_call *call)
{
	int64_t now_ms = clock_wall_ms();
	*call = (struct stats_call){.serial = stats->next_serial++};
	stats->requests++;
	struct record *record = &stats->records[call->serial % RECORD_MAX];
	*record = (struct record){.serial = call->serial, .time_ms = now_ms};
	if (!request)
		return;
	snprintf(record->model, sizeof(record->model), "%s", request->model->id);
	record->stream = request->stream;
	record->phase = phase_name(request->phase);
}

void stats_name(struct stats *stats, const struct stats_call *call, const char *request_id,
    const char *message_id)
{
	struct record *record = &stats->records[call->serial % RECORD_MAX];
	if (record->serial != call->serial)
		return;
	snprintf(record->request_id, sizeof(record->request_id), "%s", request_id);
	snprintf(record->message_id, sizeof(record->message_id), "%s",
	    message_id ? message_id : "");
}

void stats_start(struct stats *stats, struct stats_call *call)
{
	call->started = true;
	struct record *record = &stats->records[call->serial % RECORD_MAX];
	if (record->serial == call->serial) {
		record->usage = call->usage;
		record->usage.output = 0;
	}
}

static void count_outcome(struct stats *stats, const char *name)
{
	size_t i = 0;
	while (i < stats->outcome_count && !text_equal(stats->outcomes[i].name, name))
		i++;
	if (i == OUTCOME_MAX)
		return;
	if (i == stats->outcome_count)
		stats->outcomes[stats->outcome_count++].name = name;
	stats->outcomes[i].count++;
}

void stats_finish(struct stats *stats, const struct stats_call *call, const char *outcome,
    int64_t output_sent)
{
	if (call->serial < stats->first_serial)
		return;
	struct usage sent = call->usage;
	sent.output = output_sent;
	stats->finished++;
	count_outcome(stats, outcome);
	if (call->started) {
		usage_add(&stats->started, &sent);
		stats->started_count++;
	}
	if (text_equal(outcome, stats_completed)) {
		usage_add(&stats->completed, &sent);
		stats->completed_count++;
	}
	struct record *record = &stats->records[call->serial % RECORD_MAX];
	if (record->serial == call->serial) {
		record->usage.output = call->started ? output_sent : 0;
		record->outcome = outcome;
	}
}

void stats_count_tokens(struct stats *stats)
{
	stats->count_tokens++;
}

static void sums_write(struct doc *doc, int64_t answers, const struct usage *usage)
{
	doc_set_int(doc, "answers", answers);
	doc_set_int(doc, "input_tokens", usage->input);
	doc_set_int(doc, "output_tokens", usage->output);
	doc_set_int(doc, "cache_read_input_tokens", usage->cache_read);
	doc_set_int(doc, "cache_creation_input_tokens", usage_cache_write(usage));
	doc_set_int(doc, "cache_creation_1h_input_tokens", usage->cache_write_1h);
}

struct doc *stats_doc(struct arena *arena, const struct stats *stats)
{
	struct doc *doc = doc_object(arena);
	doc_set_int(doc, "requests", stats->requests);
	doc_set_int(doc, "completed", stats->completed_count);
	doc_set_int(doc, "in_flight", stats->requests - stats->finished);
	doc_set_int(doc, "count_tokens_requests", stats->count_tokens);
	struct doc *outcomes = doc_add_object(doc, "outcomes");
	for (size_t i = 0; i < stats->outcome_count; i++)
		doc_set_int(outcomes, stats->outcomes[i].name, stats->outcomes[i].count);
	sums_write(doc_add_object(doc, "completed_usage"), stats->completed_count,
	    &stats->completed);
	sums_write(doc_add_object(doc, "started_usage"), stats->started_count, &stats->started);
	return doc;
}

struct doc *stats_requests_doc(struct arena *arena, const struct stats *stats)
{
	struct doc *doc = doc_object(arena);
	struct doc *list = doc_add_array(doc, "requests");
	int64_t oldest = stats->next_serial - RECORD_MAX;
	if (oldest < stats->first_serial)
		oldest = stats->first_serial;
	for (int64_t serial = stats->next_serial - 1; serial >= oldest; serial--) {
		const struct record *record = &stats->records[serial % RECORD_MAX];
		struct doc *row = doc_push_object(list);
		doc_set_int(row, "time_ms", record->time_ms);
		doc_set_text(row, "request_id", *record->request_id ? record->request_id : NULL);
		doc_set_text(row, "message_id", *record->message_id ? record->message_id : NULL);
		doc_set_text(row, "model", *record->model ? record->model : NULL);
		doc_set_bool(row, "stream", record->stream);
		doc_set_text(row, "phase", record->phase);
		doc_set_int(row, "input_tokens", record->usage.input);
		doc_set_int(row, "cache_read_input_tokens", record->usage.cache_read);
		doc_set_int(row, "cache_creation_input_tokens", usage_cache_write(&record->usage));
		doc_set_int(row, "output_tokens", record->usage.output);
		doc_set_text(row, "outcome", record->outcome ? record->outcome : "in-flight");
	}
	return doc;
}
