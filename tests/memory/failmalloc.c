/* failmalloc.c: preloaded into a program, lets the n-th allocation fail, once, and goes on.
 *
 * A file that the test and all processes map holds the orders and what came of them. A web worker
 * counts from the connection it accepts to its next wait; with FAILMALLOC_ALWAYS a process counts
 * from its start. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static struct orders {
	int64_t fail_at; /* 0: none fails */
	int64_t count;   /* allocations so far */
	int64_t failed;  /* 1: that one has failed */
	int64_t pid;     /* who counted last */
} *orders;
static bool is_counting;

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("FAILMALLOC_FILE");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *memory = fd < 0 ? MAP_FAILED :
	    mmap(NULL, sizeof(*orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	orders = memory == MAP_FAILED ? NULL : memory;
	is_counting = orders != NULL && getenv("FAILMALLOC_ALWAYS") != NULL;
}

static bool fails(void)
{
	if (!is_counting || orders->fail_at == 0)
		return false;
	if (__atomic_add_fetch(&orders->count, 1, __ATOMIC_SEQ_CST) != orders->fail_at)
		return false;
	orders->failed = 1;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return fails() ? NULL : __libc_realloc(memory, size);
}

int accept(int fd, struct sockaddr *restrict address, socklen_t *restrict len)
{
	int other = (int)syscall(SYS_accept, fd, address, len);

	if (other >= 0 && orders != NULL) {
		orders->pid = getpid();
		is_counting = true;
	}
	return other;
}

int epoll_pwait(int fd, struct epoll_event *events, int max, int wait_ms, const sigset_t *mask)
{
	is_counting = false;
	return (int)syscall(SYS_epoll_pwait, fd, events, max, wait_ms, mask,
	    (size_t)8 /* bytes of the kernel's own mask */);
}
