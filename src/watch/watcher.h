/*
 * The resident loop: asks HAProxy, listens to the kernel and to keepalived, tells
 * keepalived whether this node may hold the virtual IP, and writes watch.json.
 */
#ifndef CMONHA_WATCH_WATCHER_H
#define CMONHA_WATCH_WATCHER_H

#include "watch/settings.h"

/*
 * Runs until a signal ends the process, or until `program`, the path of its own file,
 * is another file than at the start: then it returns, to be started again. SIGHUP makes
 * it read the settings again. `root` is the directory that all paths are below; "":
 * this machine. If it exits, what it has written last stays in force.
 */
void watcher_run(const char *root, const char *program, struct settings *settings);

#endif
