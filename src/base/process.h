/*
 * Child processes: an argument vector, never a shell; standard input is /dev/null; its
 * own process group, killed whole at the deadline; output kept up to a limit. This is
 * the only place that starts programs.
 */
#ifndef CMONHA_BASE_PROCESS_H
#define CMONHA_BASE_PROCESS_H

#include <stdbool.h>

#include "base/text.h"

#define PROCESS_OUTPUT_LIMIT (256 * 1024)

enum process_end {
	PROCESS_EXITED,   /* `status` is its exit status */
	PROCESS_SIGNALED, /* `status` is the signal */
	PROCESS_TIMED_OUT,
	PROCESS_NOT_STARTED, /* `status` is errno */
	PROCESS_TOO_MUCH,    /* more output than the limit; killed */
};

struct process_result {
	enum process_end end;
	int status;
	struct text output; /* standard output, and standard error if asked; free it */
};

struct process_options {
	char *const *environment; /* NULL: ours */
	int milliseconds;         /* how long it may take */
	bool capture_stderr;      /* keep standard error too, else it is discarded */
};

/* Runs argv[0], a path or a name looked up in PATH. Always fills `result`. */
void process_run(const char *const argv[], const struct process_options *how,
    struct process_result *result);

/* Whether it ended by itself with status 0. */
bool process_succeeded(const struct process_result *result);

/* In words, for a message: "exited with status 3", "took longer than allowed", … */
const char *
process_describe_end(const struct process_result *result, char buffer[static 64]);

#endif
