/* web.c: promptbuilder-web: a master on the listening socket, and workers that answer. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "web/frame.h"

#ifndef PROMPTBUILDER_VERSION
#define PROMPTBUILDER_VERSION "0.1.0"
#endif

/* From sysexits: what supervisors are told. */
enum { EXIT_USAGE = 64, EXIT_CANNOT_LISTEN = 73, EXIT_CONFIG = 78 };

static const char help[] =
    "Usage: promptbuilder-web [OPTION]...\n"
    "Answers FastCGI requests on descriptor 0 with pages and JSON.\n"
    "\n"
    "  --config FILE    read settings from FILE, lines of NAME=VALUE\n"
    "  --socket PATH    make the listening Unix socket, mode 0660\n"
    "  --workers N      worker processes, 1 to 64\n"
    "  --print-config   show each setting and where it came from\n"
    "  --help           show this help\n"
    "  --version        show the version\n"
    "\n"
    "SIGTERM ends it after the requests at hand; SIGHUP reads the settings again and\n"
    "replaces the workers one by one. See promptbuilder-web(8).\n";

struct options {
	const char *config;
	const char *socket;
	const char *workers;
	bool prints_config;
};

struct program {
	struct options options;
	struct arena *arena;
	struct conf *conf;
};

static NORETURN void fail(const struct err *err, int status)
{
	fprintf(stderr, "promptbuilder-web: %s\n", err->sentence);
	exit(status);
}

static void options_read(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'}, {"socket", required_argument, NULL, 's'},
		{"workers", required_argument, NULL, 'w'}, {"print-config", no_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'v'}, {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 'c': options->config = optarg; break;
		case 's': options->socket = optarg; break;
		case 'w': options->workers = optarg; break;
		case 'p': options->prints_config = true; break;
		case 'h': fputs(help, stdout); exit(EXIT_SUCCESS);
		case 'v': puts("promptbuilder-web " PROMPTBUILDER_VERSION); exit(EXIT_SUCCESS);
		default: exit(EXIT_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "promptbuilder-web: \"%s\" is not understood\n", argv[optind]);
		exit(EXIT_USAGE);
	}
}

static const struct err *settings_read(struct program *program, struct conf **conf)
{
	const char *url;
	enum log_level level = LOG_LEVEL_INFO;
	const struct err *err = conf_load(program->arena, program->options.config, conf);

	if (err == NULL && program->options.workers != NULL)
		err = conf_set(*conf, "PROMPTBUILDER_WORKERS", program->options.workers);
	if (err != NULL || program->options.prints_config)
		return err;
	log_level_from_name(conf_text(*conf, "PROMPTBUILDER_LOG_LEVEL"), &level);
	log_open("web", level);
	return conf_database_url(program->arena, *conf, &url);
}

/* SIGHUP: settings that cannot be read leave the old ones in force. */
static void reload(void *arg)
{
	struct program *program = arg;
	struct conf *conf;
	const struct err *err = settings_read(program, &conf);

	if (err == NULL)
		program->conf = conf;
	else
		log_error("settings not taken over", "error", err->sentence);
}

/* One worker, in its own process: the connection to the database is never inherited. */
static void work(void *arg)
{
	struct program *program = arg;
	const struct conf *conf = program->conf;
	struct db_options options = {.application = "promptbuilder-web",
	    .role = "promptbuilder_web", .pooled = conf_bool(conf, "DATABASE_POOLED")};
	const struct err *err = conf_database_url(program->arena, conf, &options.url);
	struct web web = {.conf = conf,
	    .is_simulated = conf_bool(conf, "PROMPTBUILDER_SIMULATED")};

	if (err != NULL)
		fail(err, EXIT_CONFIG);
	web.templates = arena_printf(program->arena, "%s/templates",
	    conf_text(conf, "PROMPTBUILDER_DATA_DIR"));
	web.db = db_new(&options);
	front_run(&web);
	db_close(web.db);
	arena_free(program->arena);
}

int main(int argc, char **argv)
{
	struct program program = {.arena = arena_new()};
	struct master master = {.run = work, .reload = reload, .arg = &program};
	const struct err *err;

	options_read(argc, argv, &program.options);
	log_open("web", LOG_LEVEL_INFO);
	err = settings_read(&program, &program.conf);
	if (err != NULL)
		fail(err, EXIT_CONFIG);
	if (program.options.prints_config) {
		conf_print(program.conf, stdout);
		arena_free(program.arena);
		return EXIT_SUCCESS;
	}
	err = listen_open(program.arena, program.options.socket);
	if (err != NULL)
		fail(err, EXIT_CANNOT_LISTEN);
	master.count = (int)conf_int(program.conf, "PROMPTBUILDER_WORKERS");
	log_info("started", "workers", conf_text(program.conf, "PROMPTBUILDER_WORKERS"));
	master_run(&master);
	log_info("stopped");
	arena_free(program.arena);
	return EXIT_SUCCESS;
}
