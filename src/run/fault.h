/* fault.h: named points in the life of a run. In the product they are nothing; a runner built with
 * FAULT_POINTS (tests/fault/point.c) can be killed or stopped at any of them. */
#ifndef RUN_FAULT_H
#define RUN_FAULT_H

#ifdef FAULT_POINTS
void fault_point(const char *name);
/* By the state of a task: its transaction is about to be sent; it is committed. */
extern const char *const fault_names[][2];
#define FAULT_POINT(name) fault_point(name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

#endif
