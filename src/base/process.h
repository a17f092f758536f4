/*
 * What this process inherits, made the same wherever it is started; and child
 * processes, started only here: an argument vector, never a shell. Standard input is
 * /dev/null, signals have their default actions, and the child has a process group of
 * its own, which is killed with SIGKILL after the time limit.
 */
#ifndef CMONHA_BASE_PROCESS_H
#define CMONHA_BASE_PROCESS_H

#include <stdbool.h>

#include "base/text.h"

/* No PID is higher: proc(5), /proc/sys/kernel/pid_max. */
#define PID_LAST (1 << 22)

/* Bytes of output; a child that writes more is killed. */
#define PROCESS_OUTPUT_LIMIT (256 * 1024)

enum process_end {
	PROCESS_EXITED,      /* `status` is its exit status */
	PROCESS_LOST,        /* exited; SIGCHLD is ignored, so the status is unknown */
	PROCESS_SIGNALED,    /* `status` is the signal */
	PROCESS_TIMED_OUT,   /* killed */
	PROCESS_NOT_STARTED, /* `status` is errno */
	PROCESS_OUTPUT_EXCEEDED, /* killed */
};

struct process_result {
	enum process_end end;
	int status;
	struct text output; /* for the caller to free */
};

struct process_options {
	char *const *environment; /* NULL: that of this process */
	int milliseconds;         /* time limit */
	bool capture_stderr;      /* into `output` too, else it is discarded */
	bool block_sigterm;       /* the child starts with SIGTERM blocked */
};

/*
 * For main(), first of all: PATH is the usual one of root, since `su` and cron leave
 * /usr/sbin out of it; children print English; SIGCHLD has its default action, and
 * descriptors 0 to 2 are open, on /dev/null if the caller had closed them. The umask
 * becomes 022.
 */
void process_prepare(void);

/* Runs argv[0], a path or a name found by PATH, and waits. Always sets `result`. */
void process_run(const char *const argv[], const struct process_options *options,
    struct process_result *result);

/* Whether it exited with status 0. */
bool process_succeeded(const struct process_result *result);

/* For a message: "exited with status 3", "timed out", … May use the buffer. */
const char *
process_describe_end(const struct process_result *result, char buffer[static 64]);

#endif
