/* ask.c: asks one address over one kept connection, again and again, and times each answer.
 *
 * ask PORT PATH TIMES [-H HEADER]... [-e] [-s URL SQL]. Prints the median and the 95th percentile in
 * microseconds, the status and the bytes of the last answer. After half a second it asks no more. -e
 * sends the ETag of the first answer with all others; -s runs a statement before each request, which
 * is not timed. Any answer but 200, or with -e 304, is an error. */
#include <libpq-fe.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MAX (8u << 20)
#define REQUEST_MAX 8192
#define BUDGET_US 500000

static char answer[ANSWER_MAX + 1];
static size_t answer_len;

static void give_up(const char *what)
{
	fprintf(stderr, "ask: %s\n%.400s\n", what, answer);
	exit(70);
}

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int connect_to(const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons((unsigned short)strtol(port, NULL, 10)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		give_up("nobody listens");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

/* Whether the answer is all there: by its length, its last chunk, or because it has no body. */
static bool is_whole(const char *head_end)
{
	const char *length = strcasestr(answer, "\r\nContent-Length:");
	size_t head = (size_t)(head_end + 4 - answer);

	if (strncmp(answer + 9, "304", 3) == 0)
		return true;
	if (length && length < head_end)
		return answer_len >= head + strtoul(length + 17, NULL, 10);
	return answer_len >= head + 5 && strcmp(answer + answer_len - 5, "0\r\n\r\n") == 0;
}

static int read_answer(int fd)
{
	answer_len = 0;
	for (;;) {
		ssize_t got = read(fd, answer + answer_len, ANSWER_MAX - answer_len);
		const char *head_end;

		if (got <= 0)
			give_up("the answer ended early");
		answer_len += (size_t)got;
		answer[answer_len] = '\0';
		head_end = strstr(answer, "\r\n\r\n");
		if (head_end && is_whole(head_end))
			return (int)strtol(answer + 9, NULL, 10);
	}
}

static long time_answer(int fd, const char *request, int expected)
{
	long begin = now_us();
	size_t len = strlen(request);

	if (write(fd, request, len) != (ssize_t)len)
		give_up("the connection ended");
	if (read_answer(fd) != expected)
		give_up("another status was expected");
	return now_us() - begin;
}

static void add_etag(char *request)
{
	const char *etag = strcasestr(answer, "\r\nETag:");
	size_t len = strlen(request) - 2;

	if (!etag)
		give_up("the answer has no ETag");
	snprintf(request + len, REQUEST_MAX - len, "If-None-Match:%.*s\r\n\r\n",
	    (int)strcspn(etag + 7, "\r"), etag + 7);
}

static int by_size(const void *a, const void *b)
{
	return *(const long *)a < *(const long *)b ? -1 : *(const long *)a > *(const long *)b;
}

int main(int argc, char **argv)
{
	long times = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	static char request[REQUEST_MAX];
	const char *sql = NULL;
	PGconn *conn = NULL;
	bool has_etag = false;
	long *taken, done = 0, spent = 0;
	int fd, at;

	if (times < 1) {
		fprintf(stderr, "usage: ask PORT PATH TIMES [-H HEADER]... [-e] [-s URL SQL]\n");
		return 64;
	}
	at = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n", argv[2]);
	for (int i = 4; i < argc; i++) {
		if (strcmp(argv[i], "-H") == 0)
			at += snprintf(request + at, sizeof request - (size_t)at, "%s\r\n", argv[++i]);
		else if (strcmp(argv[i], "-e") == 0)
			has_etag = true;
		else if (strcmp(argv[i], "-s") == 0 && i + 2 < argc) {
			conn = PQconnectdb(argv[++i]);
			sql = argv[++i];
		}
	}
	snprintf(request + at, sizeof request - (size_t)at, "\r\n");
	fd = connect_to(argv[1]);
	taken = calloc((size_t)times, sizeof *taken);
	time_answer(fd, request, 200);
	if (has_etag)
		add_etag(request);
	for (long i = 0; i < times && spent < BUDGET_US; i++) {
		PGresult *result = sql ? PQexec(conn, sql) : NULL;

		if (sql && PQresultStatus(result) != PGRES_COMMAND_OK)
			give_up(PQerrorMessage(conn));
		PQclear(result);
		taken[i] = time_answer(fd, request, has_etag ? 304 : 200);
		spent += taken[i];
		done++;
	}
	qsort(taken, (size_t)done, sizeof *taken, by_size);
	printf("%ld %ld %.3s %zu\n", taken[done / 2], taken[done * 95 / 100], answer + 9, answer_len);
	return 0;
}
