/*
 * Whether the ports of this node are free, or used by the programs that should have
 * them. Makes no connection. Only root sees which programs listen; others see the user.
 */
#ifndef CMONHA_APPLY_PORTS_H
#define CMONHA_APPLY_PORTS_H

#include "cluster/problems.h"
#include "cluster/trusted_users.h"

/*
 * A port of HAProxy or of the check. A listener on any address, of either family,
 * conflicts with one on all addresses. `own`: the applied configuration has the port
 * already, so that only a program or a user that is known not to be ours is an error.
 */
void ports_check(int port, bool own, struct place place,
    const struct trusted_users *users, struct problems *problems);

/*
 * The ports of the controller and of its web interface, on the node's address: an error
 * if another user's program listens. `place` is that of listener_users.
 */
void ports_check_controller(const struct cluster *cluster, const struct node *self,
    struct place place, struct problems *problems);

#endif
