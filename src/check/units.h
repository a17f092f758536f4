/*
 * Whether the units of this package run on this node, and start at its boot. Found
 * without privileges, child processes, systemd's bus, or an assumption about the slice
 * or the version of the control groups that they are in: a node may be a container.
 */
#ifndef CMONHA_CHECK_UNITS_H
#define CMONHA_CHECK_UNITS_H

#include <jansson.h>

/*
 * A new object of the units of a proxy, for json_decref():
 *
 *	{unit name: {running, enabled, outdated, version, installed}}
 *
 * running    the process that its PID file names exists; of the watcher, the process
 *            that has written `report`. Null if that cannot be found out.
 * enabled    it starts at boot
 * outdated   its program was installed after the process was started, or HAProxy last
 *            reloaded; null if it does not run
 * version    of the running program
 * installed  version of the installed program
 *
 * The last two are null if not known, and of the watcher, which starts itself again
 *when its program is replaced. `report` is that of watch_report.h. `root` is the
 *directory that all paths are below. Appends to `problems` what does not run, is not
 *enabled, or is outdated.
 */
json_t *units_find(const char *root, const json_t *report, json_t *problems);

#endif
