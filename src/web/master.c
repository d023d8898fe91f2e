/* master.c: keeps the workers alive: restarts the dead, slower when they die young, replaces all
 * of them on SIGHUP, ends them on SIGTERM after the request at hand. */
#include "web/frame.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"

#define WORKERS_MAX 64
#define YOUNG_MS 1000       /* who dies younger may be in a crash loop */
#define DELAY_FIRST_MS 100
#define DELAY_MAX_MS 10000
#define STOP_MAX_MS 30000   /* then a worker is killed */

struct worker {
	pid_t pid;            /* 0: not running */
	int64_t started_ms;
	int64_t start_at_ms;  /* when it may start, while not running */
	int64_t delay_ms;     /* before its next start, if it dies young again */
	int generation;
};

static struct {
	const struct master *master;
	struct worker workers[WORKERS_MAX];
	int generation;       /* workers of an older one are replaced */
	bool is_reloading;    /* until no worker is older */
	bool is_stopping;
	int64_t kill_at_ms;
	sigset_t signals;
	sigset_t inherited;   /* the mask workers start with */
} state;

static void worker_start(struct worker *worker)
{
	pid_t pid = fork();

	if (pid < 0) {
		log_error("cannot start a worker", "error", strerror(errno));
		worker->start_at_ms = clock_ms() + DELAY_FIRST_MS;
		return;
	}
	if (pid == 0) {
		/* A master that was killed leaves no orphans on the socket. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		sigprocmask(SIG_SETMASK, &state.inherited, NULL);
		state.master->run(state.master->arg);
		exit(EXIT_SUCCESS);
	}
	worker->pid = pid;
	worker->started_ms = clock_ms();
	worker->generation = state.generation;
}

/* A worker that lived for a while is replaced at once, one that died young after a growing wait. */
static void worker_ended(struct worker *worker, int status)
{
	int64_t now_ms = clock_ms();
	bool is_crash = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	char number[24];

	worker->pid = 0;
	if (!is_crash || now_ms - worker->started_ms >= YOUNG_MS)
		worker->delay_ms = 0;
	else if (worker->delay_ms == 0)
		worker->delay_ms = DELAY_FIRST_MS;
	else if ((worker->delay_ms *= 2) > DELAY_MAX_MS)
		worker->delay_ms = DELAY_MAX_MS;
	worker->start_at_ms = now_ms + worker->delay_ms;
	if (!is_crash)
		return;
	snprintf(number, sizeof(number), "%d",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	log_error("worker died", WIFSIGNALED(status) ? "signal" : "status", number);
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < state.master->count; i++) {
			if (state.workers[i].pid == pid)
				worker_ended(&state.workers[i], status);
		}
	}
}

static void signal_all(int signal_number)
{
	for (int i = 0; i < state.master->count; i++) {
		if (state.workers[i].pid > 0)
			kill(state.workers[i].pid, signal_number);
	}
}

static int running(void)
{
	int count = 0;

	for (int i = 0; i < state.master->count; i++)
		count += state.workers[i].pid > 0;
	return count;
}

/* Starts who is due; when all run, the next one of an older generation is told to end. */
static void keep(void)
{
	int64_t now_ms = clock_ms();

	for (int i = 0; i < state.master->count; i++) {
		struct worker *worker = &state.workers[i];

		if (worker->pid == 0 && worker->start_at_ms <= now_ms)
			worker_start(worker);
	}
	for (int i = 0; i < state.master->count && running() == state.master->count; i++) {
		struct worker *worker = &state.workers[i];

		if (worker->generation >= state.generation)
			continue;
		kill(worker->pid, SIGTERM);
		return;
	}
	if (state.is_reloading && running() == state.master->count) {
		state.is_reloading = false;
		process_ready();
	}
}

static void stop(void)
{
	if (!state.is_stopping) {
		log_info("stopping");
		process_stopping();
	}
	state.is_stopping = true;
	state.kill_at_ms = clock_ms() + STOP_MAX_MS;
	signal_all(SIGTERM);
}

/* Milliseconds until something is due by the clock; -1: only a signal brings news. */
static int64_t next_wait_ms(void)
{
	int64_t now_ms = clock_ms();
	int64_t wait_ms = process_alive(now_ms);

	if (state.is_stopping)
		return state.kill_at_ms > now_ms ? state.kill_at_ms - now_ms : 0;
	for (int i = 0; i < state.master->count; i++) {
		const struct worker *worker = &state.workers[i];
		int64_t left_ms = worker->start_at_ms > now_ms ? worker->start_at_ms - now_ms : 0;

		if (worker->pid == 0 && (wait_ms < 0 || left_ms < wait_ms))
			wait_ms = left_ms;
	}
	return wait_ms;
}

static int signal_wait(void)
{
	int64_t wait_ms = next_wait_ms();
	struct timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};

	return wait_ms < 0 ? sigwaitinfo(&state.signals, NULL) :
	    sigtimedwait(&state.signals, NULL, &wait);
}

static void on_signal(int signal_number)
{
	if (signal_number == SIGTERM || signal_number == SIGINT) {
		stop();
	} else if (signal_number == SIGHUP && !state.is_stopping) {
		log_info("replacing the workers");
		process_reloading();
		state.is_reloading = true;
		state.master->reload(state.master->arg);
		state.generation++;
	} else if (signal_number < 0 && state.is_stopping && clock_ms() >= state.kill_at_ms) {
		log_warn("workers had to be killed");
		signal_all(SIGKILL);
	}
}

void master_run(const struct master *master)
{
	static const int listened[] = {SIGCHLD, SIGHUP, SIGINT, SIGTERM};

	state.master = master;
	sigemptyset(&state.signals);
	for (size_t i = 0; i < ARRAY_LEN(listened); i++)
		sigaddset(&state.signals, listened[i]);
	sigprocmask(SIG_BLOCK, &state.signals, &state.inherited);
	log_info("started");
	keep();
	process_ready();
	while (!state.is_stopping || running() > 0) {
		if (!state.is_stopping)
			keep();
		on_signal(signal_wait());
		reap();
	}
	log_info("stopped");
}
