/* spool.c: files of the spool as a dead runner, a full disk or somebody else left them. */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "run/spool_call.h"

static void check_task(const struct task *task)
{
	HOLDS(text_is_uuid(task->job.fence.account_id) && text_is_uuid(task->job.fence.run_id));
	HOLDS(text_is_uuid(task->try.attempt.id) && text_is_uuid(task->try.attempt.step_id));
	HOLDS(task->step.phase != NULL && task->job.model != NULL);
	HOLDS(task->try.output_tokens >= 0 && task->try.attempt.worst_nano >= 0);
}

static void check_outcome(const struct outcome *outcome)
{
	HOLDS(outcome->ending.http_status >= 100 && outcome->ending.http_status <= 599);
	HOLDS(outcome->first_byte_ms >= 0 && outcome->duration_ms >= outcome->first_byte_ms);
	HOLDS(outcome->answer != NULL && outcome->ending.is_sent);
}

FUZZ(spool)
{
	struct arena *arena = arena_new();
	struct runner runner = {0};
	struct task task = {.runner = &runner, .arena = arena, .scratch = arena_new(),
	    .tx_arena = arena_new()};
	struct outcome outcome;
	int fd = memfd_create("spool", MFD_CLOEXEC);
	const char *fault;

	HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	fault = spool_call_read(&task, fd, &outcome);
	if (fault == NULL) {
		check_task(&task);
		check_outcome(&outcome);
	}
	(void)close(fd);
	arena_free(task.scratch);
	arena_free(task.tx_arena);
	arena_free(arena);
	return 0;
}
