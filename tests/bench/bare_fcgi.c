/* bare_fcgi.c: the floor for a FastCGI answer: one file's bytes, no template, and no database, or
 * one trip to it.
 *
 * bare_fcgi SOCKET WORKERS FILE [URL]. The file holds the whole answer, headers included. With URL
 * each request runs a prepared "select 1" there first. */
#include <fcgiapp.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char answer[1 << 20];
static size_t answer_len;

static PGconn *prepare(const char *url)
{
	PGconn *conn = PQconnectdb(url);
	PGresult *result = PQprepare(conn, "one", "select 1", 0, NULL);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		_exit(69);
	PQclear(result);
	return conn;
}

static void serve(int fd, const char *url)
{
	PGconn *conn = url ? prepare(url) : NULL;
	FCGX_Request request;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	FCGX_InitRequest(&request, fd, 0);
	while (FCGX_Accept_r(&request) == 0) {
		if (conn)
			PQclear(PQexecPrepared(conn, "one", 0, NULL, NULL, NULL, 0));
		FCGX_PutStr(answer, (int)answer_len, request.out);
		FCGX_Finish_r(&request);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	FILE *file = argc >= 4 ? fopen(argv[3], "rb") : NULL;
	int fd;

	if (!file) {
		fprintf(stderr, "usage: bare_fcgi SOCKET WORKERS FILE [URL]\n");
		return 64;
	}
	answer_len = fread(answer, 1, sizeof answer, file);
	fclose(file);
	FCGX_Init();
	fd = FCGX_OpenSocket(argv[1], 128);
	if (fd < 0 || chmod(argv[1], 0666) != 0)
		return 73;
	for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
		if (fork() == 0)
			serve(fd, argc > 4 ? argv[4] : NULL);
	}
	while (wait(NULL) > 0)
		continue;
	return 0;
}
