/* loop.c: the runner from start to stop: what is due now, and how long to sleep. */
#include "run/loop.h"

#include <curl/curl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/token.h"
#include "run/admit.h"
#include "run/fault.h"

/* The connections have timers of their own, which only their step looks at. */
#define SLEEP_MAX_MS 1000
#define LATE_LOOK_MS 100
#define FD_MAX (STORE_CONNECTIONS + 3)
#define FDS_PER_RUN 2
#define FDS_OF_RUNNER 64
/* A stopping runner waits this long for the database before it leaves things to the reaper. */
#define CLOSE_MAX_MS 10000
/* A transaction that takes longer waits for somebody else: it is sent again, not given up. */
#define ANSWER_LEAST_MS 5000

/* When to stop. */
struct ending_phase {
	int signals;
	int64_t force_ms; /* calls in flight are given up */
	int64_t leave_ms; /* the process ends whatever is left */
};

int64_t runner_jitter_ms(int64_t range_ms)
{
	uint64_t dice;
	token_random(&dice, sizeof(dice));
	return (int64_t)(dice % (uint64_t)(range_ms > 0 ? range_ms : 1));
}

/* SIGTERM and SIGINT come as bytes of a descriptor; a peer that hangs up and a file that may not
 * grow are error codes. */
static int open_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void read_limits(struct runner *runner, const struct conf *conf)
{
	runner->limits = (struct runner_limits){
		.runs = conf_int(conf, "PROMPTBUILDER_CONCURRENCY"),
		.runs_per_account = conf_int(conf, "PROMPTBUILDER_ACCOUNT_CONCURRENCY"),
		.lease_ms = conf_int(conf, "PROMPTBUILDER_LEASE_MS"),
		.drain_ms = conf_int(conf, "PROMPTBUILDER_DRAIN_MS"),
		.call_tries = conf_int(conf, "PROMPTBUILDER_CALL_ATTEMPTS"),
		.retry_base_ms = conf_int(conf, "PROMPTBUILDER_RETRY_BASE_MS"),
		.retry_max_ms = conf_int(conf, "PROMPTBUILDER_RETRY_MAX_MS"),
		.output_tokens = conf_int(conf, "PROMPTBUILDER_MAX_OUTPUT_TOKENS"),
		.run_ms = conf_int(conf, "PROMPTBUILDER_RUN_TIMEOUT_MS"),
	};
}

/* A call in flight holds a connection and a file of the spool. */
static void raise_file_limit(const struct runner *runner)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)runner->limits.runs * FDS_PER_RUN + FDS_OF_RUNNER;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		log_warn("too few open files are allowed for PROMPTBUILDER_CONCURRENCY: raise the "
		    "hard limit (ulimit -Hn, LimitNOFILE=) or lower the setting", "allowed",
		    db_int_param(runner->arena, (int64_t)limit.rlim_max), "wanted",
		    db_int_param(runner->arena, (int64_t)wanted));
}

/* A connection that is open at our end only is found out before it has cost the lease. */
static int64_t answer_ms(const struct conf *conf)
{
	int64_t third_ms = conf_int(conf, "PROMPTBUILDER_LEASE_MS") / 3;
	return third_ms > ANSWER_LEAST_MS ? third_ms : ANSWER_LEAST_MS;
}

static const struct err *open_runner(struct runner *runner)
{
	struct db_options options = {
		.application = "promptbuilder-runner",
		.role = "promptbuilder_runner",
		.pooled = conf_bool(runner->conf, "DATABASE_POOLED"),
		.answer_ms = answer_ms(runner->conf),
	};
	const struct err *err = conf_database_url(runner->arena, runner->conf, &options.url);
	if (!err)
		err = webhook_open(runner);
	if (!err)
		err = sheet_open(runner);
	if (!err)
		err = caller_new(runner->arena, runner->conf, &runner->caller);
	if (err)
		return err;
	read_limits(runner, runner->conf);
	admit_open(runner, runner->conf);
	runner->templates = arena_printf(runner->arena, "%s/templates",
	    conf_text(runner->conf, "PROMPTBUILDER_DATA_DIR"));
	runner->store = store_new(runner->arena, &options);
	runner->listener = db_new(&options);
	db_listen(runner->listener, JOB_CHANNEL);
	runner->prompt_arena = arena_new();
	runner->claim_arena = arena_new();
	runner->cancel_arena = arena_new();
	runner->progress_arena = arena_new();
	runner->wait_arena = arena_new();
	runner->erase_arena = arena_new();
	err = lease_open(runner);
	if (err)
		return err;
	raise_file_limit(runner);
	replay_open(runner);
	if (!caller_has_key(runner->caller))
		log_warn("ANTHROPIC_API_KEY is not set: every run will fail and say so");
	return NULL;
}

static void close_runner(struct runner *runner)
{
	struct arena *const arenas[] = {runner->prompt_arena, runner->claim_arena,
		runner->cancel_arena, runner->progress_arena, runner->wait_arena,
		runner->lease_arena, runner->reap_arena, runner->erase_arena};
	store_close(runner->store);
	db_close(runner->listener);
	for (struct task *task = runner->tasks, *next; task; task = next) {
		next = task->next;
		task_free(task);
	}
	replay_close(runner);
	spool_close(runner->spool);
	webhook_close(runner);
	sheet_close(runner);
	caller_free(runner->caller);
	for (size_t i = 0; i < ARRAY_LEN(arenas); i++)
		arena_free(arenas[i]);
}

/* ---- Stopping. ---- */

static void stop_tasks(struct runner *runner, bool force)
{
	for (struct task *task = runner->tasks, *next; task; task = next) {
		next = task->next;
		task_stop(task, force);
	}
}

static void begin_stop(struct runner *runner, struct ending_phase *phase, const char *how,
    int64_t drain_ms)
{
	log_info(how);
	process_stopping();
	phase->force_ms = clock_ms() + drain_ms;
	phase->leave_ms = phase->force_ms + CLOSE_MAX_MS;
	runner->is_draining = true;
	lease_soon(runner);
	stop_tasks(runner, false);
}

/* An operator's order that has not been followed yet. */
static bool is_ordered(const struct runner *runner)
{
	return runner->is_drain_asked && !runner->is_draining;
}

/* The first signal lets calls finish, the second one does not; an operator's order is as good as
 * the first. */
static void take_signals(struct runner *runner, int fd, struct ending_phase *phase)
{
	struct signalfd_siginfo info;
	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		if (++phase->signals == 1)
			begin_stop(runner, phase, "stopping", runner->limits.drain_ms);
		else
			begin_stop(runner, phase, "stopping at once", 0);
	}
	if (is_ordered(runner))
		begin_stop(runner, phase, "stopping: an operator asked for it",
		    runner->limits.drain_ms);
}

/* Whether everything is put away. */
static bool stop_step(struct runner *runner, struct ending_phase *phase, int64_t now_ms)
{
	if (!runner->is_draining)
		return false;
	if (now_ms >= phase->leave_ms) {
		log_warn("the database is away; another runner will clear up");
		return true;
	}
	if (now_ms >= phase->force_ms) {
		stop_tasks(runner, true);
		sheet_abort(runner);
	}
	if (runner->task_count > 0 || webhook_is_busy(runner) || sheet_is_busy(runner))
		return false;
	if (runner->is_registered)
		lease_close(runner);
	return !runner->is_registered && !store_is_busy(runner->store);
}

/* ---- The loop. ---- */

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

/* ---- Timers of tasks. ---- */

/* Runs beyond their last instant are looked at until they have ended. */
static int64_t task_due_ms(const struct task *task, int64_t now_ms)
{
	return earlier(task->due_ms, task->is_late ? now_ms + LATE_LOOK_MS : task->late_ms);
}

static void step_tasks(struct runner *runner, int64_t now_ms)
{
	if (now_ms < runner->tasks_due_ms)
		return;
	runner->tasks_due_ms = INT64_MAX;
	for (struct task *task = runner->tasks, *next; task; task = next) {
		task_step(task, now_ms);
		next = task->next;
		if (task->state == TASK_GONE)
			task_free(task);
		else
			runner->tasks_due_ms = earlier(runner->tasks_due_ms,
			    task_due_ms(task, now_ms));
	}
}

static int64_t sleep_ms(const struct runner *runner, const struct ending_phase *phase,
    int64_t now_ms)
{
	bool has_places = lease_is_trusted(runner) && !runner->is_draining && !runner->is_claiming
	    && (int64_t)runner->task_count < runner->limits.runs;
	int64_t due_ms = earlier(now_ms + SLEEP_MAX_MS, caller_due_ms(runner->caller));
	due_ms = earlier(due_ms, store_due_ms(runner->store));
	due_ms = earlier(due_ms, earlier(lease_due_ms(runner), webhook_due_ms(runner)));
	due_ms = earlier(due_ms, earlier(admit_due_ms(runner, now_ms), erase_due_ms(runner)));
	due_ms = earlier(due_ms, sheet_due_ms(runner));
	if (has_places)
		due_ms = earlier(due_ms, runner->claim_due_ms);
	if (runner->is_draining)
		due_ms = earlier(due_ms,
		    phase->force_ms > now_ms ? phase->force_ms : phase->leave_ms);
	due_ms = earlier(due_ms, runner->tasks_due_ms);
	return due_ms > now_ms && !is_ordered(runner) ? due_ms - now_ms : 0;
}

static void wait_for_more(struct runner *runner, int signals, int64_t wait_ms)
{
	struct pollfd fds[FD_MAX];
	short events = 0;
	size_t count = store_fds(runner->store, fds);
	int listening = db_fd(runner->listener, &events);
	fds[count++] = (struct pollfd){.fd = signals, .events = POLLIN};
	fds[count++] = (struct pollfd){.fd = listening, .events = events};
	caller_wait(runner->caller, fds, count, wait_ms);
}

static void loop(struct runner *runner, int signals)
{
	struct ending_phase phase = {0};
	for (;;) {
		int64_t now_ms = clock_ms();
		(void)process_alive(now_ms); /* no sleep is as long as its period */
		take_signals(runner, signals, &phase);
		if (db_listen_step(runner->listener) > 0) {
			claim_notified(runner);
			webhook_notified(runner);
		}
		if (db_listen_word(runner->listener)) {
			lease_soon(runner);
			sheet_soon(runner);
		}
		caller_step(runner->caller, now_ms);
		store_step(runner->store);
		admit_step(runner, now_ms);
		step_tasks(runner, now_ms);
		replay_step(runner, now_ms);
		lease_step(runner, now_ms);
		claim_step(runner, now_ms);
		progress_step(runner, now_ms);
		webhook_step(runner, now_ms);
		sheet_step(runner, now_ms);
		erase_step(runner, now_ms);
		if (stop_step(runner, &phase, now_ms))
			return;
		store_step(runner->store); /* sends what was added just now */
		FAULT_POINT("sent");
		wait_for_more(runner, signals, sleep_ms(runner, &phase, clock_ms()));
	}
}

int runner_run(struct arena *arena, const struct conf *conf)
{
	struct runner runner = {.arena = arena, .conf = conf, .tasks_due_ms = INT64_MAX};
	curl_global_init(CURL_GLOBAL_DEFAULT);
	const struct err *err = open_runner(&runner);
	if (err) {
		(void)fprintf(stderr, "promptbuilder-runner: %s\n", err->sentence);
		return EX_CONFIG;
	}
	int signals = open_signals();
	if (signals < 0)
		return EX_OSERR;
	log_info("started", "version", PROMPTBUILDER_VERSION);
	process_ready();
	loop(&runner, signals);
	close_runner(&runner);
	(void)close(signals);
	curl_global_cleanup();
	log_info("stopped");
	return EX_OK;
}
