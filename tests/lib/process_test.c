/* process_test.c: a process shuts itself, and tells its supervisor how it is. */
#include "base/process.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "suite.h"

static int supervisor;

/* A supervisor's socket under an abstract name, which leaves no file behind. */
static void supervisor_open(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[64];
	int len = snprintf(name, sizeof(name), "@promptbuilder-test-%d", (int)getpid());

	memcpy(address.sun_path + 1, name + 1, (size_t)len - 1);
	supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(supervisor, (const struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)), 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

/* What it has heard since; "" for nothing. */
static const char *heard(void)
{
	static char text[256];
	ssize_t len = recv(supervisor, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

START_TEST(memory_is_nobody_elses)
{
	struct rlimit core;

	process_shut();
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &core), 0);
	ck_assert_uint_eq(core.rlim_cur, 0);
	ck_assert_uint_eq(core.rlim_max, 0);
#ifndef __SANITIZE_ADDRESS__
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
#endif
}
END_TEST

START_TEST(the_supervisor_hears)
{
	supervisor_open();
	process_ready();
	ck_assert_str_eq(heard(), "READY=1");
	process_reloading();
	ck_assert_ptr_eq(strstr(heard(), "RELOADING=1\nMONOTONIC_USEC="), heard());
	process_stopping();
	ck_assert_str_eq(heard(), "STOPPING=1");
	ck_assert_str_eq(heard(), "");
	close(supervisor); /* its name is free again: tests may share a process */
}
END_TEST

START_TEST(life_is_told_twice_as_often_as_asked)
{
	supervisor_open();
	ck_assert_int_eq(process_alive(5000), -1);
	setenv("WATCHDOG_USEC", "2000000", 1);
	ck_assert_int_eq(process_alive(5000), 1000);
	ck_assert_str_eq(heard(), "WATCHDOG=1");
	ck_assert_int_eq(process_alive(5400), 600);
	ck_assert_str_eq(heard(), "");
	ck_assert_int_eq(process_alive(6000), 1000);
	ck_assert_str_eq(heard(), "WATCHDOG=1");
	setenv("WATCHDOG_PID", "1", 1); /* somebody else is asked */
	ck_assert_int_eq(process_alive(9000), -1);
	ck_assert_str_eq(heard(), "");
	close(supervisor);
}
END_TEST

START_TEST(without_a_supervisor_nothing_happens)
{
	static const char *const names[] = {"", "/", "relative", "/nowhere/socket", "@"};

	setenv("WATCHDOG_USEC", "nonsense", 1);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		process_ready();
		ck_assert_int_eq(process_alive(1), -1);
	}
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		memory_is_nobody_elses,
		the_supervisor_hears,
		life_is_told_twice_as_often_as_asked,
		without_a_supervisor_nothing_happens,
	};

	return suite_run("process", tests, ARRAY_LEN(tests));
}
