/* poller.c: libcurl tells which sockets it waits for, epoll tells which are ready. */
#include "run/poller.h"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define EVENTS_MAX 256

struct poller {
	CURLM *multi;
	int epoll;
	int64_t due_ms; /* of libcurl's own timers */
};

/* A socket that libcurl has closed meanwhile has left the set by itself. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct poller *poller = arg;
	struct epoll_event event = {.data.fd = fd};
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(poller->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events |= what & CURL_POLL_IN ? EPOLLIN : 0u;
	event.events |= what & CURL_POLL_OUT ? EPOLLOUT : 0u;
	if (epoll_ctl(poller->epoll, EPOLL_CTL_MOD, fd, &event) != 0
	    && epoll_ctl(poller->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		log_error("a socket cannot be waited for");
	return 0;
}

static int on_timer(CURLM *multi, long wait_ms, void *arg)
{
	struct poller *poller = arg;
	poller->due_ms = wait_ms < 0 ? INT64_MAX : clock_ms() + wait_ms;
	return 0;
}

struct poller *poller_new(struct arena *arena, void *multi)
{
	struct poller *poller = arena_alloc(arena, sizeof(*poller));
	poller->multi = multi;
	poller->due_ms = INT64_MAX;
	poller->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (poller->epoll < 0)
		arena_out_of_memory(0);
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, poller);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, poller);
	return poller;
}

void poller_free(struct poller *poller)
{
	(void)close(poller->epoll);
}

static void act(struct poller *poller, const struct epoll_event *event)
{
	int running, mask = 0;
	if (event->events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP))
		mask |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (event->events & EPOLLERR)
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(poller->multi, event->data.fd, mask, &running);
}

void poller_step(struct poller *poller, int64_t now_ms)
{
	struct epoll_event events[EVENTS_MAX];
	int running, count = epoll_wait(poller->epoll, events, EVENTS_MAX, 0);
	for (int i = 0; i < count; i++)
		act(poller, &events[i]);
	if (now_ms < poller->due_ms)
		return;
	poller->due_ms = INT64_MAX;
	curl_multi_socket_action(poller->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void poller_wait(struct poller *poller, struct pollfd *fds, size_t count, int64_t wait_ms)
{
	int64_t own_ms = poller->due_ms == INT64_MAX ? wait_ms : poller->due_ms - clock_ms();
	if (own_ms < wait_ms)
		wait_ms = own_ms > 0 ? own_ms : 0;
	fds[count++] = (struct pollfd){.fd = poller->epoll, .events = POLLIN};
	(void)poll(fds, count, (int)wait_ms);
}
