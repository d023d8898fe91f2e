/* point.c: kills or stops the runner at a named point.
 *
 * FAULT=POINT[+]:N:kill|stop in the environment: at the N-th passing of the point; with a plus sign
 * at the next moment after it in which everything that was to be sent has been sent. */
#include "run/fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/task.h"

const char *const fault_names[TASK_STATE_COUNT][2] = {
	[TASK_LOADING] = {"load", "loaded"},
	[TASK_OPENING] = {"open", "opened"},
	[TASK_SETTLING] = {"settle", "settled"},
	[TASK_FINISHING] = {"finish", "finished"},
	[TASK_RELEASING] = {"release", "released"},
};

static struct {
	bool is_read;
	char name[32], action[8];
	int left;         /* passings until it happens; 0: it has */
	bool waits, sent; /* until all is sent */
} fault;

static void read_fault(void)
{
	const char *spec = getenv("FAULT");
	size_t len;

	fault.is_read = true;
	if (!spec || !*spec)
		return;
	if (sscanf(spec, "%31[a-z+]:%d:%7s", fault.name, &fault.left, fault.action) != 3) {
		fprintf(stderr, "FAULT=%s: POINT[+]:N:kill|stop is wanted\n", spec);
		exit(2);
	}
	len = strlen(fault.name);
	fault.waits = fault.name[len - 1] == '+';
	if (fault.waits)
		fault.name[len - 1] = '\0';
}

static void happen(void)
{
	fprintf(stderr, "fault: %s at %s%s\n", fault.action, fault.name, fault.waits ? "+" : "");
	raise(strcmp(fault.action, "kill") == 0 ? SIGKILL : SIGSTOP);
}

void fault_point(const char *name)
{
	if (!fault.is_read)
		read_fault();
	if (fault.sent && strcmp(name, "sent") == 0) {
		fault.sent = false;
		happen();
	}
	if (fault.left == 0 || strcmp(name, fault.name) != 0 || --fault.left > 0)
		return;
	if (fault.waits)
		fault.sent = true;
	else
		happen();
}
