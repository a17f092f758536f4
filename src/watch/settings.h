/*
 * What the watcher must know of this node: the file watch.conf, which `apply` renders.
 */
#ifndef CMONHA_WATCH_SETTINGS_H
#define CMONHA_WATCH_SETTINGS_H

#include <net/if.h>
#include <stdbool.h>

#include "cluster/cluster.h"

#define SETTINGS_FILE "/etc/cmonha-ui/watch.conf"

struct peer_list {
	struct address at[NODES_MAX];
	size_t count;
};

struct settings {
	struct address address;      /* the node's own */
	struct peer_list peers;      /* the other nodes with HAProxy and keepalived */
	int peer_port;               /* which each of them listens on */
	char interface[IF_NAMESIZE]; /* of the virtual IP */
	bool cut_sessions; /* old HAProxy workers exit when the leader changes */
};

/* Reads and parses the file. 0, or -1 after messages; `settings` is then unchanged. */
int settings_read(const char *path, struct settings *settings);

#endif
