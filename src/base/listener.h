/*
 * Whether a socket of this host listens on a TCP port, by sock_diag(7). No connection
 * is made, so that the listening program neither notices nor logs it.
 */
#ifndef CMONHA_BASE_LISTENER_H
#define CMONHA_BASE_LISTENER_H

#include "base/address.h"

enum listener {
	LISTENER_NONE,
	LISTENER_FOUND,
	LISTENER_UNKNOWN /* the kernel cannot be queried; see errno */
};

/*
 * A socket that accepts connections to `address`: bound to it, or to any address. With
 * AF_UNSPEC: one that is bound to whichever address, of either family.
 */
enum listener listener_find(const struct address *address, int port);

#endif
