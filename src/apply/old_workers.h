/*
 * HAProxy's processes of before a reload. Each serves the sessions that it has, but no
 * longer looks who leads: `on-marked-down shutdown-sessions` does nothing there, and
 * its command line refuses to change a server. So when a server that it knew to be up
 * is not any more, the whole process is ended, as hard-stop-after would later.
 */
#ifndef CMONHA_APPLY_OLD_WORKERS_H
#define CMONHA_APPLY_OLD_WORKERS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/text.h"

/* HAProxy's mworker-max-reloads is unlimited; more than these end at the next look. */
#define OLD_WORKERS_MAX 32

/*
 * Their process ids, from what the master says to "show proc" (management guide, 9.4).
 * Returns how many.
 */
size_t old_workers_find(const struct text *processes, pid_t pids[OLD_WORKERS_MAX]);

/*
 * Looks on while there are any, and ends them when a server that was up in `before`, a
 * server-state file, is not in the present process. Returns when all are gone, at the
 * latest some time after hard-stop-after. 0, or -1 after a message.
 */
int old_workers_watch(const struct text *before);

#endif
