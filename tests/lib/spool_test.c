/* spool_test.c: files of the spool come back as they went in, whole, cut anywhere or spoilt; the
 * directories of the dead are found, those of the living are not. */
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "run/relic.h"
#include "run/spool_call.h"

#define LEASE "11111111-1111-4111-8111-111111111111"
#define OTHER "22222222-2222-4222-8222-222222222222"
#define ATTEMPT "33333333-3333-7333-8333-333333333333"

static const char body[] =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"usage\":"
    "{\"input_tokens\":700,\"output_tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: ping\ndata: {\"type\": \"ping\"}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"You are \\u00fcber\\n\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"helpful.\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"end_turn\"},\"usage\":{\"output_tokens\":42}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

static struct arena *arena;
static char root[64];
static struct runner runner;
static struct task task;

static void fresh(struct task *out)
{
	*out = (struct task){.runner = &runner, .arena = arena, .scratch = arena_new(),
		.tx_arena = arena_new()};
}

static void done(struct task *used)
{
	arena_free(used->scratch);
	arena_free(used->tx_arena);
}

static void setup(void)
{
	arena = arena_new();
	(void)snprintf(root, sizeof(root), "/tmp/spool_test.%d", (int)getpid());
	fresh(&task);
	task.job.fence = (struct fence){.account_id = "44444444-4444-4444-8444-444444444444",
		.run_id = "55555555-5555-4555-8555-555555555555", .runner_id = LEASE, .epoch = "7"};
	task.job.pipeline_id = "pipeline_\"1\"\n";
	task.job.model = "claude-sonnet-5";
	task.step.phase = &improvement_phase;
	task.step.number = 3;
	task.try.request_bytes = 4321;
	task.try.output_tokens = 16000;
	task.try.attempt = (struct attempt){.id = ATTEMPT,
		.step_id = "66666666-6666-4666-8666-666666666666", .tries = 2,
		.ceiling = {.input = 3750000, .output = 15000000}, .worst_nano = 250000000,
		.is_capped = true};
	ck_assert_ptr_null(spool_open(arena, root, LEASE, &runner.spool));
	ck_assert_ptr_nonnull(runner.spool);
}

static void teardown(void)
{
	spool_close(runner.spool);
	(void)rmdir(root);
	done(&task);
	arena_free(arena);
}

static char *path_of(const char *lease, const char *name)
{
	return arena_printf(arena, "%s/%s/%s", root, lease, name);
}

static struct spool_file *write_file(int64_t http_status)
{
	struct spool_file *file = spool_call_new(&task);
	spool_begin(file, &(struct spool_response){
		.http_status = http_status, .request_id = "req_1", .first_byte_ms = 12});
	spool_add(file, body, 100);
	spool_add(file, body + 100, sizeof(body) - 1 - 100);
	spool_end(file);
	return file;
}

static char *slurp(const char *path, size_t *len)
{
	char *bytes = arena_alloc(arena, 16384);
	FILE *stream = fopen(path, "re");
	ck_assert_ptr_nonnull(stream);
	*len = fread(bytes, 1, 16384, stream);
	ck_assert_int_eq(fclose(stream), 0);
	return bytes;
}

static int file_of(const char *bytes, size_t len)
{
	int fd = memfd_create("spool", MFD_CLOEXEC);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

static mode_t mode_of(const char *path)
{
	struct stat facts;
	ck_assert_int_eq(stat(path, &facts), 0);
	return facts.st_mode & 07777;
}

START_TEST(only_the_owner_may_look)
{
	struct spool_file *file = spool_call_new(&task);
	ck_assert_int_eq(access(path_of(LEASE, ATTEMPT), F_OK), -1);
	file = write_file(200);
	ck_assert_int_eq(mode_of(root), 0700);
	ck_assert_int_eq(mode_of(path_of(LEASE, "")), 0700);
	ck_assert_int_eq(mode_of(path_of(LEASE, ATTEMPT)), 0600);
	spool_drop(file);
	ck_assert_int_eq(access(path_of(LEASE, ATTEMPT), F_OK), -1);
}
END_TEST

static ino_t inode_of(const char *path)
{
	struct stat facts;
	ck_assert_int_eq(stat(path, &facts), 0);
	return facts.st_ino;
}

/* The second call's file is the first one's, with nothing of it inside. */
START_TEST(files_are_used_again)
{
	size_t len, len_again;
	struct spool_file *file = write_file(200);
	ino_t inode = inode_of(path_of(LEASE, ATTEMPT));
	const char *bytes = slurp(path_of(LEASE, ATTEMPT), &len);
	spool_drop(file);
	ck_assert_int_eq(inode_of(path_of(LEASE, "spare.0")), inode);
	file = write_file(200);
	ck_assert_int_eq(inode_of(path_of(LEASE, ATTEMPT)), inode);
	ck_assert_int_eq(access(path_of(LEASE, "spare.0"), F_OK), -1);
	const char *again = slurp(path_of(LEASE, ATTEMPT), &len_again);
	ck_assert_uint_eq(strcspn(bytes, "\n"), strcspn(again, "\n"));
	ck_assert_str_eq(strstr(bytes, body), body);
	ck_assert_ptr_eq(strstr(strstr(again, body) + 1, body), NULL);
	spool_drop(file);
	spool_close(runner.spool); /* spares go with the runner */
	ck_assert_int_eq(access(path_of(LEASE, ""), F_OK), -1);
	runner.spool = NULL;
}
END_TEST

START_TEST(what_goes_in_comes_out)
{
	struct task again;
	struct outcome outcome;
	struct spool_file *file = write_file(200);
	int fd = open(path_of(LEASE, ATTEMPT), O_RDONLY);
	fresh(&again);
	ck_assert_ptr_null(spool_call_read(&again, fd, &outcome));
	ck_assert_str_eq(again.job.fence.account_id, task.job.fence.account_id);
	ck_assert_str_eq(again.job.fence.run_id, task.job.fence.run_id);
	ck_assert_str_eq(again.job.fence.runner_id, LEASE);
	ck_assert_str_eq(again.job.fence.epoch, "7");
	ck_assert_str_eq(again.job.pipeline_id, task.job.pipeline_id);
	ck_assert_str_eq(again.job.model, task.job.model);
	ck_assert_ptr_eq(again.step.phase, &improvement_phase);
	ck_assert_int_eq(again.step.number, 3);
	ck_assert_int_eq(again.try.request_bytes, 4321);
	ck_assert_int_eq(again.try.output_tokens, 16000);
	ck_assert_str_eq(again.try.attempt.id, ATTEMPT);
	ck_assert_str_eq(again.try.attempt.step_id, task.try.attempt.step_id);
	ck_assert_int_eq(again.try.attempt.tries, 2);
	ck_assert_int_eq(again.try.attempt.ceiling.input, 3750000);
	ck_assert_int_eq(again.try.attempt.ceiling.output, 15000000);
	ck_assert_int_eq(again.try.attempt.worst_nano, 250000000);
	ck_assert(again.try.attempt.is_capped);
	ck_assert_int_eq(outcome.ending.end, CALL_ANSWERED);
	ck_assert(outcome.ending.is_sent && outcome.ending.is_started && outcome.ending.is_complete);
	ck_assert_int_eq(outcome.ending.http_status, 200);
	ck_assert_str_eq(outcome.request_id, "req_1");
	ck_assert_int_eq(outcome.first_byte_ms, 12);
	ck_assert_int_ge(outcome.duration_ms, 12);
	ck_assert_str_eq(outcome.answer->text->data, "You are \xC3\xBC" "ber\nhelpful.");
	try_judge(&again, &outcome);
	ck_assert(again.try.settlement.is_success && !again.try.settlement.is_estimated);
	ck_assert_int_eq(again.try.settlement.usage.output, 42);
	(void)close(fd);
	done(&again);
	spool_drop(file);
}
END_TEST

START_TEST(a_refused_call_is_free)
{
	struct task again;
	struct outcome outcome;
	struct spool_file *file = write_file(529);
	int fd = open(path_of(LEASE, ATTEMPT), O_RDONLY);
	fresh(&again);
	ck_assert_ptr_null(spool_call_read(&again, fd, &outcome));
	try_judge(&again, &outcome);
	ck_assert(!again.try.settlement.is_billed && !again.try.settlement.is_success);
	ck_assert_str_eq(again.try.settlement.error_type, "overloaded_error");
	(void)close(fd);
	done(&again);
	spool_drop(file);
}
END_TEST

/* A cut file is no file at first, then an estimate that grows, and the truth at its end only. */
START_TEST(cut_at_every_byte)
{
	size_t len, lines = 0;
	struct spool_file *file = write_file(200);
	char *bytes = slurp(path_of(LEASE, ATTEMPT), &len);
	for (size_t i = 0, ends = 0; i < len && ends < 2; i++) {
		ends += bytes[i] == '\n';
		lines = i + 1;
	}
	for (size_t cut = 0; cut <= len; cut++) {
		struct task again;
		struct outcome outcome;
		int fd = file_of(bytes, cut);
		fresh(&again);
		const char *problem = spool_call_read(&again, fd, &outcome);
		ck_assert_msg(!problem == (cut >= lines), "%zu of %zu bytes", cut, len);
		if (!problem) {
			try_judge(&again, &outcome);
			ck_assert_int_eq(outcome.ending.is_complete, cut == len);
			ck_assert_int_eq(again.try.settlement.is_success, cut == len);
			ck_assert(again.try.settlement.is_billed);
			ck_assert_int_ne(again.try.settlement.is_estimated, cut == len);
			ck_assert_int_gt(again.try.settlement.usage.input, 0);
		}
		(void)close(fd);
		done(&again);
	}
	spool_drop(file);
}
END_TEST

/* Any one byte changed, in ways that hit structure, digits and text: never a crash. */
START_TEST(spoilt_at_every_byte)
{
	static const char spoilers[] = {'\0', '"', '{', '-', '9', '\n', (char)0xFF};
	size_t len;
	struct spool_file *file = write_file(200);
	char *bytes = slurp(path_of(LEASE, ATTEMPT), &len);
	for (size_t i = 0; i < len; i++) {
		struct task again;
		struct outcome outcome;
		char kept = bytes[i];
		bytes[i] = spoilers[i % ARRAY_LEN(spoilers)];
		int fd = file_of(bytes, len);
		fresh(&again);
		if (!spool_call_read(&again, fd, &outcome)) {
			ck_assert_ptr_nonnull(again.step.phase);
			ck_assert(text_is_uuid(again.try.attempt.id));
			ck_assert_int_ge(again.try.request_bytes, 0);
			try_judge(&again, &outcome);
		}
		(void)close(fd);
		done(&again);
		bytes[i] = kept;
	}
	spool_drop(file);
}
END_TEST

START_TEST(the_living_are_left_alone)
{
	struct spool *other = NULL;
	struct spool_file *file = write_file(200);
	ck_assert_ptr_null(spool_open(arena, root, OTHER, &other));
	ck_assert_ptr_null(relic_take(other, arena));
	ck_assert_ptr_null(relic_take(runner.spool, arena));
	spool_close(other);
	ck_assert_int_eq(access(path_of(OTHER, ""), F_OK), -1);
	spool_drop(file);
}
END_TEST

/* What another process leaves when it is killed: to one heir only, under the name it had last. */
START_TEST(the_dead_are_found_once)
{
	int ready[2];
	char byte;
	ck_assert_int_eq(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		struct spool *own = NULL;
		if (spool_open(arena, root, ATTEMPT, &own) || !own)
			_exit(1);
		spool_rename(own, OTHER);
		runner.spool = own;
		spool_drop(write_file(200));
		(void)write_file(200);
		(void)!close(creat(path_of(OTHER, "spare.0"), 0600));
		(void)!write(ready[1], "x", 1);
		(void)pause();
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	ck_assert_ptr_null(relic_take(runner.spool, arena));
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	struct relic *relic;
	while ((relic = relic_take(runner.spool, arena)) == NULL)
		(void)usleep(1000);
	ck_assert_str_eq(relic_id(relic), OTHER);
	ck_assert_ptr_null(relic_take(runner.spool, arena));
	ck_assert_str_eq(relic_next(relic, arena), ATTEMPT);
	ck_assert_ptr_null(relic_next(relic, arena));
	(void)close(relic_open(relic, ATTEMPT));
	ck_assert(!relic_release(relic)); /* not settled: it stays for the next */
	relic = relic_take(runner.spool, arena);
	relic_drop(relic, ATTEMPT);
	ck_assert(relic_release(relic));
	ck_assert_ptr_null(relic_take(runner.spool, arena));
}
END_TEST

START_TEST(strange_files_are_set_aside)
{
	char *dead = arena_printf(arena, "%s/%s", root, OTHER);
	char *long_name = arena_alloc(arena, 256);
	memset(long_name, 'x', 255);
	ck_assert_int_eq(mkdir(dead, 0700), 0);
	ck_assert_int_eq(mkdir(path_of(OTHER, "folder"), 0700), 0);
	ck_assert_int_eq(symlink("/etc/passwd", path_of(OTHER, "link")), 0);
	ck_assert_int_eq(mkfifo(path_of(OTHER, "pipe"), 0600), 0);
	ck_assert_int_eq(mkdir(path_of(OTHER, long_name), 0700), 0);
	struct relic *relic = relic_take(runner.spool, arena);
	const char *name;
	int count = 0;
	while ((name = relic_next(relic, arena)) != NULL) {
		ck_assert_int_eq(relic_open(relic, name), -1);
		relic_set_aside(relic, name, "a test");
		count++;
	}
	ck_assert_int_eq(count, 4);
	ck_assert(relic_release(relic));
	ck_assert_int_eq(unlink(arena_printf(arena, "%s/%s.link.bad", root, OTHER)), 0);
	ck_assert_int_eq(unlink(arena_printf(arena, "%s/%s.pipe.bad", root, OTHER)), 0);
	ck_assert_int_eq(rmdir(arena_printf(arena, "%s/%s.folder.bad", root, OTHER)), 0);
	ck_assert_int_eq(rmdir(arena_printf(arena, "%s/%s.%.*s.bad", root, OTHER, 255 - 36 - 5,
	    long_name)), 0);
}
END_TEST

/* A file that may not grow: the call goes on without it, and nothing half remains. */
START_TEST(a_full_disk_takes_nothing)
{
	struct rlimit limit;
	rlim_t before;
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = 1000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	struct spool_file *file = write_file(200);
	limit.rlim_cur = before;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(access(path_of(LEASE, ATTEMPT), F_OK), -1);
	spool_drop(file);
}
END_TEST

START_TEST(a_place_that_cannot_be_had)
{
	struct spool *none = NULL;
	const struct err *err = spool_open(arena, "/proc/no/such/place", OTHER, &none);
	ck_assert_ptr_nonnull(err);
	ck_assert_ptr_nonnull(strstr(err->sentence, "PROMPTBUILDER_SPOOL_DIR"));
	ck_assert_ptr_null(none);
	ck_assert_int_eq(chmod(root, 0770), 0);
	err = spool_open(arena, root, OTHER, &none);
	ck_assert_ptr_nonnull(err);
	ck_assert_ptr_nonnull(strstr(err->sentence, "must belong to this user"));
	/* Without a spool there are no files. */
	runner.spool = (spool_close(runner.spool), NULL);
	ck_assert_ptr_null(write_file(200));
	spool_drop(NULL);
	ck_assert_ptr_null(relic_take(NULL, arena));
	spool_rename(NULL, OTHER);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {only_the_owner_may_look, files_are_used_again,
		what_goes_in_comes_out, a_refused_call_is_free, cut_at_every_byte, spoilt_at_every_byte,
		the_living_are_left_alone, the_dead_are_found_once, strange_files_are_set_aside,
		a_full_disk_takes_nothing, a_place_that_cannot_be_had};
	log_open("spool_test", LOG_LEVEL_ERROR);
	return suite_run_between(setup, teardown, "spool", tests, ARRAY_LEN(tests));
}
