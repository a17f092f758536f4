/*
 * The addresses of this host, and connections with a deadline.
 */
#ifndef CMONHA_BASE_NETWORK_H
#define CMONHA_BASE_NETWORK_H

#include <net/if.h>
#include <stddef.h>

#include "base/address.h"
#include "base/clock.h"

/* Addresses beyond these are ignored, with a message. */
#define LOCAL_ADDRESSES_MAX 4096

struct local_address {
	char interface[IF_NAMESIZE];
	struct prefix prefix; /* the address with the length of its subnet */
};

struct local_addresses {
	struct local_address at[LOCAL_ADDRESSES_MAX];
	size_t count;
};

/* The addresses of this host, loopback included. 0, or -1 after a message. */
int network_local_addresses(struct local_addresses *addresses);

/* The entry with this address, or NULL. */
const struct local_address *
network_find(const struct local_addresses *addresses, const struct address *address);

/*
 * Whether a route of this host, in any table but the local one, reaches the address on
 * that interface without a gateway. False too if the routes cannot be read.
 */
bool network_is_on_link(const char *interface, const struct address *address);

/* A connected TCP socket, close-on-exec and non-blocking; or -1 with errno. */
int network_connect(const struct address *address, int port, clock_ms_t deadline);

/*
 * Begins to connect: a TCP socket, close-on-exec and non-blocking, that polls as
 * writable when it is connected or refused (connect(2), EINPROGRESS); or -1 with errno.
 */
int network_begin_connect(const struct address *address, int port);

/*
 * How that has ended, when the socket polls as writable: 0, or -1 with errno. To be
 * asked once, since the kernel forgets the error.
 */
int network_finish_connect(int fd);

/* The same as network_connect() for a Unix stream socket. ENAMETOOLONG: see unix(7). */
int network_connect_path(const char *path, clock_ms_t deadline);

#endif
