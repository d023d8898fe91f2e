/* installation.c: the checks of an installation: what the catalog, the tables, the settings and
 * the files say. */
#include "model/installation.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "base/token.h"
#include "model/registry_away.h"

#define OTHERS_MAY 0007 /* permission bits of everybody else */

/* A row; remedy only where there is something to do. */
static void check(struct doc *checks, const char *name, const char *state, const char *found,
    const char *remedy)
{
	struct doc *row = doc_push_object(checks);

	doc_set_text(row, "check", name);
	doc_set_text(row, "state", state);
	doc_set_text(row, "found", found);
	doc_set_text(row, "remedy", text_equal(state, "ok") ? NULL : remedy);
	doc_set_null(row, "link");
}

static const char *warn_unless(bool is_good)
{
	return is_good ? "ok" : "warn";
}

/* Row security rests on roles and policies: every fault is a row. */
static void faults_add(const struct db_rows *faults, struct doc *checks)
{
	if (db_count(faults) == 0)
		check(checks, "Row security", "ok", "forced on every table; web and runner own "
		    "nothing and cannot step around it", NULL);
	for (size_t i = 0; i < db_count(faults); i++)
		check(checks, "Row security", "bad", db_text(faults, i, "fault"),
		    "Take it back: \"promptbuilder migrate\" makes roles and policies, nothing "
		    "else should change them.");
}

/* A file that others may use is shown with its mode. */
static void mode_add(struct ctx *ctx, struct doc *checks, const char *name, int mode)
{
	check(checks, name, (mode & OTHERS_MAY) == 0 ? "ok" : "bad",
	    arena_printf(ctx->arena, "mode %04o", (unsigned)mode),
	    "Take the rights of others from it (chmod o-rwx).");
}

static void path_add(struct ctx *ctx, struct doc *checks, const char *name, const char *path)
{
	struct stat st;

	if (!path)
		return;
	if (stat(path, &st) != 0)
		check(checks, name, "ok", "not visible from here", NULL);
	else
		mode_add(ctx, checks, name, (int)(st.st_mode & 07777));
}

static void registry_add(struct ctx *ctx, struct doc *checks)
{
	bool is_good;
	const char *found = registry_found(ctx, &is_good);

	if (found)
		check(checks, "Account registry", warn_unless(is_good), found, "Set "
		    "PROMPTBUILDER_ACCOUNTS_DIR, and who owns and reads what is there, as "
		    "docs/accounts.md says.");
}

static void settings_add(struct ctx *ctx, struct doc *checks)
{
	const struct conf *conf = ctx->conf;
	const char *public_url = conf_text(conf, "PROMPTBUILDER_PUBLIC_URL");
	bool has_hook = conf_text(conf, "PROMPTBUILDER_WEBHOOK_URL") != NULL;
	bool has_secret = conf_text(conf, "PROMPTBUILDER_WEBHOOK_SECRET") != NULL;
	bool is_https = public_url && text_starts_with(public_url, "https:");

	check(checks, "Public address", warn_unless(is_https),
	    public_url ? public_url : "PROMPTBUILDER_PUBLIC_URL is not set",
	    "Set PROMPTBUILDER_PUBLIC_URL to the https address that browsers use.");
	check(checks, "Webhook secret", has_hook && !has_secret ? "bad" : "ok",
	    has_secret ? "set" : has_hook ? "not set" : "no webhook is set",
	    "Set PROMPTBUILDER_WEBHOOK_SECRET: events are signed with it.");
	if (conf_bool(conf, "PROMPTBUILDER_SIMULATED"))
		check(checks, "Model provider", "warn", "the simulator",
		    "For real work set ANTHROPIC_API_KEY, not PROMPTBUILDER_SIMULATED.");
	registry_add(ctx, checks);
	path_add(ctx, checks, "Settings file", conf_file(conf));
	path_add(ctx, checks, "Spool folder", conf_text(conf, "PROMPTBUILDER_SPOOL_DIR"));
	path_add(ctx, checks, "Google credentials",
	    conf_text(conf, "GOOGLE_APPLICATION_CREDENTIALS"));
}

static void web_add(struct ctx *ctx, const struct installation_seen *seen, struct doc *checks)
{
	bool has_all = strstr(seen->headers, "Content-Security-Policy: default-src 'none'") &&
	    strstr(seen->headers, "frame-ancestors 'none'") &&
	    strstr(seen->headers, "X-Content-Type-Options: nosniff") &&
	    strstr(seen->headers, "Referrer-Policy:");

	check(checks, "HTTPS", warn_unless(seen->is_https),
	    seen->is_https ? "this page came over HTTPS" : "this page came over plain HTTP",
	    "Give the site a certificate: sessions are then bound to this host, too.");
	check(checks, "Security headers", has_all ? "ok" : "bad",
	    has_all ? "on every answer" : "some are missing",
	    "This is a fault of this version: install another one.");
	check(checks, "Web server", "ok", seen->server ? seen->server : "does not tell its version",
	    NULL);
	if (seen->socket_mode < 0)
		check(checks, "Socket", "ok", "not visible from here", NULL);
	else
		mode_add(ctx, checks, "Socket", seen->socket_mode);
}

static void count_add(struct doc *out, const char *state)
{
	const struct doc *checks = doc_get(out, "checks");
	int64_t count = 0;

	for (size_t i = 0; i < doc_count(checks); i++)
		count += text_equal(doc_text(doc_at(checks, i), "state"), state);
	doc_set_int(out, state, count);
}

const struct err *installation_report(struct ctx *ctx, const struct installation_seen *seen,
    struct doc *out)
{
	struct db_tx *tx = ctx_tx(ctx);
	struct db_rows *faults = db_add(tx, SQL_INSTALLATION_FAULTS);
	struct db_rows *rows = db_add(tx, SQL_INSTALLATION_CHECKS,
	    conf_text(ctx->conf, "PROMPTBUILDER_MODEL"),
	    conf_text(ctx->conf, "PROMPTBUILDER_WEBHOOK_URL") ? "true" : "false");
	struct doc *checks = doc_add_array(out, "checks");
	const struct err *err;

	db_repeatable(tx);
	err = ctx_run(ctx, tx);
	if (err)
		return err;
	faults_add(faults, checks);
	db_rows_doc(rows, checks);
	if (seen)
		web_add(ctx, seen, checks);
	settings_add(ctx, checks);
	check(checks, "OpenSSL", "ok", token_library(), NULL);
	count_add(out, "ok");
	count_add(out, "warn");
	count_add(out, "bad");
	return NULL;
}
