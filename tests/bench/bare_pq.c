/* bare_pq.c: the floor for a database answer: one prepared statement, one round trip, repeated.
 *
 * bare_pq URL SECONDS SQL [PARAMETER...]. Prints queries per second as a whole number. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	PGconn *conn = argc >= 4 ? PQconnectdb(argv[1]) : NULL;
	long end, begin, done = 0;

	if (!conn || PQstatus(conn) != CONNECTION_OK) {
		fprintf(stderr, "usage: bare_pq URL SECONDS SQL [PARAMETER...]\n%s",
		    conn ? PQerrorMessage(conn) : "");
		return 64;
	}
	PQclear(PQprepare(conn, "floor", argv[3], 0, NULL));
	begin = now_ms();
	end = begin + strtol(argv[2], NULL, 10) * 1000;
	while (now_ms() < end) {
		PGresult *result = PQexecPrepared(conn, "floor", argc - 4,
		    (const char *const *)(argv + 4), NULL, NULL, 0);
		if (PQresultStatus(result) != PGRES_TUPLES_OK) {
			fprintf(stderr, "%s", PQerrorMessage(conn));
			return 70;
		}
		PQclear(result);
		done++;
	}
	printf("%ld\n", done * 1000 / (now_ms() - begin));
	PQfinish(conn);
	return 0;
}
