/*
 * Privileges and limits, each in a child process, since they cannot be undone. A child
 * exits with the number of the line whose check failed, or 0.
 */
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/privileges.h"
#include "skip.h"
#include "unit.h"

#define PATIENCE 5000 /* milliseconds; to fail, not to measure */
#define ORDINARY "nobody"

#define CHECK(condition)                                                               \
	do {                                                                           \
		if (!(condition))                                                      \
			fail_at(__LINE__, #condition);                                 \
	} while (0)

static int messages = 2;

static void
fail_at(int line, const char *condition)
{
	dprintf(messages, "line %d: %s\n", line, condition);
	_exit(1);
}

static void
run_in_child(void (*function)(void))
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		messages = fcntl(2, F_DUPFD_CLOEXEC, 100);
		function();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(
	    WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
}

static void
limit(void)
{
	struct rlimit files = {.rlim_cur = 256};
	mode_t mask;

	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	files.rlim_cur = 256;
	CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
	umask(0);
	privileges_limit();
	mask = umask(0);
	CHECK(mask == 077);
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	CHECK(files.rlim_cur == (files.rlim_max < 2048 ? files.rlim_max : 2048));
}

static void
keep_more_files(void)
{
	struct rlimit files;

	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	if (files.rlim_max < 3000) {
		dprintf(1, "SKIP: the hard limit of open files is below 3000\n");
		return;
	}
	files.rlim_cur = 3000;
	CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
	privileges_limit();
	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	CHECK(files.rlim_cur == 3000);
}

START_TEST(limits_are_set)
{
	run_in_child(limit);
	run_in_child(keep_more_files);
}
END_TEST

static void
drop(void)
{
	struct passwd *user = getpwnam(ORDINARY);
	gid_t groups[NGROUPS_MAX];
	gid_t gids[3] = {4242};
	uid_t uids[3];

	CHECK(setgroups(1, gids) == 0);
	privileges_drop(ORDINARY);
	CHECK(getresuid(&uids[0], &uids[1], &uids[2]) == 0);
	CHECK(getresgid(&gids[0], &gids[1], &gids[2]) == 0);
	for (int i = 0; i < 3; i++) {
		CHECK(uids[i] == user->pw_uid);
		CHECK(gids[i] == user->pw_gid);
	}
	CHECK(getgroups(NGROUPS_MAX, groups) == 0);
	CHECK(setuid(0) < 0);
}

START_TEST(root_becomes_an_ordinary_user)
{
	if (geteuid() != 0 || !getpwnam(ORDINARY)) {
		printf(
		    "SKIP: changing the user needs root and the user " ORDINARY "\n");
		fflush(stdout);
		return;
	}
	run_in_child(drop);
}
END_TEST

static void
drop_to_missing(void)
{
	uid_t before = geteuid();

	privileges_drop("no-such-user.invalid");
	CHECK(geteuid() == before);
}

/* Not installed, only being tried; or started as an ordinary user. */
START_TEST(without_the_user_nothing_changes)
{
	run_in_child(drop_to_missing);
}
END_TEST

static bool
is_null_device(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) &&
	       status.st_rdev == makedev(1, 3);
}

static void
detach(void)
{
	int pair[2], fd;
	struct stat before, after;
	char directory[PATH_MAX], byte;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(dup2(pair[0], 0) == 0 && dup2(0, 1) == 1 && dup2(0, 2) == 2);
	close(pair[0]);
	CHECK(fstat(0, &before) == 0);
	fd = privileges_detach_socket();
	CHECK(fd > 2);
	CHECK(fstat(fd, &after) == 0);
	CHECK(before.st_ino == after.st_ino && before.st_dev == after.st_dev);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	for (int i = 0; i < 3; i++)
		CHECK(is_null_device(i));
	/* No descriptor besides: what is printed does not reach the client. */
	CHECK(write(1, "x", 1) == 1 && write(2, "x", 1) == 1);
	CHECK(recv(pair[1], &byte, 1, MSG_DONTWAIT) < 0);
	close(fd);
	CHECK(recv(pair[1], &byte, 1, MSG_DONTWAIT) == 0);
	CHECK(getcwd(directory, sizeof(directory)) && strcmp(directory, "/") == 0);
}

START_TEST(socket_is_detached)
{
	run_in_child(detach);
}
END_TEST

/* The pipe's writing end is open as long as the process lives. */
START_TEST(it_exits_with_its_parent)
{
	struct pollfd state = {.events = POLLIN};
	int pipefd[2], status;
	pid_t parent;
	char byte;

	ck_assert_int_eq(pipe(pipefd), 0);
	parent = fork();
	ck_assert_int_ge(parent, 0);
	if (parent == 0) {
		close(pipefd[0]);
		if (fork() == 0) {
			signal(SIGTERM, SIG_DFL);
			privileges_exit_with_parent();
			if (write(pipefd[1], "x", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		close(pipefd[1]);
		for (;;)
			pause();
	}
	close(pipefd[1]);
	state.fd = pipefd[0];
	ck_assert_int_eq(poll(&state, 1, PATIENCE), 1);
	ck_assert_int_eq(read(pipefd[0], &byte, 1), 1);
	ck_assert_int_eq(poll(&state, 1, 0), 0); /* it lives */
	kill(parent, SIGKILL);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	ck_assert_int_eq(poll(&state, 1, PATIENCE), 1);
	ck_assert_int_eq(read(pipefd[0], &byte, 1), 0);
	close(pipefd[0]);
}
END_TEST

/* Its xinetd was killed between fork(2) and this. */
START_TEST(it_exits_without_a_parent)
{
	struct pollfd state = {.events = POLLIN};
	int pipefd[2], status;
	pid_t parent;
	char byte = 0;

	ck_assert_int_eq(pipe(pipefd), 0);
	parent = fork();
	ck_assert_int_ge(parent, 0);
	if (parent == 0) {
		pid_t own = getpid();

		if (fork() != 0)
			_exit(0);
		while (getppid() == own)
			poll(NULL, 0, 1);
		/* A subreaper, prctl(2), may have adopted it instead. */
		if (getppid() != 1)
			_exit(write(pipefd[1], "s", 1) != 1);
		privileges_exit_with_parent();
		_exit(write(pipefd[1], "x", 1) != 1);
	}
	close(pipefd[1]);
	ck_assert_int_eq(waitpid(parent, &status, 0), parent);
	state.fd = pipefd[0];
	ck_assert_int_eq(poll(&state, 1, PATIENCE), 1);
	ck_assert_int_le(read(pipefd[0], &byte, 1), 1);
	close(pipefd[0]);
	if (byte == 's') {
		skip_test("orphans of this session are not adopted by PID 1");
		return;
	}
	ck_assert_int_eq(byte, 0);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("privileges");
	TCase *cases = tcase_create("privileges");

	tcase_add_test(cases, limits_are_set);
	tcase_add_test(cases, root_becomes_an_ordinary_user);
	tcase_add_test(cases, without_the_user_nothing_changes);
	tcase_add_test(cases, socket_is_detached);
	tcase_add_test(cases, it_exits_with_its_parent);
	tcase_add_test(cases, it_exits_without_a_parent);
	suite_add_tcase(suite, cases);
	return suite;
}
