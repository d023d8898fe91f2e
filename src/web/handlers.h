/* handlers.h: the handlers, a section for each file; routes.c says when they are called. */
#ifndef WEB_HANDLERS_H
#define WEB_HANDLERS_H

#include "web/web.h"

#define HANDLER(name)                                                                              \
	const struct err *name(struct ctx *ctx, const struct request *request,                     \
	    struct reply *reply) MUST_CHECK

/* health.c */
HANDLER(get_healthz);
HANDLER(get_readyz);

/* session.c */
HANDLER(get_session);
HANDLER(post_session);
HANDLER(post_session_end);
HANDLER(get_sessions);
HANDLER(post_sessions_end);
HANDLER(post_sessions_end_others);

/* token.c */
HANDLER(get_tokens);
HANDLER(post_tokens);
HANDLER(get_token);
HANDLER(post_token_revoke);

/* audit.c */
HANDLER(get_audit);

/* cost.c */
HANDLER(get_costs);
HANDLER(get_account_costs);
HANDLER(get_cost_entries);

/* cost_entry.c */
HANDLER(get_cost_entry);

/* entry.c */
HANDLER(post_cost_entries);

/* home.c */
HANDLER(get_home);

/* budget.c */
HANDLER(get_budgets);
HANDLER(post_budgets);
HANDLER(post_budget_remove);
/* What is told above a page about budgets of an account (NULL: of any that the caller may see). */
const struct err *budget_notices_show(struct ctx *ctx, const char *account_id,
    const struct request *request, struct reply *reply) MUST_CHECK;

/* price.c */
HANDLER(get_prices);

/* account.c */
HANDLER(get_accounts);
HANDLER(get_account);
HANDLER(post_accounts);

/* deletion.c */
HANDLER(get_account_delete);
HANDLER(post_account_delete);
HANDLER(get_account_deletion);

/* installation.c */
HANDLER(get_installation);

/* assistant.c */
HANDLER(get_assistants);
HANDLER(post_assistants);

/* run.c */
HANDLER(get_runs);
HANDLER(get_run);
struct db_rows *stamp_costs(struct ctx *ctx, const struct request *request, struct db_tx *tx);
struct db_rows *stamp_account_costs(struct ctx *ctx, const struct request *request,
    struct db_tx *tx);
struct db_rows *stamp_runs(struct ctx *ctx, const struct request *request, struct db_tx *tx);
struct db_rows *stamp_run(struct ctx *ctx, const struct request *request, struct db_tx *tx);
HANDLER(get_run_progress);
HANDLER(post_run_cancel);
HANDLER(post_run_retry);

/* runner.c */
HANDLER(get_runners);
HANDLER(post_runners_pause);
HANDLER(post_runners_resume);
HANDLER(post_runners_drain);
HANDLER(post_runner_drain);

/* launch.c */
HANDLER(get_launch);
HANDLER(post_run);

/* version.c */
HANDLER(get_versions);
HANDLER(get_version);
HANDLER(get_version_injection);
HANDLER(post_version_status);
HANDLER(post_version_approve);
HANDLER(get_version_notes);
HANDLER(post_version_notes);
/* What follows a change of the version in the address: the way back to its page, or (err) the page
 * again with what is there now. Returns err. */
const struct err *version_changed(struct ctx *ctx, const struct request *request,
    struct reply *reply, const struct err *err) MUST_CHECK;

/* deployment.c */
HANDLER(get_assistant);
HANDLER(post_assistant_withdraw);
HANDLER(post_version_deploy);
HANDLER(post_account_deployment);

/* delivery.c */
HANDLER(get_deliveries);
HANDLER(get_delivery);
HANDLER(post_delivery_resend);

#endif
