/* routes.c: the table of contents: every address, who may ask, and what answers. */
#include "web/frame.h"

#include <string.h>

#include "base/text.h"
#include "web/handlers.h"

#define PAGE ROUTE_PAGE
#define API ROUTE_API
#define FORM ROUTE_FORM
#define FRAGMENT ROUTE_FRAGMENT
#define NO_DB ROUTE_NO_DB
#define RAW ROUTE_RAW
#define LIST ROUTE_LIST
#define FILES ROUTE_FILES
#define KEPT ROUTE_KEPT

#define PIECE_BYTES_MAX 200
#define SMALL (8u << 10)  /* body of a button or a short form */
#define MEDIUM (64u << 10) /* body of a long text */
#define LARGE (256u << 10) /* body of a briefing */
#define BATCH (2u << 20)   /* body of many cost entries */
#define PROMPT (4u << 20)  /* body of a prompt of 1 MB, escaped; nginx lets no more through */

/* method, pattern, handler, view, who, flags, body_max, sentence; in the order of patterns. */
const struct route routes[] = {
	{WEB_GET, "/", get_home, "home", WHO_VIEWER, PAGE | API, 0,
	 "What it costs, what runs, what needs attention."},
	{WEB_GET, "/costs", get_costs, "costs", WHO_VIEWER, PAGE | API, 0,
	 "Costs of a period by account, assistant, phase, model and day, week or month."},
	{WEB_GET, "/costs/{account}", get_account_costs, "account_costs", WHO_VIEWER, PAGE | API, 0,
	 "The same of one account, with its recent runs."},
	{WEB_GET, "/cost-entries", get_cost_entries, "cost_entries", WHO_VIEWER, PAGE | API, 0,
	 "The lines of the ledger, of a run or an account."},
	{WEB_GET, "/cost-entries/{id}", get_cost_entry, "cost_entry", WHO_VIEWER, PAGE | API, 0,
	 "One line explained: usage, buckets, rates, products, the one rounding."},
	{WEB_POST, "/cost-entries", post_cost_entries, NULL, WHO_MEMBER, API | LIST, BATCH,
	 "Books calls made elsewhere: one, or up to 1,000 together."},
	{WEB_GET, "/prices", get_prices, "prices", WHO_VIEWER, PAGE | API, 0,
	 "The dated prices, models that have none, and what a call would cost."},
	{WEB_GET, "/budgets", get_budgets, "budgets", WHO_VIEWER, PAGE | API, 0,
	 "What accounts may spend, and what is spent, reserved and left of it."},
	{WEB_POST, "/budgets", post_budgets, "budgets", WHO_MEMBER, PAGE | API | FORM, SMALL,
	 "Sets an account's budget of a period, or of each run."},
	{WEB_POST, "/budgets/{id}/remove", post_budget_remove, NULL, WHO_MEMBER, PAGE | API, SMALL,
	 "Removes a budget."},
	{WEB_GET, "/accounts", get_accounts, "accounts", WHO_VIEWER, PAGE | API | FILES, 0,
	 "The accounts the asker may see."},
	{WEB_POST, "/accounts", post_accounts, "accounts", WHO_OPERATOR, PAGE | API | FORM, SMALL,
	 "Makes an account of a slug and a name."},
	{WEB_GET, "/accounts/{account}", get_account, "account", WHO_VIEWER, PAGE | API | FILES, 0,
	 "One account with its assistants and recent runs."},
	{WEB_POST, "/accounts/{account}/deployment", post_account_deployment, "account",
	 WHO_MEMBER, PAGE | API | FORM, SMALL,
	 "Sets an account's environments, and whether deployments need an approval."},
	{WEB_GET, "/accounts/{account}/delete", get_account_delete, "account_delete", WHO_OPERATOR,
	 PAGE | FORM, 0, "What goes and what stays when an account is deleted."},
	{WEB_POST, "/accounts/{account}/delete", post_account_delete, "account_delete",
	 WHO_OPERATOR, PAGE | API | FORM, SMALL, "Deletes an account, but for what it cost."},
	{WEB_GET, "/accounts/{account}/deletion", get_account_deletion, "account_deletion",
	 WHO_OPERATOR, PAGE | API, 0, "How far the deletion of an account is; its receipt."},
	{WEB_GET, "/assistants", get_assistants, "assistants", WHO_VIEWER, PAGE | API, 0,
	 "The assistants, with their runs and latest version."},
	{WEB_POST, "/assistants", post_assistants, "assistants", WHO_MEMBER, PAGE | API | FORM,
	 SMALL, "Makes an assistant of an account."},
	{WEB_GET, "/assistants/{id}", get_assistant, "assistant", WHO_VIEWER, PAGE | API, 0,
	 "One assistant: what each environment serves, its versions, its deployments."},
	{WEB_GET, "/assistants/{id}/prompt", get_assistant_prompt, NULL, WHO_VIEWER,
	 API | RAW | KEPT, 0, "The prompt that an assistant has in an environment."},
	{WEB_POST, "/assistants/{id}/withdraw", post_assistant_withdraw, "assistant", WHO_MEMBER,
	 PAGE | API | FORM, SMALL, "Serves nothing in an environment any more."},
	{WEB_GET, "/pipeline-runs", get_runs, "runs", WHO_VIEWER, PAGE | API, 0,
	 "The runs, newest first, by account, assistant, status and time."},
	{WEB_GET, "/pipeline-runs/new", get_launch, "launch", WHO_MEMBER, PAGE | FORM, 0,
	 "The form of a briefing."},
	{WEB_POST, "/pipeline-runs", post_run, "launch", WHO_MEMBER, PAGE | API | FORM, LARGE,
	 "Launches a run from a briefing."},
	{WEB_GET, "/pipeline-runs/{id}", get_run, "run", WHO_VIEWER, PAGE | API, 0,
	 "One run: costs per phase, steps, calls, lines, versions."},
	{WEB_GET, "/pipeline-runs/{id}/progress", get_run_progress, "run_progress", WHO_VIEWER,
	 PAGE | API | FRAGMENT, 0, "How far a run is; the live part of its page."},
	{WEB_POST, "/pipeline-runs/{id}/cancel", post_run_cancel, NULL, WHO_MEMBER, PAGE | API,
	 SMALL, "Cancels a queued run, asks a running one to stop."},
	{WEB_POST, "/pipeline-runs/{id}/retry", post_run_retry, NULL, WHO_MEMBER, PAGE | API, SMALL,
	 "Queues a failed or cancelled run again."},
	{WEB_GET, "/prompt-versions", get_versions, "versions", WHO_VIEWER, PAGE | API, 0,
	 "The prompt versions, newest first."},
	{WEB_GET, "/prompt-versions/{id}", get_version, "version", WHO_VIEWER, PAGE | API, 0,
	 "One prompt version with its texts."},
	{WEB_GET, "/prompt-versions/{id}/diff", get_version_diff, "version_diff", WHO_VIEWER,
	 PAGE | API, 0, "What differs from another version, and what that did to score and cost."},
	{WEB_GET, "/prompt-versions/{id}/edit", get_version_edit, "version_edit", WHO_MEMBER,
	 PAGE | FORM, 0, "The form of a version's text."},
	{WEB_POST, "/prompt-versions/{id}/edit", post_version_edit, "version_edit", WHO_MEMBER,
	 PAGE | API | FORM, PROMPT, "Makes a draft of a changed text, and scores it."},
	{WEB_GET, "/prompt-versions/{id}/injection.ts", get_version_injection, NULL, WHO_VIEWER,
	 PAGE | API | RAW, 0, "The injection file of a version, as a download."},
	{WEB_POST, "/prompt-versions/{id}/status", post_version_status, "version", WHO_MEMBER,
	 PAGE | API | FORM, SMALL, "Makes a version a draft, final, deployed or archived."},
	{WEB_POST, "/prompt-versions/{id}/deploy", post_version_deploy, "version", WHO_MEMBER,
	 PAGE | API | FORM, SMALL, "Serves a version in an environment."},
	{WEB_POST, "/prompt-versions/{id}/approve", post_version_approve, "version", WHO_MEMBER,
	 PAGE | API | FORM, SMALL, "Notes that whoever asks agrees to a version."},
	{WEB_POST, "/prompt-versions/{id}/score", post_version_score, NULL, WHO_MEMBER,
	 PAGE | API, SMALL, "Queues a run that scores a version that has no score."},
	{WEB_GET, "/prompt-versions/{id}/notes", get_version_notes, "version_notes", WHO_VIEWER,
	 PAGE | API, 0, "The notes on a version, newest first."},
	{WEB_POST, "/prompt-versions/{id}/notes", post_version_notes, "version_notes", WHO_MEMBER,
	 PAGE | API | FORM, MEDIUM, "Adds a note to a version."},
	{WEB_GET, "/runners", get_runners, "runners", WHO_OPERATOR, PAGE | API, 0,
	 "The runners, what waits for them and why, and the ends of a day."},
	{WEB_POST, "/runners/pause", post_runners_pause, NULL, WHO_OPERATOR, PAGE | API, SMALL,
	 "Stops all claims; what runs goes on."},
	{WEB_POST, "/runners/resume", post_runners_resume, NULL, WHO_OPERATOR, PAGE | API, SMALL,
	 "Lets claims go on."},
	{WEB_POST, "/runners/drain", post_runners_drain, NULL, WHO_OPERATOR, PAGE | API, SMALL,
	 "Asks all runners to finish their calls and exit."},
	{WEB_POST, "/runners/{id}/drain", post_runner_drain, NULL, WHO_OPERATOR, PAGE | API, SMALL,
	 "Asks a runner to finish its calls and exit."},
	{WEB_GET, "/deliveries", get_deliveries, "deliveries", WHO_MEMBER, PAGE | API, 0,
	 "The events for the webhook, and what became of them."},
	{WEB_GET, "/deliveries/{id}", get_delivery, "delivery", WHO_MEMBER, PAGE | API, 0,
	 "One event with what it says and each try."},
	{WEB_POST, "/deliveries/{id}/resend", post_delivery_resend, NULL, WHO_MEMBER, PAGE | API,
	 SMALL, "Sends an event once more."},
	{WEB_GET, "/tokens", get_tokens, "tokens", WHO_MEMBER, PAGE | API, 0,
	 "The named tokens: who may do what, until when, and last did."},
	{WEB_POST, "/tokens", post_tokens, "tokens", WHO_MEMBER, PAGE | API | FORM, SMALL,
	 "Makes a token, which only this answer has."},
	{WEB_GET, "/tokens/{id}", get_token, "token", WHO_MEMBER, PAGE | API, 0,
	 "One token, and how to revoke it."},
	{WEB_POST, "/tokens/{id}/revoke", post_token_revoke, NULL, WHO_MEMBER, PAGE | API, SMALL,
	 "Revokes a token and ends its sessions."},
	{WEB_GET, "/sessions", get_sessions, "sessions", WHO_VIEWER, PAGE | API, 0,
	 "Where one's own token is signed in."},
	{WEB_POST, "/sessions/{id}/end", post_sessions_end, NULL, WHO_VIEWER, PAGE | API, SMALL,
	 "Ends one of those sessions."},
	{WEB_POST, "/sessions/end-others", post_sessions_end_others, NULL, WHO_VIEWER, PAGE | API,
	 SMALL, "Ends all of those sessions but the one that asks."},
	{WEB_GET, "/audit", get_audit, "audit", WHO_MEMBER, PAGE | API, 0,
	 "Who did what to which object, when and from where."},
	{WEB_GET, "/installation", get_installation, "installation", WHO_OPERATOR, PAGE | API, 0,
	 "Checks of the live installation: what is found, and the remedy."},
	{WEB_GET, "/settings/sheets", get_sheets, "sheets", WHO_OPERATOR, PAGE | API, 0,
	 "The spreadsheet that ended runs are written to: what waits, what is wrong."},
	{WEB_GET, "/settings/sheets/progress", get_sheets_progress, "sheets_progress", WHO_OPERATOR,
	 PAGE | API | FRAGMENT, 0, "The live part of that page."},
	{WEB_POST, "/settings/sheets/test", post_sheets_test, NULL, WHO_OPERATOR, PAGE | API, SMALL,
	 "Has a runner append a test row to the spreadsheet."},
	{WEB_POST, "/settings/sheets/compare", post_sheets_compare, NULL, WHO_OPERATOR, PAGE | API,
	 SMALL, "Has a runner compare the spreadsheet with the database."},
	{WEB_POST, "/settings/sheets/write", post_sheets_write, NULL, WHO_OPERATOR, PAGE | API,
	 SMALL, "Writes the rows again that the last comparison missed."},
	{WEB_GET, "/healthz", get_healthz, NULL, WHO_ANYBODY, PAGE | API | NO_DB, 0,
	 "Whether this process answers."},
	{WEB_GET, "/readyz", get_readyz, NULL, WHO_ANYBODY, PAGE | API, 0,
	 "Whether the database answers, and how many runners live."},
	{WEB_GET, "/session", get_session, "session", WHO_ANYBODY, PAGE | FORM, 0,
	 "The sign-in form."},
	{WEB_POST, "/session", post_session, "session", WHO_ANYBODY, PAGE | FORM, SMALL,
	 "Signs in with account slug and token."},
	{WEB_POST, "/session/end", post_session_end, NULL, WHO_VIEWER, PAGE, SMALL,
	 "Signs out."},
};

const size_t route_count = ARRAY_LEN(routes);

/* What a path matched: the pieces' values, and how many there are: the fewest win, so that
 * /pipeline-runs/new is no id. */
struct match {
	const char *piece[4];
	size_t pieces;
};

static bool piece_take(struct arena *arena, const char **path, struct match *match)
{
	size_t len = strcspn(*path, "/");

	if (len == 0 || len > PIECE_BYTES_MAX || match->pieces == ARRAY_LEN(match->piece))
		return false;
	match->piece[match->pieces++] = arena_strndup(arena, *path, len);
	*path += len;
	return true;
}

/* {name} stands for everything up to the next slash; all else must be equal. */
static bool pattern_match(struct arena *arena, const char *pattern, const char *path,
    struct match *match)
{
	*match = (struct match){.pieces = 0};
	while (*pattern != '\0') {
		if (*pattern == '{') {
			if (!piece_take(arena, &path, match))
				return false;
			pattern += strcspn(pattern, "}") + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *path == '\0';
}

static const struct problem *not_found(struct arena *arena, bool is_known, bool has_get,
    bool has_post)
{
	struct problem *problem;

	if (!is_known)
		return problem_new(arena, 404, "Nothing is known under this address.");
	problem = problem_new(arena, 405, has_post ?
	    "This address is only posted to." : "This address can only be read.");
	problem->allow = has_get ? "GET, HEAD" : "POST";
	return problem;
}

const struct problem *routes_find(struct arena *arena, struct request *request,
    const struct route **row)
{
	unsigned side = request->is_api ? ROUTE_API : ROUTE_PAGE;
	bool has[] = {[WEB_GET] = false, [WEB_POST] = false};
	size_t fewest = SIZE_MAX;

	*row = NULL;
	for (size_t i = 0; i < route_count; i++) {
		struct match match;

		if ((routes[i].flags & side) == 0 ||
		    !pattern_match(arena, routes[i].pattern, request->path, &match))
			continue;
		has[routes[i].method] = true;
		if (routes[i].method != request->method || match.pieces >= fewest)
			continue;
		fewest = match.pieces;
		*row = &routes[i];
		memcpy(request->piece, match.piece, sizeof(request->piece));
	}
	if (*row != NULL)
		return NULL;
	return not_found(arena, has[WEB_GET] || has[WEB_POST], has[WEB_GET], has[WEB_POST]);
}

stamper routes_stamper(const struct route *row)
{
	static const struct {
		handler handle;
		stamper add;
	} stampers[] = {
		{get_costs, stamp_costs},
		{get_account_costs, stamp_account_costs},
		{get_run, stamp_run},
		{get_runs, stamp_runs},
	};

	for (size_t i = 0; i < ARRAY_LEN(stampers); i++) {
		if (stampers[i].handle == row->handle)
			return stampers[i].add;
	}
	return NULL;
}

void routes_print(FILE *out)
{
	static const char *const methods[] = {[WEB_GET] = "GET", [WEB_POST] = "POST"};
	static const char *const whos[] = {
		[WHO_ANYBODY] = "anybody",
		[WHO_VIEWER] = "viewer",
		[WHO_MEMBER] = "member",
		[WHO_OPERATOR] = "operator",
	};

	for (size_t i = 0; i < route_count; i++) {
		const struct route *row = &routes[i];
		bool is_page = (row->flags & ROUTE_PAGE) != 0;
		bool is_api = (row->flags & ROUTE_API) != 0;

		fprintf(out, "%s\t%s\t%s%s%s%s\t%s\t%s\n", methods[row->method], row->pattern,
		    is_page ? "page" : "", is_page && is_api ? "," : "", is_api ? "api" : "",
		    tables_exist(row) ? ",csv" : "", whos[row->who], row->sentence);
	}
}
