/* statements_test.c: every named statement is accepted by the schema. */
#include <libpq-fe.h>
#include <string.h>

#include "db/db.h"
#include "pg.h"
#include "tests/lib/suite.h"

static const char *url;

/* The fit of names, columns and types; what a role may do is tested where it is done. */
START_TEST(every_statement_can_be_prepared)
{
	PGconn *conn = PQconnectdb(url);
	const struct sql_statement *statement = &sql_statements[_i];
	PGresult *result = PQprepare(conn, statement->name, statement->text, 0, NULL);

	ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", statement->name,
	    PQerrorMessage(conn));
	PQclear(result);
	result = PQdescribePrepared(conn, statement->name);
	ck_assert_int_eq(PQnparams(result), statement->params);
	PQclear(result);
	PQfinish(conn);
}
END_TEST

/* A column name that occurs twice would hide one of the two. */
START_TEST(every_column_has_its_own_name)
{
	const struct sql_statement *statement = &sql_statements[_i];
	PGconn *conn = PQconnectdb(url);
	PGresult *result;

	PQclear(PQprepare(conn, "s", statement->text, 0, NULL));
	result = PQdescribePrepared(conn, "s");
	for (int i = 0; i < PQnfields(result); i++)
		for (int j = 0; j < i; j++)
			ck_assert_msg(strcmp(PQfname(result, i), PQfname(result, j)) != 0 ||
			    strcmp(PQfname(result, i), "set_config") == 0, "%s: %s twice",
			    statement->name, PQfname(result, i));
	PQclear(result);
	PQfinish(conn);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("statements");
	TCase *each = tcase_create("each");

	url = pg_fresh(true);
	tcase_add_loop_test(each, every_statement_can_be_prepared, SQL_NONE + 1, SQL_COUNT);
	tcase_add_loop_test(each, every_column_has_its_own_name, SQL_NONE + 1, SQL_COUNT);
	suite_add_tcase(suite, each);
	return suite_end(suite);
}
