#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

/* How long we sleep between two looks at a child that has closed its output. */
#define LOOK_EVERY_MS 10

static int
spawn(
    const char *const argv[], const struct process_options *how, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_init(&actions) != 0)
		log_fatal(EX_OSERR, "out of memory");
	if (posix_spawnattr_init(&attributes) != 0)
		log_fatal(EX_OSERR, "out of memory");
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (how->capture_stderr)
		posix_spawn_file_actions_adddup2(&actions, output, 2);
	else
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_setflags(&attributes,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	error = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv,
	    how->environment ? how->environment : environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Reads what is there. 1: more may come, 0: end of output, -1: over the limit. */
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

static bool
reap(pid_t pid, int flags, struct process_result *result)
{
	int status;
	pid_t ended;

	do
		ended = waitpid(pid, &status, flags);
	while (ended < 0 && errno == EINTR);
	if (ended != pid)
		return false;
	result->end = WIFEXITED(status) ? PROCESS_EXITED : PROCESS_SIGNALED;
	result->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	return true;
}

/*
 * The end of the child counts, not the end of its output: a daemon that it leaves
 * behind may keep the pipe open.
 */
static void
wait_for(pid_t pid, int fd, clock_ms_t deadline, struct process_result *result)
{
	int more = 1;

	for (;;) {
		struct pollfd wait = {.fd = more > 0 ? fd : -1, .events = POLLIN};
		int left = clock_left(deadline);

		poll(&wait, 1, left < LOOK_EVERY_MS ? left : LOOK_EVERY_MS);
		if (more > 0)
			more = collect(fd, &result->output);
		if (more >= 0 && reap(pid, WNOHANG, result)) {
			if (more > 0 && collect(fd, &result->output) < 0)
				result->end = PROCESS_TOO_MUCH;
			return;
		}
		if (more < 0 || left == 0) {
			kill(-pid, SIGKILL);
			reap(pid, 0, result);
			result->end = more < 0 ? PROCESS_TOO_MUCH : PROCESS_TIMED_OUT;
			return;
		}
	}
}

void
process_run(const char *const argv[], const struct process_options *how,
    struct process_result *result)
{
	clock_ms_t deadline = clock_now() + how->milliseconds;
	int ends[2];
	pid_t pid;
	int error;

	*result = (struct process_result){.end = PROCESS_NOT_STARTED};
	if (pipe2(ends, O_CLOEXEC) < 0) {
		result->status = errno;
		return;
	}
	error = spawn(argv, how, ends[1], &pid);
	close(ends[1]);
	if (error) {
		result->status = error;
	} else {
		fcntl(ends[0], F_SETFL, O_NONBLOCK);
		wait_for(pid, ends[0], deadline, result);
	}
	close(ends[0]);
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
	case PROCESS_SIGNALED:
		snprintf(buffer, 64, "ended by signal %d", result->status);
		break;
	case PROCESS_TIMED_OUT:
		return "took longer than allowed";
	case PROCESS_NOT_STARTED:
		snprintf(buffer, 64, "not started: %s", strerror(result->status));
		break;
	case PROCESS_TOO_MUCH:
		return "printed more than allowed";
	}
	return buffer;
}
