/*
 * Old HAProxy workers, left by a reload to finish their sessions. They no longer run
 * health checks: `on-marked-down shutdown-sessions` does nothing there, and their
 * command line refuses to change a server. So when a server that was up before the
 * reload goes down, they are terminated, as hard-stop-after would do later.
 */
#ifndef CMONHA_WATCH_OLD_WORKERS_H
#define CMONHA_WATCH_OLD_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/text.h"
#include "watch/question.h"

/* HAProxy's mworker-max-reloads is unlimited; more than these wait for the next turn.
 */
#define OLD_WORKERS_MAX 32

struct old_workers {
	struct question processes; /* to the master */
	struct question servers;   /* to the present worker */
	pid_t worker;              /* the present one; 0: not known */
	pid_t pids[OLD_WORKERS_MAX];
	size_t count;
	struct text before; /* the servers when the present worker was started */
	bool terminated;
};

void old_workers_init(struct old_workers *workers);

/*
 * Asks the HAProxy below the directory `root`, without waiting. `processes` is set
 * about once a second, so that a reload is noticed; while there are old workers and
 * `cut` is set, the servers are asked for at every call.
 */
void old_workers_ask(
    struct old_workers *workers, const char *root, bool processes, bool cut);

/*
 * Reads what was answered, and terminates the old workers if a server that was up when
 * they were replaced is down or missing now. Returns whether their number changed.
 */
bool old_workers_judge(struct old_workers *workers, const char *root);

/* Parses the master's output of "show proc" (management guide, 9.4). */
void old_workers_parse(struct old_workers *workers, const struct text *processes);

#endif
