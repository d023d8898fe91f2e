/* timer.h: things that wait for a time, the nearest first. */
#ifndef SIM_TIMER_H
#define SIM_TIMER_H

#include "base/base.h"

/* Put into the object that waits; zeroed before its first use. */
struct timer {
	int64_t due_ms;
	size_t place; /* in the heap, from 1; 0: not waiting */
};

struct timers {
	struct timer **heap;
	size_t count;
	size_t cap;
};

/* Sets or moves a timer. */
void timer_set(struct timers *timers, struct timer *timer, int64_t due_ms);
/* Harmless where the timer does not wait. */
void timer_clear(struct timers *timers, struct timer *timer);
/* The nearest timer; NULL: none waits. */
struct timer *timers_first(const struct timers *timers);
void timers_free(struct timers *timers);

#endif
