/*
 * Which hosts of the same link answer for an address: ARP (RFC 826) for IPv4, neighbour
 * solicitation (RFC 4861) for IPv6. Needs CAP_NET_RAW; changes nothing on this host.
 */
#ifndef CMONHA_BASE_NEIGHBOUR_H
#define CMONHA_BASE_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/network.h"

#define MAC_LENGTH 6

struct neighbour {
	struct address address;
	bool answered;
	unsigned char mac[MAC_LENGTH]; /* if it answered */
};

/*
 * Queries all of the list at once on the interface, every 200 ms, until all have
 * answered or the time is over. The sender is one of the host's own `addresses`; the
 * first `probes` of the list are queried without a sender in IPv4, as RFC 5227 demands
 * for an address that may be in use. 0, or -1 with errno:
 * EPERM, or ENOTSUP if the interface is not Ethernet.
 */
int neighbour_query(const char *interface, const struct local_addresses *addresses,
    struct neighbour *list, size_t count, size_t probes, int milliseconds);

#endif
