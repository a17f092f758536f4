/*
 * This node's own address and the interface of the virtual IP, as the kernel has them
 * now. rtnetlink(7) says that something changed; what it is, is then looked up.
 */
#ifndef CMONHA_WATCH_OWN_NETWORK_H
#define CMONHA_WATCH_OWN_NETWORK_H

#include <stdbool.h>

#include "base/network.h"
#include "watch/settings.h"

struct own_network {
	int fd;           /* -1: the kernel reports no changes; see own_network_open */
	bool has_address; /* the node's own address is on one of its interfaces */
	unsigned number;  /* of the interface, 0: it does not exist */
	bool is_running;  /* the interface is up and has a carrier */
	struct local_addresses *addresses; /* of the last look */
};

/*
 * Subscribes to changes. Without them the caller's regular looks must do; then there is
 * a message. Nothing is known until the first look.
 */
void own_network_open(struct own_network *network);

/* Reads what the kernel has reported; returns whether it is time to look again. */
bool own_network_changed(struct own_network *network);

/* 0, or -1 after a message, and what is known is unchanged. */
int own_network_look(struct own_network *network, const struct settings *settings);

#endif
