/* spool_call.h: a call as its file in the spool tells it: enough to judge and settle it without
 * the process that made it. */
#ifndef RUN_SPOOL_CALL_H
#define RUN_SPOOL_CALL_H

#include "run/task.h"

/* The file of a task's open attempt, in its scratch; NULL without a spool. */
struct spool_file *spool_call_new(struct task *task);
/* Reads the file of another runner's call: fills the task's job, step and try, and what the call
 * brought, up to where the file ends. The task's arenas and runner are set. A sentence: this is no
 * such file. */
const char *spool_call_read(struct task *task, int fd, struct outcome *outcome);

#endif
