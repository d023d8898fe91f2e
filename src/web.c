/* web.c: promptbuilder-web: a master on the listening socket, and workers that answer. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/process.h"
#include "web/frame.h"

static const char help[] =
    "Usage: promptbuilder-web [OPTION]...\n"
    "Answers FastCGI requests on descriptor 0 with pages and JSON.\n"
    "\n"
    "  --config FILE    read settings from FILE, lines of NAME=VALUE\n"
    "  --socket PATH    make the listening Unix socket, mode 0660\n"
    "  --workers N      worker processes, 1 to 64\n"
    "  --print-config   show each setting and where it came from\n"
    "  --routes         list the addresses, tab-separated\n"
    "  --help           show this help\n"
    "  --version        show the version\n"
    "\n"
    "SIGTERM ends it after the requests at hand; SIGHUP reads the settings again and\n"
    "replaces the workers one by one. See promptbuilder-web(8).\n";

struct program {
	const char *file;    /* of settings */
	const char *socket;
	const char *workers;
	bool prints_config;
	struct arena *arena;
	struct conf *conf;
};

/* Ends the program on an error; status tells supervisors of what kind it is. */
static void must(const struct err *err, int status)
{
	if (err == NULL)
		return;
	fprintf(stderr, "promptbuilder-web: %s\n", err->sentence);
	exit(status);
}

static void options_read(int argc, char **argv, struct program *program)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'}, {"socket", required_argument, NULL, 's'},
		{"workers", required_argument, NULL, 'w'}, {"print-config", no_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'v'},
		{"routes", no_argument, NULL, 'r'}, {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (option) {
		case 'c': program->file = optarg; break;
		case 's': program->socket = optarg; break;
		case 'w': program->workers = optarg; break;
		case 'p': program->prints_config = true; break;
		case 'r': routes_print(stdout); exit(EXIT_SUCCESS);
		case 'h': fputs(help, stdout); exit(EXIT_SUCCESS);
		case 'v': puts("promptbuilder-web " PROMPTBUILDER_VERSION); exit(EXIT_SUCCESS);
		default: exit(EX_USAGE);
		}
	}
	if (optind < argc)
		must(err_new(program->arena, ERR_INVALID, "\"%s\" is not understood", argv[optind]),
		    EX_USAGE);
}

static const struct err *settings_read(struct program *program, struct conf **conf)
{
	const char *url;
	enum log_level level = LOG_LEVEL_INFO;
	const struct err *err = conf_load(program->arena, program->file, conf);

	if (err == NULL && program->workers != NULL)
		err = conf_set(*conf, "PROMPTBUILDER_WORKERS", program->workers);
	if (err != NULL || program->prints_config)
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

static void work(void *arg)
{
	must(front_run(((const struct program *)arg)->conf), EX_CONFIG);
}

int main(int argc, char **argv)
{
	struct program program = {.arena = arena_new()};
	struct master master = {.run = work, .reload = reload, .arg = &program};

	process_shut();
	options_read(argc, argv, &program);
	must(settings_read(&program, &program.conf), EX_CONFIG);
	if (program.prints_config) {
		conf_print(program.conf, stdout);
		arena_free(program.arena);
		return EXIT_SUCCESS;
	}
	must(front_check(program.conf), EX_CONFIG);
	must(listen_open(program.arena, program.socket), EX_CANTCREAT);
	master.count = (int)conf_int(program.conf, "PROMPTBUILDER_WORKERS");
	download_share(master.count);
	master_run(&master);
	arena_free(program.arena);
	return EXIT_SUCCESS;
}
