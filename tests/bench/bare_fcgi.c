/* bare_fcgi.c: the floor for a FastCGI answer: one file's bytes, no database, no template.
 *
 * bare_fcgi SOCKET WORKERS FILE. The file holds the whole answer, headers included. */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char answer[1 << 20];
static size_t answer_len;

static void serve(int fd)
{
	FCGX_Request request;

	FCGX_InitRequest(&request, fd, 0);
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutStr(answer, (int)answer_len, request.out);
		FCGX_Finish_r(&request);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	FILE *file = argc == 4 ? fopen(argv[3], "rb") : NULL;
	int fd;

	if (!file) {
		fprintf(stderr, "usage: bare_fcgi SOCKET WORKERS FILE\n");
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
			serve(fd);
	}
	while (wait(NULL) > 0)
		continue;
	return 0;
}
