/* csv_test.c: cells that spreadsheets leave alone, and tables out of documents. */
#include "suite.h"

#include <string.h>

#include "base/text.h"
#include "web/csv.h"
#include "web/frame.h"

static struct arena *arena;

static const char *cell(const char *text, bool is_numeric)
{
	struct buf *out = buf_new(arena, 4096);

	csv_cell(out, text, is_numeric);
	csv_end(out);
	return out->data;
}

START_TEST(cells)
{
	static const struct { const char *text; bool is_numeric; const char *cell; } rows[] = {
		{"plain", false, "\"plain\"\r\n"},
		{"", false, "\"\"\r\n"},
		{NULL, false, "\r\n"},
		{NULL, true, "\r\n"},
		{"12", false, "\"12\"\r\n"},
		{"12", true, "12\r\n"},
		{"-0.100000000", true, "-0.100000000\r\n"},
		{"-1", false, "\"'-1\"\r\n"},
		{"=1+1", true, "\"'=1+1\"\r\n"},
		{"-1+1", true, "\"'-1+1\"\r\n"},
		{"", true, "\"\"\r\n"},
		{"=1", false, "\"'=1\"\r\n"},
		{"+1", false, "\"'+1\"\r\n"},
		{"@x", false, "\"'@x\"\r\n"},
		{"\tx", false, "\"'\tx\"\r\n"},
		{"\rx", false, "\"'\rx\"\r\n"},
		{"\nx", false, "\"'\nx\"\r\n"},
		{"\uff1d1", false, "\"'\uff1d1\"\r\n"},
		{"\uff0b1", false, "\"'\uff0b1\"\r\n"},
		{"\uff0d1", false, "\"'\uff0d1\"\r\n"},
		{"\uff201", false, "\"'\uff201\"\r\n"},
		{"\uff211", false, "\"\uff211\"\r\n"},
		{"a=1", false, "\"a=1\"\r\n"},
		{"a\"b\"\"", false, "\"a\"\"b\"\"\"\"\"\r\n"},
		{"\"", false, "\"\"\"\"\r\n"},
		{"a,b;c\r\nd", false, "\"a,b;c\r\nd\"\r\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_str_eq(cell(rows[i].text, rows[i].is_numeric), rows[i].cell);
}
END_TEST

START_TEST(lines)
{
	struct buf *out = buf_new(arena, 4096);

	csv_cell(out, NULL, false);
	csv_cell(out, "x", false);
	csv_cell(out, NULL, true);
	csv_end(out);
	csv_cell(out, "3", true);
	csv_cell(out, NULL, false);
	csv_cell(out, "4", true);
	csv_end(out);
	ck_assert_str_eq(out->data, ",\"x\",\r\n3,,4\r\n");
	out = buf_new(arena, 4);
	csv_cell(out, "too long", false);
	csv_end(out);
	ck_assert(out->failed);
}
END_TEST

static const struct route *route_of(const char *pattern)
{
	for (size_t i = 0; i < route_count; i++)
		if (routes[i].method == WEB_GET && text_equal(routes[i].pattern, pattern))
			return &routes[i];
	ck_abort_msg("no route %s", pattern);
}

/* The CSV of a page's document; query is its fields as JSON. */
static const char *csv_of(const char *pattern, const char *query, const char *json,
    struct answer *answer)
{
	struct visit visit = {.ctx = {.arena = arena}, .row = route_of(pattern)};
	const struct problem *problem;

	visit.request.path = "/pipeline-runs/pipeline_x";
	ck_assert_ptr_null(doc_parse(arena, query, strlen(query), &visit.request.fields));
	ck_assert_ptr_null(doc_parse(arena, json, strlen(json), &visit.reply.doc));
	problem = download_begin(&visit);
	if (problem != NULL)
		return problem->fields->sentence;
	ck_assert_uint_eq(doc_count(visit.request.fields), 0);
	ck_assert_ptr_null(download_render(&visit, answer));
	return answer->body;
}

#define RUN                                                                                        \
	"{\"pipeline_id\": \"pipeline_x\", \"cost_entries\": [], \"steps\": ["                      \
	"{\"step_key\": \"generation\", \"step_name\": \"g\", \"cost_usd\": \"9\", \"attempts\": ["  \
	"{\"number\": 1, \"succeeded\": false, \"cost_usd\": null},"                                \
	"{\"number\": 2, \"succeeded\": true, \"cost_usd\": \"-0.5\", \"error_type\": \"=x\"}]},"    \
	"{\"step_key\": \"analysis[1]\", \"analysis\": \"no document\"},"                           \
	"{\"step_key\": \"analysis[2]\", \"analysis\": {\"findings\": [{\"area\": \"-a\"}]}}]}"

START_TEST(rows_and_what_they_stand_in)
{
	struct answer answer;

	ck_assert_str_eq(csv_of("/pipeline-runs/{id}", "{\"table\": \"calls\"}", RUN, &answer),
	    "pipeline_id,step_key,step_name,number,id,state,succeeded,model,http_status,stop_reason,"
	    "error_type,error_message,provider_message_id,provider_request_id,estimated,opened_at,"
	    "first_byte_ms,duration_ms,input_tokens,output_tokens,cache_read_tokens,"
	    "cache_write_tokens,cost_usd,reserved_usd,corrected_usd\r\n"
	    "\"pipeline_x\",\"generation\",\"g\",1,,,\"false\",,,,,,,,,,,,,,,,,,\r\n"
	    "\"pipeline_x\",\"generation\",\"g\",2,,,\"true\",,,,\"'=x\",,,,,,,,,,,,-0.5,,\r\n");
	ck_assert_str_eq(answer.type, "text/csv; charset=utf-8; header=present");
	ck_assert_str_eq(answer.download, "pipeline-runs-pipeline_x_calls.csv");
	ck_assert(!answer.is_endless);
	ck_assert_str_eq(csv_of("/pipeline-runs/{id}", "{\"table\": \"findings\", \"bom\": \"1\"}",
	    RUN, &answer), "\xef\xbb\xbfpipeline_id,step_key,severity,area,finding,suggestion\r\n"
	    "\"pipeline_x\",\"analysis[2]\",,\"'-a\",,\r\n");
	ck_assert(text_starts_with(csv_of("/pipeline-runs/{id}", "{}", RUN, &answer),
	    "timestamp,id,pipeline_id,"));
	ck_assert_str_eq(answer.download, "pipeline-runs-pipeline_x.csv");
}
END_TEST

START_TEST(wrong_choices_are_named)
{
	struct answer answer;

	ck_assert_str_eq(csv_of("/pipeline-runs/{id}", "{\"table\": \"x\"}", RUN, &answer),
	    "table must be one of: cost_entries, steps, calls, findings.");
	ck_assert_str_eq(csv_of("/pipeline-runs/{id}", "{\"table\": [\"steps\", \"calls\"]}", RUN,
	    &answer), "table is there more than once.");
	ck_assert_str_eq(csv_of("/pipeline-runs/{id}", "{\"bom\": \"x\"}", RUN, &answer),
	    "bom must be yes or no.");
}
END_TEST

START_TEST(links_keep_the_filters)
{
	struct request request = {.path = "/pipeline-runs", .fields = doc_object(arena)};
	struct doc *page = doc_object(arena);

	doc_set_text(request.fields, "status", "failed");
	doc_set_text(request.fields, "assistantId", "a&b");
	doc_set_text(request.fields, "limit", "5");
	doc_set_text(request.fields, "cursor", "x");
	doc_set_text(request.fields, "from", "");
	tables_link(arena, &request, route_of("/pipeline-runs"), page);
	ck_assert_str_eq(doc_text(doc_get(page, "csv"), "pipeline_runs"),
	    "/pipeline-runs.csv?status=failed&assistantId=a%26b&table=pipeline_runs");
	tables_link(arena, &request, route_of("/healthz"), page = doc_object(arena));
	ck_assert(!doc_has(page, "csv"));
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		cells,
		lines,
		rows_and_what_they_stand_in,
		wrong_choices_are_named,
		links_keep_the_filters,
	};
	int result;

	arena = arena_new();
	result = suite_run("csv", tests, ARRAY_LEN(tests));
	arena_free(arena);
	return result;
}
