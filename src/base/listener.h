/*
 * Whether something on this machine listens on a TCP port, as the kernel knows it
 * (sock_diag(7)). No connection is made, so nobody's log notices the question.
 */
#ifndef CMONHA_BASE_LISTENER_H
#define CMONHA_BASE_LISTENER_H

#include "base/address.h"

enum listener {
	LISTENER_NONE,
	LISTENER_FOUND,
	LISTENER_UNKNOWN /* the kernel does not tell; errno says why */
};

/*
 * One that takes connections to `address`: bound to it, or to any address. With
 * AF_UNSPEC: one that is bound to any of the addresses, of either family.
 */
enum listener listener_find(const struct address *address, int port);

#endif
