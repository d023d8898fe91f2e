/* runner.c: main of promptbuilder-runner, which executes the pipelines of the jobs table. */
#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/process.h"
#include "run/loop.h"

static const char usage[] =
    "usage: promptbuilder-runner [--config FILE] [--print-config] [--help] [--version]\n"
    "\n"
    "Claims queued pipeline runs, calls the model provider and stores results and costs. Any\n"
    "number of runners may share one database. SIGTERM lets the calls in flight finish; a second\n"
    "one gives them up.\n"
    "\n"
    "  --config FILE    read KEY=VALUE settings from FILE; the environment wins\n"
    "  --print-config   print every setting, its value and where it came from\n"
    "  --help           print this text\n"
    "  --version        print the version\n"
    "\n"
    "Needed: DATABASE_URL and ANTHROPIC_API_KEY. promptbuilder-runner(8) is the manual.\n";

struct arguments {
	const char *config;
	bool prints_config;
	int status; /* -1: go on; else exit with it */
};

static struct arguments read_arguments(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"print-config", no_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	struct arguments arguments = {.status = -1};
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c') {
			arguments.config = optarg;
		} else if (option == 'p') {
			arguments.prints_config = true;
		} else if (option == 'h') {
			(void)fputs(usage, stdout);
			arguments.status = EX_OK;
		} else if (option == 'v') {
			(void)puts("promptbuilder-runner " PROMPTBUILDER_VERSION);
			arguments.status = EX_OK;
		} else {
			arguments.status = EX_USAGE;
		}
	}
	if (optind < argc)
		arguments.status = EX_USAGE;
	if (arguments.status == EX_USAGE)
		(void)fputs(usage, stderr);
	return arguments;
}

static int run(struct arena *arena, const struct arguments *arguments)
{
	struct conf *conf = NULL;
	enum log_level level = LOG_LEVEL_INFO;
	const struct err *err = conf_load(arena, arguments->config, &conf);
	if (err) {
		(void)fprintf(stderr, "promptbuilder-runner: %s\n", err->sentence);
		return EX_CONFIG;
	}
	if (arguments->prints_config) {
		conf_print(conf, stdout);
		return EX_OK;
	}
	(void)log_level_from_name(conf_text(conf, "PROMPTBUILDER_LOG_LEVEL"), &level);
	log_open("promptbuilder-runner", level);
	return runner_run(arena, conf);
}

int main(int argc, char **argv)
{
	struct arguments arguments = read_arguments(argc, argv);
	if (arguments.status >= 0)
		return arguments.status;
	process_shut();
	struct arena *arena = arena_new();
	int status = run(arena, &arguments);
	arena_free(arena);
	return status;
}
