/* tables.c: the tables of the pages, and which columns their CSV has. */
#include "web/frame.h"

#include "base/text.h"
#include "web/handlers.h"

#define TOKENS " #input_tokens #output_tokens #cache_read_tokens #cache_write_tokens"
#define FIGURES                                                                                    \
	" #cost_usd #generation_cost_usd #analysis_cost_usd #improvement_cost_usd"                 \
	" #other_cost_usd #share_percent #cache_saved_usd #runs #calls #unpriced_calls" TOKENS
#define TREND "date from to is_complete" FIGURES
#define BY_ASSISTANT "account_slug assistant_id external_id assistant_name" FIGURES
#define BY_PHASE "phase #cost_usd #share_percent #calls" TOKENS
#define CAUSES "cause #cost_usd unit #before #now"
#define UNUSUAL_RUNS                                                                               \
	"pipeline_id id account_slug assistant_id assistant_external_id assistant_name created_at" \
	" #total_cost_usd #median_cost_usd #median_of_runs #times_median"
#define ITERATIONS                                                                                 \
	"#iteration #runs #score_before #score_after #points #cost_usd #point_cost_usd"
#define RECENT_RUNS                                                                                \
	"pipeline_id id status account_slug account_name assistant_external_id assistant_name"     \
	" created_at started_at #duration_ms #total_input_tokens #total_output_tokens"             \
	" #total_cost_usd error_message"
#define RUNS                                                                                       \
	"pipeline_id id status account_slug account_name assistant_external_id assistant_name"     \
	" model created_at started_at completed_at #duration_ms #total_input_tokens"               \
	" #total_output_tokens #total_cache_read_tokens #total_cache_write_tokens"                 \
	" #total_cost_usd #generation_cost #analysis_cost #improvement_cost briefing_id"           \
	" error_message waiting_for waiting_until"
#define BUCKETS "bucket #tokens #usd_per_million #product_usd"
#define ASSISTANTS                                                                                 \
	"external_id name account_slug id #run_count #latest_version created_at updated_at"
#define LINE                                                                                       \
	" pipeline_step_id attempt_id operation model" TOKENS " #cache_write_1h_tokens #cost_usd"  \
	" price_status price_id estimated"
#define STEPS                                                                                      \
	"pipeline_id step_key step_name #step_order status started_at #duration_ms"                \
	" #input_tokens #output_tokens #cost_usd error_message"

/* handler, name, place, columns, is_list; the first of a page is what its CSV has unless another
 * one is asked for. */
static const struct table tables[] = {
	{get_home, "recent_runs", {"recent_runs"}, RECENT_RUNS, false},
	{get_home, "trend", {"report", "trend"}, TREND, false},
	{get_costs, "trend", {"trend"}, TREND, false},
	{get_costs, "by_account", {"by_account"},
	 "account_slug account_id account_name" FIGURES, false},
	{get_costs, "by_assistant", {"by_assistant"}, BY_ASSISTANT, false},
	{get_costs, "by_phase", {"by_phase"}, BY_PHASE, false},
	{get_costs, "by_model", {"by_model"}, "model" FIGURES, false},
	{get_costs, "causes", {"change", "parts"}, CAUSES, false},
	{get_costs, "unusual_runs", {"unusual_runs"}, UNUSUAL_RUNS, false},
	{get_costs, "iterations", {"iterations"}, ITERATIONS, false},
	{get_account_costs, "trend", {"trend"}, TREND, false},
	{get_account_costs, "by_assistant", {"by_assistant"}, BY_ASSISTANT, false},
	{get_account_costs, "by_phase", {"by_phase"}, BY_PHASE, false},
	{get_account_costs, "by_model", {"by_model"}, "model" FIGURES, false},
	{get_account_costs, "causes", {"change", "parts"}, CAUSES, false},
	{get_account_costs, "unusual_runs", {"unusual_runs"}, UNUSUAL_RUNS, false},
	{get_account_costs, "iterations", {"iterations"}, ITERATIONS, false},
	{get_account_costs, "runs", {"runs"}, RECENT_RUNS, false},
	{get_account_costs, "assistants", {"assistants"},
	 "external_id assistant_id assistant_name #total_runs #total_input_tokens"
	 " #total_output_tokens #average_call_cost_usd #total_cost_usd last_activity", false},
	{get_account_costs, "daily", {"daily"},
	 "date #pipeline_runs #total_input_tokens #total_output_tokens #total_cost_usd", false},
	{get_cost_entries, "cost_entries", {"cost_entries"},
	 "timestamp id account_slug assistant_external_id pipeline_id pipeline_run_id" LINE
	 " #rate_permille kind corrects_id reason actor idempotency_key", true},
	{get_cost_entry, "buckets", {"arithmetic", "buckets"},
	 BUCKETS " usage_field #usage_tokens", false},
	{get_cost_entry, "adjustments", {"adjustments"},
	 "created_at id reason actor settles_price #cost_usd", false},
	{get_prices, "prices", {"prices"},
	 "model account_slug valid_from valid_to is_current is_future #above_tokens"
	 " #input_usd_per_million #output_usd_per_million #cache_read_usd_per_million"
	 " #cache_write_5m_usd_per_million #cache_write_1h_usd_per_million #batch_factor #us_factor"
	 " source recorded_at id", false},
	{get_prices, "unpriced_models", {"unpriced_models"}, "model #calls last_call", false},
	{get_prices, "buckets", {"quote", "arithmetic", "buckets"}, BUCKETS, false},
	{get_budgets, "budgets", {"budgets"},
	 "account_slug account_name id period period_name tz state starts_at ends_at #cap_usd"
	 " #soft_usd #spent_usd #reserved_usd #left_usd #spent_percent #elapsed_percent thresholds"
	 " changed_at changed_by", true},
	{get_accounts, "accounts", {"accounts"},
	 "slug name id #assistant_count last_run_at created_at updated_at deleted_at", true},
	{get_account, "assistants", {"assistants"}, ASSISTANTS, false},
	{get_account, "pipeline_runs", {"pipeline_runs"}, RUNS, false},
	{get_assistants, "assistants", {"assistants"}, ASSISTANTS, true},
	{get_assistant, "events", {"events"},
	 "created_at environment kind version version_id previous_version previous_version_id actor"
	 " reason id", true},
	{get_assistant, "environments", {"environments"},
	 "environment version version_id prompt_hash #final_score deployed_at deployed_by kind"
	 " reason", false},
	{get_assistant, "prompt_versions", {"prompt_versions"},
	 "version #version_number status origin created_by created_at #final_score #score_change"
	 " #runs #median_cost_usd id", false},
	{get_runs, "pipeline_runs", {"pipeline_runs"}, RUNS, true},
	{get_launch, "quote", {"quote", "phases"}, "phase #p50_usd #p95_usd", false},
	{get_run, "cost_entries", {"cost_entries"}, "timestamp id pipeline_id" LINE, false},
	{get_run, "steps", {"steps"}, STEPS, false},
	{get_run, "calls", {"steps", "attempts"},
	 "pipeline_id step_key step_name #number id state succeeded model #http_status stop_reason"
	 " error_type error_message provider_message_id provider_request_id estimated opened_at"
	 " #first_byte_ms #duration_ms" TOKENS " #cost_usd #reserved_usd"
	 " #corrected_usd", false},
	{get_run, "findings", {"steps", "analysis", "findings"},
	 "pipeline_id step_key severity area finding suggestion", false},
	{get_run_progress, "steps", {"steps"}, STEPS, false},
	{get_runners, "runners", {"runners"},
	 "id host #pid version state #lease_left_ms #runs #open_calls is_listening started_at"
	 " drain_requested_at drain_requested_by", false},
	{get_runners, "waiting_for", {"waiting_for"}, "reason #runs next_at last_at", false},
	{get_tokens, "tokens", {"tokens"},
	 "name role account_slug state prefix created_at created_by expires_at last_used_at"
	 " last_used_from revoked_at revoked_by id", true},
	{get_audit, "entries", {"entries"},
	 "at account_slug #seq actor role origin action object note token_id id previous_hash hash",
	 true},
	{get_installation, "checks", {"checks"}, "check state found remedy link", false},
	{get_sessions, "sessions", {"sessions"},
	 "created_at seen_at address agent is_current id", false},
	{get_version, "environments", {"environments"},
	 "environment version version_id deployed_at deployed_by", false},
	{get_version, "events", {"events"},
	 "created_at environment kind other_version actor reason id", false},
	{get_version_notes, "notes", {"notes"}, "created_at actor note id", true},
	{get_deliveries, "deliveries", {"deliveries"},
	 "created_at account_slug kind object state #attempts last_error next_at ended_at"
	 " resent_at id", true},
	{get_delivery, "tries", {"tries"}, "#number at #duration_ms #http_status error", false},
	{get_versions, "prompt_versions", {"prompt_versions"},
	 "id version #version_number status #revision origin account_slug assistant_external_id"
	 " assistant_name pipeline_id created_by #final_score #total_iterations prompt_hash"
	 " briefing_hash deployed_at created_at", true},
};

/* The first table of the page after this one (NULL: of all); NULL: there is none. */
static const struct table *table_next(const struct route *row, const struct table *table)
{
	for (table = table ? table + 1 : tables; table < tables + ARRAY_LEN(tables); table++)
		if (table->handle == row->handle)
			return table;
	return NULL;
}

bool tables_exist(const struct route *row)
{
	return table_next(row, NULL) != NULL;
}

/* Takes a field away from the request's own. */
static void field_move(struct request *request, const char *name, struct doc *to)
{
	struct doc *value = doc_get(request->fields, name);

	if (value)
		doc_set(to, name, value);
	doc_remove(request->fields, name);
}

const struct err *tables_pick(struct ctx *ctx, struct request *request, const struct route *row,
    struct table_choice *choice)
{
	const char *names[ARRAY_LEN(tables) + 1] = {NULL};
	const struct field fields[] = {
		{.name = "table", .kind = FIELD_CHOICE, .choices = names, .label = "table"},
		{.name = "bom", .kind = FIELD_FLAG, .label = "bom"},
	};
	struct doc *asked = doc_object(ctx->arena);
	struct doc *values = doc_object(ctx->arena);
	const struct err *err;
	const char *name;
	size_t count = 0;

	for (const struct table *t = NULL; (t = table_next(row, t)) != NULL;)
		names[count++] = t->name;
	field_move(request, "table", asked);
	field_move(request, "bom", asked);
	err = form_read(ctx, asked, NULL, fields, ARRAY_LEN(fields), values);
	if (err)
		return err;
	choice->table = table_next(row, NULL);
	name = doc_text(values, "table");
	while (name && !text_equal(choice->table->name, name))
		choice->table = table_next(row, choice->table);
	choice->is_first = choice->table == table_next(row, NULL);
	doc_bool(values, "bom", &choice->has_bom);
	return NULL;
}

/* What is asked for goes on, but the place in a list. */
static void query_add(void *arg, const char *name, struct doc *value)
{
	static const char *const places[] = {"cursor", "limit", "offset"};
	struct buf *href = arg;
	const char *text = doc_scalar(value);

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (text_equal(name, places[i]))
			return;
	if (!text || *text == '\0')
		return;
	text_url_encode(href, name);
	buf_char(href, '=');
	text_url_encode(href, text);
	buf_char(href, '&');
}

void tables_link(struct arena *arena, const struct request *request, const struct route *row,
    struct doc *page)
{
	struct doc *links = tables_exist(row) ? doc_add_object(page, "csv") : NULL;

	for (const struct table *t = NULL; (t = table_next(row, t)) != NULL;) {
		struct buf *href = buf_new(arena, 16384);

		buf_printf(href, "%s.csv?", request->path);
		doc_each(request->fields, query_add, href);
		buf_printf(href, "table=%s", t->name);
		doc_set_text(links, t->name, href->data);
	}
}
