#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

/* How often a child that has closed its output, or writes none, is polled. */
#define POLL_MS 10

void
process_prepare(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	int fd;

	/* open(2) returns the lowest free descriptor, so the first above 2 is not
	 * needed.
	 */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd < 0)
		_exit(EX_OSERR);
	close(fd);
	sigaction(SIGCHLD, &action, NULL);
	umask(022);
	/* LANGUAGE would win over LC_ALL, see gettext(3). */
	if (setenv("PATH",
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		1) < 0 ||
	    setenv("LC_ALL", "C.UTF-8", 1) < 0 || unsetenv("LANGUAGE") < 0)
		log_fatal(EX_OSERR, "out of memory");
}

static int
spawn(const char *const argv[], const struct process_options *options, int output,
    pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t blocked, all;
	int error;

	sigemptyset(&blocked);
	if (options->block_sigterm)
		sigaddset(&blocked, SIGTERM);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&actions) != 0)
		log_fatal(EX_OSERR, "out of memory");
	if (posix_spawnattr_init(&attributes) != 0)
		log_fatal(EX_OSERR, "out of memory");
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (options->capture_stderr)
		posix_spawn_file_actions_adddup2(&actions, output, 2);
	else
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_setflags(&attributes,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &blocked);
	posix_spawnattr_setsigdefault(&attributes, &all);
	error = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv,
	    options->environment ? options->environment : environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Reads available output. 1: more may come, 0: end of output, -1: over the limit. */
static int
collect(int fd, struct text *output)
{
	for (;;) {
		ssize_t got = read(fd, text_reserve(output, 4096), 4096);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 1 : 0;
		if (got == 0)
			return 0;
		output->length += (size_t)got;
		output->data[output->length] = '\0';
		if (output->length > PROCESS_OUTPUT_LIMIT)
			return -1;
	}
}

/*
 * True if the child has exited; its status is then in `result`. While SIGCHLD is
 * ignored the kernel discards the status, and waitpid(2) fails with ECHILD.
 */
static bool
reap(pid_t pid, int flags, struct process_result *result)
{
	int status;
	pid_t reaped;

	do
		reaped = waitpid(pid, &status, flags);
	while (reaped < 0 && errno == EINTR);
	if (reaped < 0) {
		result->end = PROCESS_LOST;
		return true;
	}
	if (reaped != pid)
		return false;
	result->end = WIFEXITED(status) ? PROCESS_EXITED : PROCESS_SIGNALED;
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	return true;
}

/*
 * Waits for the exit of the child, not for the end of its output: a daemon that it
 * started may keep the pipe open.
 */
static void
wait_for_exit(pid_t pid, int fd, clock_ms_t deadline, struct process_result *result)
{
	int more = 1;

	for (;;) {
		struct pollfd wait = {.fd = more > 0 ? fd : -1, .events = POLLIN};
		int left = clock_left(deadline);

		poll(&wait, 1, left < POLL_MS ? left : POLL_MS);
		if (more > 0)
			more = collect(fd, &result->output);
		if (more >= 0 && reap(pid, WNOHANG, result)) {
			if (more > 0 && collect(fd, &result->output) < 0)
				result->end = PROCESS_OUTPUT_EXCEEDED;
			return;
		}
		if (more < 0 || left == 0) {
			kill(-pid, SIGKILL);
			reap(pid, 0, result);
			result->end =
			    more < 0 ? PROCESS_OUTPUT_EXCEEDED : PROCESS_TIMED_OUT;
			return;
		}
	}
}

void
process_run(const char *const argv[], const struct process_options *options,
    struct process_result *result)
{
	clock_ms_t deadline = clock_now() + options->milliseconds;
	int pipefd[2];
	pid_t pid;
	int error;

	*result = (struct process_result){.end = PROCESS_NOT_STARTED};
	if (pipe2(pipefd, O_CLOEXEC) < 0) {
		result->status = errno;
		return;
	}
	error = spawn(argv, options, pipefd[1], &pid);
	close(pipefd[1]);
	if (error) {
		result->status = error;
	} else {
		fcntl(pipefd[0], F_SETFL, O_NONBLOCK);
		wait_for_exit(pid, pipefd[0], deadline, result);
	}
	close(pipefd[0]);
}

bool
process_succeeded(const struct process_result *result)
{
	return result->end == PROCESS_EXITED && result->status == 0;
}

const char *
process_describe_end(const struct process_result *result, char buffer[static 64])
{
	switch (result->end) {
	case PROCESS_EXITED:
		snprintf(buffer, 64, "exited with status %d", result->status);
		break;
	case PROCESS_LOST:
		return "exited with an unknown status (SIGCHLD is ignored)";
	case PROCESS_SIGNALED:
		snprintf(buffer, 64, "killed by signal %d", result->status);
		break;
	case PROCESS_TIMED_OUT:
		return "timed out";
	case PROCESS_NOT_STARTED:
		snprintf(buffer, 64, "cannot be started: %s", strerror(result->status));
		break;
	case PROCESS_OUTPUT_EXCEEDED:
		return "printed too much output";
	}
	return buffer;
}
