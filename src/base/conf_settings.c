/* conf_settings.c: the table of all settings of all programs, sorted by strcmp. */
#include "base/conf.h"

#ifndef PROMPTBUILDER_DATADIR
#define PROMPTBUILDER_DATADIR "."
#endif

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

#define TEXT(n, d, s) {.name = n, .type = CONF_TEXT, .preset = d, .sentence = s}
#define SECRET(n, s) {.name = n, .type = CONF_TEXT, .secret = true, .sentence = s}
#define PATH(n, d, s) {.name = n, .type = CONF_PATH, .preset = d, .sentence = s}
#define URL(n, d, s) {.name = n, .type = CONF_URL, .preset = d, .sentence = s}
#define SWITCH(n, d, s) {.name = n, .type = CONF_BOOL, .preset = d, .sentence = s}
#define LEVEL(n, d, s) {.name = n, .type = CONF_LEVEL, .preset = d, .sentence = s}
#define NUMBER(n, d, low, high, s) \
	{.name = n, .type = CONF_INT, .preset = d, .min = low, .max = high, .sentence = s}
#define WAIT(n, d, low, high, s) \
	{.name = n, .type = CONF_DURATION_MS, .preset = d, .min = low, .max = high, .sentence = s}

const struct conf_setting conf_settings[] = {
	SECRET("ANTHROPIC_API_KEY", "Key of the model provider."),
	URL("ANTHROPIC_BASE_URL", "https://api.anthropic.com",
	    "Model provider: any server that speaks the Messages API."),
	SWITCH("DATABASE_POOLED", "no",
	    "The database is reached through a transaction pooler: statements go unnamed."),
	SECRET("DATABASE_REPLICA_URL", "Read-only copy of the database for dashboards and lists."),
	SECRET("DATABASE_URL", "Database as a libpq URI."),
	PATH("GOOGLE_APPLICATION_CREDENTIALS", NULL,
	    "Service account file for the Google Sheets export."),
	URL("GOOGLE_SHEETS_BASE_URL", "https://sheets.googleapis.com",
	    "Server of the Google Sheets interface."),
	TEXT("GOOGLE_SHEETS_ID", NULL, "Spreadsheet of the Sheets export; unset: no export."),
	URL("NEXT_PUBLIC_SUPABASE_URL", NULL,
	    "Supabase project, with SUPABASE_DB_PASS in place of DATABASE_URL."),
	PATH("PROMPTBUILDER_ACCOUNTS_DIR", NULL,
	    "Folder of the file-based account registry, for import and as fallback."),
	NUMBER("PROMPTBUILDER_ACCOUNT_CONCURRENCY", "200", 1, 10000,
	    "Runs of one account that may run at the same time."),
	NUMBER("PROMPTBUILDER_CALL_ATTEMPTS", "5", 1, 10,
	    "Attempts for one model call before its run fails."),
	WAIT("PROMPTBUILDER_CALL_TIMEOUT_MS", "20min", 10, 24 * HOUR,
	    "Longest time of one model call."),
	PATH("PROMPTBUILDER_CA_FILE", NULL,
	    "Certificate authorities to trust beside the system's, a PEM file."),
	NUMBER("PROMPTBUILDER_CONCURRENCY", "200", 1, 10000,
	    "Runs in flight in one runner."),
	WAIT("PROMPTBUILDER_CONNECT_TIMEOUT_MS", "5s", 10, 5 * MINUTE,
	    "Longest wait for a connection to the model provider."),
	PATH("PROMPTBUILDER_DATA_DIR", PROMPTBUILDER_DATADIR,
	    "Folder of the installed templates, sql and static files."),
	WAIT("PROMPTBUILDER_DRAIN_MS", "120s", 0, HOUR,
	    "How long a stopping runner lets its runs finish."),
	WAIT("PROMPTBUILDER_FIRST_BYTE_MS", "120s", 10, HOUR,
	    "Longest wait for the beginning of a model call's answer."),
	WAIT("PROMPTBUILDER_LEASE_MS", "30s", SECOND, 10 * MINUTE,
	    "How long a job stays with a runner that is no longer heard of."),
	LEVEL("PROMPTBUILDER_LOG_LEVEL", "info",
	    "Lowest level that is logged: debug, info, warn or error."),
	NUMBER("PROMPTBUILDER_MAX_OUTPUT_TOKENS", "16000", 256, 128000,
	    "Most tokens that one model call may answer."),
	TEXT("PROMPTBUILDER_MODEL", "claude-sonnet-5",
	    "Default model; a launch may choose another priced one."),
	URL("PROMPTBUILDER_PUBLIC_URL", NULL,
	    "Address under which browsers reach this installation."),
	NUMBER("PROMPTBUILDER_RAMP_CALLS", "25", 1, 10000,
	    "Calls of a model at first; each answer that begins admits one more."),
	WAIT("PROMPTBUILDER_RETRY_BASE_MS", "500ms", 1, 10 * MINUTE,
	    "First wait before a failed model call is tried again; it doubles."),
	WAIT("PROMPTBUILDER_RETRY_MAX_MS", "60s", 1, HOUR,
	    "Longest wait between two attempts."),
	WAIT("PROMPTBUILDER_RUN_TIMEOUT_MS", "24h", 10, 24 * 24 * HOUR,
	    "Longest time that a run works or waits in a runner before it fails."),
	WAIT("PROMPTBUILDER_SESSION_AGE_MS", "2160h", MINUTE, 2160 * (int64_t)HOUR,
	    "How long a sign-in lasts at most."),
	WAIT("PROMPTBUILDER_SESSION_IDLE_MS", "336h", MINUTE, 2160 * (int64_t)HOUR,
	    "How long a sign-in lasts while nothing is asked."),
	WAIT("PROMPTBUILDER_SILENCE_MS", "120s", 10, HOUR,
	    "Longest silence in the stream of a model call."),
	SWITCH("PROMPTBUILDER_SIMULATED", "no",
	    "The model provider is the simulator, and every page says so."),
	PATH("PROMPTBUILDER_SPOOL_DIR", NULL,
	    "Local folder where runners keep answers until the database has them; unset: none."),
	TEXT("PROMPTBUILDER_TIME_ZONE", "UTC",
	    "Reporting zone of this installation, an IANA name."),
	WAIT("PROMPTBUILDER_WEBHOOK_KEEP_MS", "720h", MINUTE, 8760 * (int64_t)HOUR,
	    "How long events are shown after they were delivered or given up."),
	SECRET("PROMPTBUILDER_WEBHOOK_SECRET", "Key that events for the webhook are signed with."),
	WAIT("PROMPTBUILDER_WEBHOOK_TIMEOUT_MS", "10s", 10, MINUTE,
	    "Longest time of one delivery to the webhook."),
	URL("PROMPTBUILDER_WEBHOOK_URL", NULL,
	    "Address that events such as a budget's thresholds are posted to; unset: none."),
	NUMBER("PROMPTBUILDER_WORKERS", "4", 1, 64, "Worker processes of promptbuilder-web."),
	SECRET("SUPABASE_DB_PASS", "Database password of the Supabase project."),
	SECRET("SUPABASE_SK", "Service key of the Supabase project; accepted, never needed."),
};

const size_t conf_setting_count = ARRAY_LEN(conf_settings);
