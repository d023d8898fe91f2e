/* commands.c: the table of contents of the operator's tool, with the help of each command. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/admin.h"
#include "base/text.h"

static const struct command commands[] = {
	{"migrate", admin_migrate, "[--status]",
	    "Bring the database to this version's schema.\n"
	    "Every migration runs once, in a transaction, under a lock. A database made from the\n"
	    "plan's SQL alone is taken over with its rows. --status only reports; its exit status\n"
	    "is 75 while migrations are pending. Next: promptbuilder token operator."},
	{"doctor", admin_doctor, "",
	    "Check the installation and say what to do about each finding.\n"
	    "Looks at the database, its schema, roles and totals, the runners and the provider's\n"
	    "key. Exit status: 0 fine, 1 warnings, 2 failures."},
	{"settings", admin_settings, "",
	    "Print every setting, its value and where it came from; secrets as ***.\n"
	    "They come from the environment or from --config FILE; see promptbuilder.conf(5)."},
	{"routes", admin_routes, "",
	    "Print the pages and API routes of promptbuilder-web."},
	{"account add", admin_account_add, "SLUG [NAME]",
	    "Make an account and print its id.\n"
	    "Next: promptbuilder token account SLUG."},
	{"account list", admin_account_list, "",
	    "List the accounts with their runs and costs."},
	{"account set", admin_account_set, "SLUG [--weight N] [--max-running N|default]",
	    "Set what an account gets of the runners; what is not named stays as it is.\n"
	    "While runs of several accounts wait, one of weight 2 (1 to 1000, preset 1) has twice\n"
	    "as many in flight as one of weight 1. --max-running: at most so many at a time, 0\n"
	    "for none; \"default\" is the runners' PROMPTBUILDER_ACCOUNT_CONCURRENCY."},
	{"account deployment", admin_account_deployment,
	    "SLUG [--environments NAME,...] [--needs-approval yes|no]",
	    "Print, and set, where an account deploys prompts to and whether that is approved.\n"
	    "The first environment is meant where none is named; one that serves something\n"
	    "stays. With --needs-approval yes a version is deployed only after a second person,\n"
	    "with another token, has approved it."},
	{"account zone", admin_account_zone, "SLUG ZONE",
	    "Show an account's days in a time zone of its own, such as Europe/Berlin.\n"
	    "Its sums in that zone are made and kept. Totals over accounts stay in the zone of\n"
	    "PROMPTBUILDER_TIME_ZONE."},
	{"account delete", admin_account_delete, "SLUG [--yes] [--pseudonymise]",
	    "Delete an account: its briefings, outputs, prompts, tokens and sessions.\n"
	    "Every line of the ledger and all sums stay. It refuses while runs are queued or\n"
	    "running. Without --yes it only counts what would go. --pseudonymise takes its name,\n"
	    "too. It goes in batches, may be interrupted and run again, and prints the receipt."},
	{"account export", admin_account_export, "SLUG --to DIR [--force]",
	    "Write all of an account into a folder: lines of JSON and its prompts as files.\n"
	    "It is what the account was at one instant. manifest.json has the number of lines and\n"
	    "the SHA-256 of each file. Tokens and sessions are not exported. DIR is made, and is\n"
	    "there whole or not at all; --force replaces an earlier export. Next, in another\n"
	    "installation: promptbuilder account import DIR."},
	{"account import", admin_account_import, "DIR [--as SLUG] [--add-prices]",
	    "Take an exported account back, without a difference, all of it or nothing.\n"
	    "Files are held against the manifest first. Ids stay, so the account must not be\n"
	    "here yet; --as gives it another slug. Lines name the prices of the list that they\n"
	    "were made with: --add-prices adds those that the list of this installation lacks.\n"
	    "Sums are made anew and all is checked before it counts. Next: promptbuilder token\n"
	    "account SLUG."},
	{"zone list", admin_zone_list, "",
	    "List the time zones whose days are kept added up."},
	{"zone add", admin_zone_add, "ZONE [--account SLUG]",
	    "Keep the days of a time zone added up, for all accounts or one.\n"
	    "Lines go on being booked meanwhile. Other zones are answered from one with the same\n"
	    "midnights, or from the lines of short periods."},
	{"zone remove", admin_zone_remove, "ZONE [--account SLUG]",
	    "Keep the days of a time zone no longer. No line of the ledger is lost."},
	{"ledger verify", admin_ledger_verify, "[--zone ZONE] [--account SLUG]",
	    "Compare the kept sums with the lines they are made of, while others write.\n"
	    "Names the first sum that differs. Next, if one does: promptbuilder ledger rebuild."},
	{"ledger rebuild", admin_ledger_rebuild, "[--zone ZONE] [--account SLUG]",
	    "Make the kept sums anew from the lines, month by month, while others write.\n"
	    "It may be interrupted and run again."},
	{"token create", admin_token_create,
	    "--account SLUG --name NAME [--role ROLE] [--days N]\n"
	    "    token create --role operator --name NAME [--days N]",
	    "Make a token for somebody and print it, once.\n"
	    "ROLE is viewer (reads the account's pages), member (launches, deploys, sets budgets,\n"
	    "makes tokens of the account; preset) or operator (all accounts). NAME says whose it\n"
	    "is. After --days it is good no more. Sign in with the slug, an operator with\n"
	    "\"operator\", and the token, or send \"Authorization: Bearer TOKEN\" to /api.\n"
	    "Only its SHA-256 is stored."},
	{"token list", admin_token_list, "[--account SLUG] [--all]",
	    "List the tokens that are good, with their last use; --all: also those that were."},
	{"token revoke", admin_token_revoke, "ID",
	    "Revoke a token: it is good no more, and its sessions end at once.\n"
	    "\"promptbuilder token list\" shows the ids."},
	{"token account", admin_token_account, "SLUG [NAME]",
	    "Short for token create --account SLUG --name NAME.\n"
	    "Without NAME it has the account's name."},
	{"token operator", admin_token_operator, "[NAME]",
	    "Short for token create --role operator --name NAME.\n"
	    "Without NAME it is called \"operator\"."},
	{"token viewer", admin_token_viewer, "SLUG NAME",
	    "Short for token create --account SLUG --role viewer --name NAME."},
	{"token import", admin_token_import, "SLUG [--role ROLE] [--name NAME] < FILE",
	    "Store a token that is in use elsewhere, read from standard input.\n"
	    "It must be one word that could hold 128 random bits: 22 letters, digits, - and _, 32\n"
	    "hexadecimal digits, 39 digits; no UUID. ROLE is member unless given."},
	{"prices list", admin_price_list, "[--model M] [--account SLUG]",
	    "List the prices in USD per million tokens.\n"
	    "An account's own row goes before the list, a later row before an earlier one.\n"
	    "\"above\": the row prices calls whose prompt is longer. \"-\" is a rate nobody told."},
	{"prices set", admin_price_set,
	    "--model M --input USD --output USD [--cache-read USD]\n"
	    "    [--cache-write-5m USD] [--cache-write-1h USD] [--from DAY] [--to DAY]\n"
	    "    [--above TOKENS --above-input USD --above-output USD [--above-cache-read USD]\n"
	    "    [--above-cache-write-5m USD] [--above-cache-write-1h USD]]\n"
	    "    [--batch FACTOR] [--us FACTOR] [--account SLUG] [--source TEXT]",
	    "Record a price: USD per million tokens, as a decimal number of at most six decimals.\n"
	    "Cache rates default to 0.1, 1.25 and 2 times the input rate; \"unknown\" is none.\n"
	    "The rates after --above hold for calls whose whole prompt is longer than TOKENS.\n"
	    "--batch and --us multiply all rates of a batch and of inference in the US; they stay\n"
	    "as they are unless given. The price holds from now or the beginning of a day of UTC,\n"
	    "YYYY-MM-DD, until a newer one or the day --to. Booked calls keep what they cost.\n"
	    "Next: promptbuilder prices reprice, for calls that are booked."},
	{"prices import", admin_price_import,
	    "FILE [--apply] [--accept-implausible] [--provider P]\n"
	    "    [--model PATTERN]",
	    "Compare a published price file with the list, and record it with --apply.\n"
	    "FILE is JSON of one of two forms: providers with models that have dated prices,\n"
	    "or an object of models with their cost per token, which has no dates, is a second\n"
	    "opinion and never recorded. Every difference is printed: new, changed (old -> new),\n"
	    "conflict (ours begins on that day, too), ours (the file does not know it; it stays),\n"
	    "twice (the file contradicts itself). --apply records all of it or nothing; rows that\n"
	    "look implausible need --accept-implausible. P is anthropic unless given; PATTERN is\n"
	    "one of the shell, such as 'claude-opus-*'."},
	{"prices diff", admin_price_diff, "FILE [--provider P] [--model PATTERN]",
	    "Do what import does without --apply; exit status 1 when anything differs."},
	{"prices reprice", admin_price_reprice,
	    "--from DAY --to DAY --reason TEXT [--dry-run]\n"
	    "    [--model M] [--account SLUG]",
	    "Price booked calls again, at the prices that are known now for their time.\n"
	    "DAY is one of UTC, YYYY-MM-DD; M a model or the family of its snapshots. Prints the\n"
	    "difference for each account and day, and books it as corrections with the reason;\n"
	    "the lines themselves never change. Calls that had no price get one. A second run\n"
	    "books nothing, so an interrupted one is simply begun again. --dry-run only prints.\n"
	    "Lines that were corrected by hand, that came with their amount or have no full\n"
	    "price now are left alone and counted."},
	{"cost adjust", admin_cost_adjust, "LINE --amount USD --reason TEXT",
	    "Correct what a line of the ledger costs, by a line that says why; prints its id.\n"
	    "LINE is the id of a call's line. USD is added to its cost: at most nine decimals,\n"
	    "negative for a credit, which cannot be larger than what the line costs."},
	{"import accounts", admin_import_accounts, "[DIR] [--dry-run]",
	    "Bring the accounts of the file-based registry in, with their prompt versions.\n"
	    "DIR is PROMPTBUILDER_ACCOUNTS_DIR unless given; docs/accounts.md tells its layout.\n"
	    "An account comes in whole or, when a version has another text in the database, not\n"
	    "at all. Files that cannot be taken are named with the reason and left out. Nothing\n"
	    "that is there is changed, so it may be interrupted and run again. --dry-run only\n"
	    "tells what it would do. Exit status: 0 all is in, 1 something was refused."},
	{"import costs", admin_import_costs,
	    "FILE [--account SLUG] [--format csv|jsonl] [--dry-run]",
	    "Book calls made elsewhere from a file; FILE may be - for standard input.\n"
	    "CSV has a header with the names of fields; JSON Lines has an object a line, in the\n"
	    "form that POST /api/cost-entries takes. Batches of 1,000 lines are booked whole or\n"
	    "not at all; a line that is wrong stops the import before its batch. Run it again to\n"
	    "go on: a line's idempotency_key is booked once. --account is for lines that name no\n"
	    "accountId; --dry-run checks and prices all and books nothing, but does not see a key\n"
	    "that comes again in a later batch. Without --format the first character decides."},
	{"budget list", admin_budget_list, "[--account SLUG]",
	    "List the budgets, each with what is spent and reserved of it in its present period."},
	{"budget set", admin_budget_set,
	    "--account SLUG --period PERIOD [--cap USD] [--soft USD]\n"
	    "    [--thresholds PERCENT,...]",
	    "Set what an account may spend; print the budget's id.\n"
	    "PERIOD is month, week, day or run: each run by itself. No call is made that could\n"
	    "exceed --cap; 0 allows nothing. Thresholds (50,80,100; of a run 100) are told once a\n"
	    "period; they are percents of --soft, or else of the cap. It takes the place of the\n"
	    "account's budget of that period. Next: promptbuilder budget list."},
	{"budget remove", admin_budget_remove, "ID",
	    "Remove a budget: nothing is capped or told any more. What was spent stays booked.\n"
	    "\"promptbuilder budget list --account SLUG\" shows the ids."},
	{"run launch", admin_run_launch, "--account SLUG [--idempotency-key KEY] FILE.json",
	    "Queue a run of a briefing and print its id; FILE.json may be - for standard input.\n"
	    "The file is the briefing that the API takes: assistantId, company and purpose are\n"
	    "needed. A repeated key gives the run that it launched before.\n"
	    "Next: promptbuilder run show ID."},
	{"run show", admin_run_show, "ID",
	    "Show a run, its steps and what they cost. ID is the pipeline_... id or the UUID."},
	{"run list", admin_run_list, "[--account SLUG] [--status STATUS] [--limit N]",
	    "List the latest runs, 20 unless --limit says otherwise."},
	{"run cancel", admin_run_cancel, "ID",
	    "Cancel a run: at once when it is queued, else at the runner's next step.\n"
	    "What it spent stays booked."},
	{"run retry", admin_run_retry, "ID",
	    "Queue a failed or cancelled run again, from its first step without a result.\n"
	    "Steps that are stored are used as they are, and not paid for again."},
	{"runner status", admin_runner_status, "[--json]",
	    "Show the runners, what is queued or waits and why, and the last 24 hours.\n"
	    "A runner is alive, draining or lost: its lease ran out. Unknown calls are those of\n"
	    "lost runners: the provider may have charged them. --json prints what /api/runners\n"
	    "answers."},
	{"runner drain", admin_runner_drain, "ID | --all",
	    "Ask a runner to claim nothing, finish its calls and exit.\n"
	    "Its runs go on elsewhere, from their next step. ID is the beginning of one that\n"
	    "\"promptbuilder runner status\" shows. Started again it is another runner. After\n"
	    "PROMPTBUILDER_DRAIN_MS calls are given up, as after SIGTERM."},
	{"runner pause", admin_runner_pause, "",
	    "Stop the claims of all runners, of those that start later, too.\n"
	    "What runs goes on to its end. Next: promptbuilder runner resume."},
	{"runner resume", admin_runner_resume, "",
	    "Let the claims go on at once."},
	{"sheets status", admin_sheets_status, "[--json]",
	    "Show the Google spreadsheet that ended runs are written to, and what waits.\n"
	    "It says with whom to share it, what was written last, and what went wrong with the\n"
	    "remedy. --json prints what /api/settings/sheets answers."},
	{"sheets test", admin_sheets_test, "",
	    "Have a runner append a test row, and wait for the answer."},
	{"sheets compare", admin_sheets_compare, "[--write]",
	    "Have a runner compare the spreadsheet with the database, and wait for the result.\n"
	    "Rows may be missing, stand there twice, have other numbers, or be unknown. --write\n"
	    "writes those that are missing again."},
	{"sheets backfill", admin_sheets_backfill, "--from DAY",
	    "Queue runs that ended on a day of UTC (YYYY-MM-DD) or later and have no row yet."},
	{"sheets off", admin_sheets_off, "",
	    "Queue nothing more for the spreadsheet. What waits goes to the next one.\n"
	    "Unset GOOGLE_SHEETS_ID, too: the next runner that starts with it turns it on."},
	{"audit list", admin_audit_list,
	    "[--account SLUG] [--actor NAME] [--action ACTION]\n"
	    "    [--from DAY] [--to DAY] [--limit N]",
	    "List what was done, by whom and from where, the newest first.\n"
	    "50 entries unless --limit says otherwise. DAY is one of UTC, YYYY-MM-DD; that of\n"
	    "--to is not included. ACTION is one such as token.make."},
	{"audit verify", admin_audit_verify,
	    "[--account SLUG | --installation] [--head HASH]",
	    "Walk the chains of the audit log and name the first entry that breaks one.\n"
	    "An entry that was changed, taken out of the middle or put elsewhere is found by the\n"
	    "hashes. Entries that are gone at the end are found with --head, the head that an\n"
	    "earlier run printed: keep it where who writes the database cannot. Exit status: 0\n"
	    "whole, 1 broken."},
	{"prune", admin_prune, "--before YYYY-MM [--account SLUG] [--dry-run]",
	    "Drop briefings, outputs and prompts of ended runs launched before a month.\n"
	    "Versions that are final or deployed, or that a later run ended with, keep theirs.\n"
	    "Runs, scores, hashes, calls and the ledger with all its sums stay. --dry-run counts\n"
	    "what would go, month by month. It may be interrupted and run again."},
	{"dump", admin_dump, "FILE [--force]",
	    "Write the whole installation into one file, while it runs, by pg_dump.\n"
	    "It is what the database was at one instant, with hashes of tokens and all texts.\n"
	    "FILE is there whole or not at all, for nobody else to read; --force replaces one.\n"
	    "Next, with an empty database: promptbuilder restore FILE."},
	{"restore", admin_restore, "FILE",
	    "Bring a dump into the empty database of DATABASE_URL, all of it or nothing.\n"
	    "It makes the roles, applies migrations that are new, and then checks everything:\n"
	    "rights, what must hold of runs and money, sums and the chains of the audit log. Exit\n"
	    "status: 0 all is well, 1 or 2 a failure was found. Next: promptbuilder doctor."},
	{"demo load", admin_demo_load, "",
	    "Make the account \"demo\" and launch one sample run, unless they exist.\n"
	    "Next: promptbuilder token account demo; a runner must be running."},
};

int command_print_all(FILE *out, struct arena *arena, const char *noun)
{
	const char *prefix = arena_printf(arena, "%s ", noun);
	bool is_noun = false;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		is_noun |= text_starts_with(commands[i].name, prefix);
	if (out == stderr && noun[0] != '\0' && !is_noun)
		(void)fprintf(out, "promptbuilder: there is no command \"%s\"\n", noun);
	(void)fputs("usage: promptbuilder [--config FILE] COMMAND [OPTIONS]\n\n", out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!is_noun || text_starts_with(commands[i].name, prefix))
			(void)fprintf(out, "  %-15s %.*s\n", commands[i].name,
			    (int)strcspn(commands[i].help, "\n"), commands[i].help);
	(void)fputs("\n\"promptbuilder COMMAND --help\" tells more. To begin, set DATABASE_URL\n"
	    "and run \"promptbuilder migrate\"; promptbuilder(1) is the manual.\n", out);
	return out == stdout ? EX_OK : EX_USAGE;
}

int command_print(const struct command *command)
{
	(void)printf("usage: promptbuilder [--config FILE] %s %s\n\n%s\n", command->name,
	    command->usage, command->help);
	return EX_OK;
}

const struct command *command_find(const char **words, size_t count, size_t *taken)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const char *name = commands[i].name;
		const char *space = strchr(name, ' ');
		size_t len = space == NULL ? strlen(name) : (size_t)(space - name);

		*taken = space == NULL ? 1 : 2;
		if (count >= *taken && strlen(words[0]) == len &&
		    strncmp(words[0], name, len) == 0 &&
		    (space == NULL || strcmp(words[1], space + 1) == 0))
			return &commands[i];
	}
	return NULL;
}
