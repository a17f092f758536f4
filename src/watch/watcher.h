/*
 * The resident loop: asks HAProxy, listens to the kernel and to keepalived, tells
 * keepalived whether this node may hold the virtual IP, and writes watch.json.
 */
#ifndef CMONHA_WATCH_WATCHER_H
#define CMONHA_WATCH_WATCHER_H

#include "watch/settings.h"

/*
 * Runs until a signal ends the process, or until another version of its program or of a
 * library that it uses is installed: then it returns, to be started again. SIGHUP makes
 * it read the settings again. `root` is the directory that all paths are below; "":
 * this machine. If it exits, what it has written last stays in force.
 */
void watcher_run(const char *root, struct settings *settings);

#endif
