/* fuzzer.c: libFuzzer's way into the target that the environment names: FUZZ_TARGET=json. */
#include "fuzz.h"

#include "base/log.h"

typedef int (*target)(const uint8_t *data, size_t size);

#define TARGET(name) int fuzz_##name(const uint8_t *data, size_t size);
#include "targets.h"
#undef TARGET

/* What every fuzzer finds within a second. */
static int fuzz_planted(const uint8_t *data, size_t size)
{
	if (size > 2 && data[0] == 'F' && data[1] == 'U' && data[2] == 'Z')
		HOLDS(!"a planted fault");
	return 0;
}

static const struct {
	const char *name;
	target run;
} targets[] = {
	{"planted", fuzz_planted},
#define TARGET(name) {#name, fuzz_##name},
#include "targets.h"
#undef TARGET
};

static target chosen;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_TARGET");

	log_open("fuzzer", LOG_LEVEL_ERROR);
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		if (name != NULL && strcmp(targets[i].name, name) == 0)
			chosen = targets[i].run;
	}
	if (chosen == NULL) {
		(void)fprintf(stderr, "FUZZ_TARGET must name a target; see tests/fuzz/targets.h\n");
		exit(64);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return chosen(data, size);
}
