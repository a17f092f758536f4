/*
 * Old HAProxy workers, left by a reload to finish their sessions. They no longer run
 * health checks: `on-marked-down shutdown-sessions` does nothing there, and their
 * command line refuses to change a server. So when a server that was up before the
 * reload goes down, they are terminated, as hard-stop-after would do later.
 */
#ifndef CMONHA_APPLY_OLD_WORKERS_H
#define CMONHA_APPLY_OLD_WORKERS_H

#include <stddef.h>
#include <sys/types.h>

#include "apply/machine.h"
#include "base/text.h"

/* HAProxy's mworker-max-reloads is unlimited; more than these wait for the next poll.
 */
#define OLD_WORKERS_MAX 32

/*
 * Their process ids, from the master's output of "show proc" (management guide, 9.4).
 * Returns how many.
 */
size_t old_workers_find(const struct text *processes, pid_t pids[OLD_WORKERS_MAX]);

/*
 * Polls while there are old workers, and terminates them when a server that is up in
 * `before`, a server-state file, is down or missing in the present worker. Returns when
 * all have exited, at the latest one minute after hard-stop-after. 0, or -1 after a
 * message.
 */
int old_workers_watch(const struct machine *machine, const struct text *before);

#endif
