/* timer.c: waiting objects in a binary heap; each knows its place, so it can leave early. */
#include "sim/timer.h"

#include <stdlib.h>

#include "base/log.h"

static void heap_put(struct timers *timers, size_t place, struct timer *timer)
{
	timers->heap[place - 1] = timer;
	timer->place = place;
}

static struct timer *heap_at(const struct timers *timers, size_t place)
{
	return timers->heap[place - 1];
}

/* Moves the timer at place towards the root while it is due before its parent. */
static void heap_rise(struct timers *timers, size_t place)
{
	struct timer *timer = heap_at(timers, place);
	while (place > 1 && heap_at(timers, place / 2)->due_ms > timer->due_ms) {
		heap_put(timers, place, heap_at(timers, place / 2));
		place /= 2;
	}
	heap_put(timers, place, timer);
}

/* Moves the timer at place away from the root while a child is due before it. */
static void heap_sink(struct timers *timers, size_t place)
{
	struct timer *timer = heap_at(timers, place);
	for (;;) {
		size_t child = place * 2;
		if (child > timers->count)
			break;
		if (child < timers->count
		    && heap_at(timers, child + 1)->due_ms < heap_at(timers, child)->due_ms)
			child++;
		if (heap_at(timers, child)->due_ms >= timer->due_ms)
			break;
		heap_put(timers, place, heap_at(timers, child));
		place = child;
	}
	heap_put(timers, place, timer);
}

static void heap_grow(struct timers *timers)
{
	size_t cap = timers->cap ? timers->cap * 2 : 64;
	struct timer **heap = realloc(timers->heap, cap * sizeof(struct timer *));
	if (!heap) {
		log_error("out of memory");
		abort();
	}
	timers->heap = heap;
	timers->cap = cap;
}

void timer_set(struct timers *timers, struct timer *timer, int64_t due_ms)
{
	timer->due_ms = due_ms;
	if (!timer->place) {
		if (timers->count == timers->cap)
			heap_grow(timers);
		heap_put(timers, ++timers->count, timer);
	}
	heap_rise(timers, timer->place);
	heap_sink(timers, timer->place);
}

void timer_clear(struct timers *timers, struct timer *timer)
{
	size_t place = timer->place;
	if (!place)
		return;
	timer->place = 0;
	struct timer *last = heap_at(timers, timers->count--);
	if (last == timer)
		return;
	heap_put(timers, place, last);
	heap_rise(timers, place);
	heap_sink(timers, last->place);
}

struct timer *timers_first(const struct timers *timers)
{
	return timers->count ? timers->heap[0] : NULL;
}

void timers_free(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){0};
}
