/* options.c: the command line of promptbuilder-simulator. */
#include "sim/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unreleased"
#endif
#define USAGE_FILE_MAX (1u << 20)

static const char help[] =
    "Usage: promptbuilder-simulator [OPTION]...\n"
    "Answers like the Messages API, without a model; prints its URL when it is ready.\n\n"
    "  --port N          listen on this port; 0, the default, takes any free one\n"
    "  --listen ADDRESS  numeric address to listen on; default 127.0.0.1\n"
    "  --latency-ms N    time of a whole answer; default 0\n"
    "  --rate N          output tokens a second; default: as --latency-ms says\n"
    "  --model ID        serve this model id too; may be repeated\n"
    "  --fault SPEC      make requests fail; may be repeated, the first that fires wins\n"
    "  --seed N          of the random faults; the same seed fails the same requests\n"
    "  --usage FILE      JSON: token counts to report for each phase, \"scores\" to give\n"
    "  --rpm N           requests a minute that a key may make to a model, else 429\n"
    "  --itpm N          the same of input tokens\n"
    "  --otpm N          the same of output tokens\n"
    "  --minute-ms N     how long a minute of these limits lasts; default 60000\n"
    "  --help            this text\n"
    "  --version         the version\n\n";

enum choice { OPT_PORT, OPT_LISTEN, OPT_LATENCY, OPT_RATE, OPT_MODEL, OPT_FAULT, OPT_SEED,
	OPT_USAGE, OPT_RPM, OPT_ITPM, OPT_OTPM, OPT_MINUTE, OPT_HELP, OPT_VERSION };

static const struct option long_options[] = {
	{"port", required_argument, NULL, OPT_PORT},
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"latency-ms", required_argument, NULL, OPT_LATENCY},
	{"rate", required_argument, NULL, OPT_RATE},
	{"model", required_argument, NULL, OPT_MODEL},
	{"fault", required_argument, NULL, OPT_FAULT},
	{"seed", required_argument, NULL, OPT_SEED},
	{"usage", required_argument, NULL, OPT_USAGE},
	{"rpm", required_argument, NULL, OPT_RPM},
	{"itpm", required_argument, NULL, OPT_ITPM},
	{"otpm", required_argument, NULL, OPT_OTPM},
	{"minute-ms", required_argument, NULL, OPT_MINUTE},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static NORETURN void fail(const char *about, const char *sentence)
{
	fprintf(stderr, "promptbuilder-simulator: %s%s%s\n", about, *about ? ": " : "", sentence);
	exit(2);
}

static int64_t number(const char *name, const char *text, int64_t max)
{
	int64_t value;
	if (!text_to_int(text, 0, max, &value))
		fail(name, "not a whole number in its range");
	return value;
}

static const struct err *read_usage(struct arena *arena, const char *path,
    struct recorded *recorded)
{
	struct buf *buf = buf_new(arena, USAGE_FILE_MAX);
	char part[4096];
	FILE *file = fopen(path, "re");
	if (!file)
		return err_new(arena, ERR_MISSING, "cannot be opened.");
	for (size_t n; (n = fread(part, 1, sizeof(part), file)) > 0;)
		buf_add(buf, part, n);
	fclose(file);
	struct doc *doc = NULL;
	const struct err *err = doc_parse(arena, buf->data, buf->len, &doc);
	return err ? err : recorded_read(arena, doc, recorded);
}

static const struct err *option_apply(struct service *service, struct options *options, int choice)
{
	switch (choice) {
	case OPT_PORT:
		options->port = number("--port", optarg, 65535);
		return NULL;
	case OPT_LISTEN:
		options->address = optarg;
		return NULL;
	case OPT_LATENCY:
		service->latency_ms = number("--latency-ms", optarg, 3600000);
		return NULL;
	case OPT_RATE:
		service->rate = number("--rate", optarg, 1000000);
		return NULL;
	case OPT_MODEL:
		return catalog_add(optarg) ? NULL
		    : err_new(service->arena, ERR_LIMIT, "too many models.");
	case OPT_FAULT:
		return faults_add(&service->faults_set, service->arena, optarg);
	case OPT_SEED:
		service->faults_set.dice = (uint64_t)number("--seed", optarg, INT64_MAX);
		return NULL;
	case OPT_USAGE:
		return read_usage(service->arena, optarg, &service->recorded);
	case OPT_RPM:
	case OPT_ITPM:
	case OPT_OTPM:
		limits_options(service->limits)->most[choice - OPT_RPM] =
		    number(optarg, optarg, 1000000000);
		return NULL;
	case OPT_MINUTE:
		limits_options(service->limits)->span_ms = number("--minute-ms", optarg, 600000);
		return limits_options(service->limits)->span_ms > 0 ? NULL
		    : err_new(service->arena, ERR_INVALID, "a minute lasts 1 ms at least.");
	case OPT_HELP:
		printf("%s%s", help, fault_grammar);
		exit(0);
	case OPT_VERSION:
		puts("promptbuilder-simulator " PACKAGE_VERSION);
		exit(0);
	default:
		fail("", "try --help");
	}
}

void options_read(struct service *service, int argc, char **argv, struct options *options)
{
	*options = (struct options){.address = "127.0.0.1"};
	for (int choice; (choice = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
		const struct err *err = option_apply(service, options, choice);
		if (err)
			fail(optarg, err->sentence);
	}
	if (optind < argc)
		fail(argv[optind], "takes no arguments, only options; try --help");
	service->faults = service->faults_set;
}
