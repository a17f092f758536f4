/*
 * Whether another node can be reached since this node's link came up. A switch may not
 * forward frames for some seconds then (spanning tree, LACP): a keepalived that hears
 * nobody meanwhile becomes active, and with the higher priority stays so when the port
 * forwards, though another node has held the virtual IP all the time.
 */
#ifndef CMONHA_WATCH_PEERS_H
#define CMONHA_WATCH_PEERS_H

#include <stdbool.h>

#include "base/clock.h"
#include "watch/settings.h"

/* Peers that cannot be reached for so long are off, and this node may be alone. */
#define PEERS_WAIT_MS 5000

struct peers {
	clock_ms_t until;        /* 0: no peer is awaited */
	int attempts[NODES_MAX]; /* connections that are not made yet, or -1 */
};

void peers_init(struct peers *peers);

/* The link has come up: waits until a peer answers, or PEERS_WAIT_MS. */
void peers_await(struct peers *peers, const struct settings *settings);

/*
 * Tries to connect to every peer; to be called every tick while they are awaited. The
 * attempts of the tick before end: TCP itself would repeat a lost packet a second
 * later.
 */
void peers_ask(struct peers *peers, const struct settings *settings);

/*
 * Ends the wait if one has answered, or if none has in time. A connection, or its
 * refusal, shows that frames pass in both directions.
 */
void peers_read(struct peers *peers);

bool peers_are_awaited(const struct peers *peers);

#endif
