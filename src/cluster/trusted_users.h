/*
 * The users whose listeners are believed: root and those of `listener_users`. Anybody
 * with an account can listen on a port above 1023 while the program that should is
 * down. Owns no state, and makes no connection.
 */
#ifndef CMONHA_CLUSTER_TRUSTED_USERS_H
#define CMONHA_CLUSTER_TRUSTED_USERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "cluster/cluster.h"

#define USERS_MAX 32

struct trusted_users {
	uid_t at[USERS_MAX]; /* root's first */
	size_t count;
};

/* The cluster file is the same on all nodes: one without such a user trusts fewer. */
void trusted_users_find(struct trusted_users *users, const struct cluster *cluster);

/*
 * Whether a listener of that user on that port is believed. Below 1024 all are: Linux
 * lets nobody listen there without root's permission (CAP_NET_BIND_SERVICE).
 */
bool trusted_users_have(const struct trusted_users *users, int port, uid_t user);

/*
 * Whether another user has a socket that accepts connections to the address (AF_UNSPEC:
 * to any); if so `user` is that one.
 */
bool trusted_users_find_foreign(const struct trusted_users *users,
    const struct address *address, int port, uid_t *user);

#endif
