/* poller.h: waits for the sockets of a libcurl multi handle through the kernel's epoll: what a step
 * costs depends on the sockets that are ready, not on all that are open. */
#ifndef RUN_POLLER_H
#define RUN_POLLER_H

#include <poll.h>
#include <stdint.h>

#include "base/arena.h"

struct poller;

/* Takes over the handle's socket and timer callbacks. multi is a CURLM. */
struct poller *poller_new(struct arena *arena, void *multi);
/* After the handle's end. */
void poller_free(struct poller *poller);
/* Moves on the transfers whose sockets are ready, or whose timer has come. */
void poller_step(struct poller *poller, int64_t now_ms);
/* Waits for the transfers, for fds, or at most wait_ms. The array has room for one more. */
void poller_wait(struct poller *poller, struct pollfd *fds, size_t count, int64_t wait_ms);

#endif
