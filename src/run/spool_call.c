/* spool_call.c: writes and reads the lines at the head of a spool file, and reads what follows. */
#include "run/spool_call.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "run/sse.h"

#define FORMAT 1
#define HEAD_MAX 16384 /* both lines */
#define CHUNK 16384

static const struct phase *const phases[] = {
	&generation_phase, &analysis_phase, &improvement_phase};

/* The line about the attempt: its members, and where they stand in a task. */
#define AT(member) offsetof(struct task, member)
static const struct member {
	const char *name;
	size_t place;
	enum { UUID, DIGITS, TEXT, COUNT } kind;
} members[] = {
	{"account_id", AT(job.fence.account_id), UUID},
	{"run_id", AT(job.fence.run_id), UUID},
	{"runner_id", AT(job.fence.runner_id), UUID},
	{"epoch", AT(job.fence.epoch), DIGITS},
	{"pipeline_id", AT(job.pipeline_id), TEXT},
	{"model", AT(job.model), TEXT},
	{"attempt_id", AT(try.attempt.id), UUID},
	{"step_id", AT(try.attempt.step_id), UUID},
	{"tries", AT(try.attempt.tries), COUNT},
	{"number", AT(step.number), COUNT},
	{"request_bytes", AT(try.request_bytes), COUNT},
	{"output_tokens", AT(try.output_tokens), COUNT},
	{"input_pico", AT(try.attempt.ceiling.input), COUNT},
	{"output_pico", AT(try.attempt.ceiling.output), COUNT},
	{"worst_nano", AT(try.attempt.worst_nano), COUNT},
};

/* ---- Writing. ---- */

struct spool_file *spool_call_new(struct task *task)
{
	if (!task->runner->spool)
		return NULL;
	struct doc *line = doc_object(task->tx_arena);
	struct buf *head = buf_new(task->tx_arena, HEAD_MAX / 2);
	doc_set_int(line, "format", FORMAT);
	doc_set_text(line, "phase", task->step.phase->word);
	doc_set_bool(line, "is_capped", task->try.attempt.is_capped);
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const void *place = (const char *)task + members[i].place;
		if (members[i].kind == COUNT)
			doc_set_int(line, members[i].name, *(const int64_t *)place);
		else
			doc_set_text(line, members[i].name, *(const char *const *)place);
	}
	doc_write(line, head);
	if (head->failed)
		return NULL; /* nothing in it is that long */
	return spool_file_new(task->runner->spool, task->scratch, task->try.attempt.id,
	    arena_strdup(task->scratch, head->data));
}

/* ---- Reading: the lines. ---- */

static bool read_member(struct task *task, const struct member *member, const struct doc *line)
{
	void *place = (char *)task + member->place;
	int64_t value = -1;
	if (member->kind == COUNT) {
		(void)doc_int(line, member->name, &value);
		memcpy(place, &value, sizeof(value));
		return value >= 0;
	}
	const char *text = doc_text(line, member->name);
	if (!text || (member->kind == UUID && !text_is_uuid(text))
	    || (member->kind == DIGITS && !text_to_int(text, 0, INT64_MAX, &value)))
		return false;
	text = arena_strdup(task->arena, text);
	memcpy(place, &text, sizeof(text));
	return true;
}

static bool read_attempt(struct task *task, const struct doc *line)
{
	int64_t format = 0;
	for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
		if (text_equal(doc_text(line, "phase"), phases[i]->word))
			task->step.phase = phases[i];
	}
	bool is_good = doc_int(line, "format", &format) && format == FORMAT && task->step.phase
	    && doc_bool(line, "is_capped", &task->try.attempt.is_capped);
	for (size_t i = 0; is_good && i < ARRAY_LEN(members); i++)
		is_good = read_member(task, &members[i], line);
	return is_good;
}

static bool read_response(struct task *task, int fd, const struct doc *line,
    struct outcome *outcome)
{
	struct stat facts;
	int64_t begun_ms = 0;
	if (!doc_int(line, "http_status", &outcome->ending.http_status)
	    || !doc_int(line, "first_byte_ms", &outcome->first_byte_ms)
	    || !doc_int(line, "begun_ms", &begun_ms) || fstat(fd, &facts) != 0)
		return false;
	int64_t last_ms = (int64_t)facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1000000;
	if (outcome->ending.http_status < 100 || outcome->ending.http_status > 599
	    || outcome->first_byte_ms < 0 || begun_ms < 0)
		return false;
	const char *request_id = doc_text(line, "request_id");
	outcome->request_id = request_id ? arena_strdup(task->scratch, request_id) : NULL;
	outcome->duration_ms = last_ms - begun_ms;
	if (outcome->duration_ms < outcome->first_byte_ms)
		outcome->duration_ms = outcome->first_byte_ms; /* the wall clock was set */
	return true;
}

/* Bytes of both lines, their ends included; 0: they are not there. */
static size_t read_lines(struct task *task, int fd, struct outcome *outcome)
{
	char head[HEAD_MAX];
	struct doc *attempt, *response;
	ssize_t len = pread(fd, head, sizeof(head), 0);
	const char *end = head + (len > 0 ? len : 0);
	const char *first = memchr(head, '\n', (size_t)(end - head));
	const char *second = first ? memchr(first + 1, '\n', (size_t)(end - first - 1)) : NULL;
	if (!second || doc_parse(task->scratch, head, (size_t)(first - head), &attempt)
	    || doc_parse(task->scratch, first + 1, (size_t)(second - first - 1), &response)
	    || !read_attempt(task, attempt) || !read_response(task, fd, response, outcome))
		return 0;
	return (size_t)(second + 1 - head);
}

/* ---- Reading: the body, by the code that reads it from the wire. ---- */

struct body {
	struct answer *answer;
	struct arena *event;
};

static void on_event(void *arg, const char *name, const char *data, size_t len)
{
	struct body *body = arg;
	(void)answer_event(body->answer, body->event, data, len);
	arena_reset(body->event);
}

/* false: it is none that can be read. */
static bool read_stream(struct task *task, int fd, size_t offset, struct answer *answer)
{
	char chunk[CHUNK];
	struct body body = {.answer = answer, .event = task->tx_arena};
	struct sse *sse = sse_new(task->scratch, on_event, &body);
	for (;;) {
		ssize_t len = pread(fd, chunk, sizeof(chunk), (off_t)offset);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len == 0;
		if (!sse_feed(sse, chunk, (size_t)len) || answer->is_broken)
			return false;
		offset += (size_t)len;
	}
}

const char *spool_call_read(struct task *task, int fd, struct outcome *outcome)
{
	struct answer *answer = answer_new(task->scratch);
	*outcome = (struct outcome){
		.ending = {.end = CALL_RUNNING, .is_sent = true}, .answer = answer};
	size_t offset = read_lines(task, fd, outcome);
	if (offset == 0)
		return "Its first two lines are not those of a spooled call.";
	if (outcome->ending.http_status == 200 && !read_stream(task, fd, offset, answer))
		outcome->ending.end = CALL_BROKEN;
	else if (outcome->ending.http_status != 200 || answer->is_complete || answer->error_type)
		outcome->ending.end = CALL_ANSWERED; /* of an error the status says enough */
	retry_read_answer(answer, &outcome->ending);
	return NULL;
}
