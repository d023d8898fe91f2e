/* world.c: two accounts and somebody to ask. */
#include "world.h"

#include <stdarg.h>
#include <stdlib.h>

#include "tests/lib/suite.h"

const char *url;
const char *const north = "01900000-0000-7000-8000-00000000000a";
const char *const south = "01900000-0000-7000-8000-00000000000b";
struct ctx *at_north, *at_south, *operator;
struct arena *arena;

static struct db *db;

static struct ctx *asker(enum role role, const char *account_id, const char *slug)
{
	struct ctx *ctx = arena_alloc(arena, sizeof(*ctx));
	struct conf *conf;

	ck_assert_fine(conf_load(arena, NULL, &conf));
	ctx->arena = arena;
	ctx->db = db;
	ctx->conf = conf;
	ctx->access = (struct access){.role = role, .account_id = account_id, .account_slug = slug,
	    .account_name = slug, .name = slug};
	return ctx;
}

static void set_up(void)
{
	static const struct db_options options = {
		.application = "model_test",
		.role = "promptbuilder_web",
	};
	struct db_options with_url = options;

	unsetenv("PROMPTBUILDER_MODEL");
	with_url.url = url;
	arena = arena_new();
	db = db_new(&with_url);
	world_value("TRUNCATE accounts, jobs CASCADE");
	world_value("INSERT INTO reporting_zones (zone, is_ready) VALUES ('UTC', true)");
	world_value("DELETE FROM model_prices WHERE source = 'test'");
	world_value("INSERT INTO model_prices (model, input_pico, output_pico, cache_read_pico,"
	    " cache_write_5m_pico, cache_write_1h_pico, source)"
	    " VALUES ('claude-sonnet-5', 1, 1, 1, 1, 1, 'test')");
	world_value("INSERT INTO accounts (id, slug, name, created_at) VALUES"
	    " ('%s', 'north', 'North', '2026-01-01'), ('%s', 'south', 'South', '2026-01-02')",
	    north, south);
	at_north = asker(ROLE_MEMBER, north, "north");
	at_south = asker(ROLE_MEMBER, south, "south");
	operator = asker(ROLE_OPERATOR, NULL, NULL);
}

static void tear_down(void)
{
	db_close(db);
	arena_free(arena);
}

const char *world_value(const char *format, ...)
{
	va_list args;
	const char *sql;

	va_start(args, format);
	sql = arena_vprintf(arena, format, args);
	va_end(args);
	return arena_strdup(arena, pg_value(url, sql));
}

struct world_run world_run(const char *account_id, const char *pipeline_id)
{
	struct world_run run = {.pipeline_id = pipeline_id};

	world_value("INSERT INTO assistants (account_id, external_id, name)"
	    " VALUES ('%s', 'desk', 'Front desk') ON CONFLICT DO NOTHING", account_id);
	run.id = world_value("INSERT INTO pipeline_runs (account_id, assistant_id, pipeline_id,"
	    " briefing_id, status, briefing_data, model)"
	    " SELECT account_id, id, '%s', 'briefing_1', 'queued', '{\"company\": \"Bikes\"}',"
	    " 'claude-sonnet-5' FROM assistants WHERE account_id = '%s' AND external_id = 'desk'"
	    " RETURNING id", pipeline_id, account_id);
	world_value("INSERT INTO jobs (account_id, pipeline_run_id) VALUES ('%s', '%s')",
	    account_id, run.id);
	return run;
}

void world_cost(const struct world_run *run, const char *operation, const char *input,
    const char *output, const char *cost_usd)
{
	world_value("INSERT INTO cost_entries (pipeline_run_id, account_id, assistant_id,"
	    " operation, model, input_tokens, output_tokens, cost_usd)"
	    " SELECT id, account_id, assistant_id, '%s', 'claude-opus', %s, %s, %s"
	    " FROM pipeline_runs WHERE id = '%s'", operation, input, output, cost_usd, run->id);
}

const char *world_version(const struct world_run *run, int number, const char *status)
{
	return world_value("INSERT INTO prompt_versions (pipeline_run_id, account_id,"
	    " assistant_id, version, version_number, prompt_content, prompt_hash,"
	    " injection_content, briefing_hash, final_score, status)"
	    " SELECT id, account_id, assistant_id, 'v%d', %d, '# Prompt', 'p', 'export {}', 'b',"
	    " 91.5, '%s' FROM pipeline_runs WHERE id = '%s' RETURNING id",
	    number, number, status, run->id);
}

const char *world_json(const struct doc *doc)
{
	struct buf *json = buf_new(arena, 1u << 20);

	doc_write(doc, json);
	return json->data;
}

int world_main(const char *name, const TTest *const *tests, size_t count)
{
	url = pg_fresh(true);
	return suite_run_between(set_up, tear_down, name, tests, count);
}
