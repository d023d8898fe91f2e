/* admit.h: a task's way through the provider's gate: asked before its attempt is opened. */
#ifndef RUN_ADMIT_H
#define RUN_ADMIT_H

#include "run/task.h"

void admit_open(struct runner *runner, const struct conf *conf);
/* Whether the task's call, whose body is ready, may be opened now. Otherwise task->wait says what
 * for; a wait that lasts at most here_ms keeps its place in the queue and wakes the task. */
bool admit_ask(struct task *task, int64_t here_ms);
/* How long a waiting task still waits; task->wait says for what, as it looks now. */
int64_t admit_left_ms(struct task *task, int64_t now_ms);
/* The provider accepted the task's call. */
void admit_answered(void *arg);
/* The task's call is judged: how it ended, and the limits that its answer told. */
void admit_ended(struct task *task, const struct ending *ending, const struct quota *quota);
/* Its call will not be made. */
void admit_drop(struct task *task);
/* Wakes tasks whose turn has come. */
void admit_step(struct runner *runner, int64_t now_ms);
int64_t admit_due_ms(const struct runner *runner, int64_t now_ms);

#endif
