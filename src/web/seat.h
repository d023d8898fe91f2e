/* seat.h: one FastCGI request with all that belongs to it; it may stay open while others come. */
#ifndef WEB_SEAT_H
#define WEB_SEAT_H

#include <fcgiapp.h>

#include "web/frame.h"

struct seat {
	FCGX_Request fcgx; /* the library keeps its address */
	struct arena *arena;
	struct visit visit;
	struct answer answer;
	int64_t started_ms;
	/* Of one that waits (prompt_wait.c). */
	int64_t until_ms;
	size_t place;
	bool is_due;       /* to be looked at again */
	struct seat *next; /* of those that are free */
};

#define LISTENER 0 /* the descriptor that supervisors hand a FastCGI program */

/* seat.c: one for the next request, after FCGX_Init; it goes back by one of those that follow. */
struct seat *seat_take(void);
/* Nothing came. */
void seat_give(struct seat *seat);
/* Writes the answer, and has done with the request. */
void seat_answer(struct seat *seat);
/* The client went away before it had said what it wants. */
void seat_drop(struct seat *seat);
/* The client went away while it waited. */
void seat_leave(struct seat *seat);
/* nginx takes a closed connection for the end of an answer. What this sends is no record of FastCGI
 * and makes nginx close the client's connection, too, which shows that something is missing. Safe
 * in a signal handler; false: the connection was closed already. */
bool seat_cut_short(int fd);
/* Forgets those that nobody has. */
void seats_end(void);

/* prompt_wait.c: the seat waits for a deployment; false: there is no room, or no need. */
bool prompt_park(struct served *served, struct seat *seat);
/* A descriptor of the epoll set that is a waiting client's has hung up. */
void prompt_gone(struct served *served, struct seat *seat);

#endif
