/*
 * What the watcher must know of this node: the file watch.conf, which `apply` renders.
 */
#ifndef CMONHA_WATCH_SETTINGS_H
#define CMONHA_WATCH_SETTINGS_H

#include <net/if.h>
#include <stdbool.h>

#include "base/address.h"

#define SETTINGS_FILE "/etc/cmonha-ui/watch.conf"

struct settings {
	struct address address;      /* the node's own */
	char interface[IF_NAMESIZE]; /* of the virtual IP */
	bool cut_sessions; /* old HAProxy workers exit when the leader changes */
};

/* Reads and parses the file. 0, or -1 after messages; `settings` is then unchanged. */
int settings_read(const char *path, struct settings *settings);

#endif
