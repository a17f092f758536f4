/*
 * IPv4 and IPv6 addresses and prefixes as plain values. No look-ups, no host names.
 */
#ifndef CMONHA_BASE_ADDRESS_H
#define CMONHA_BASE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_MAX (INET6_ADDRSTRLEN + 8) /* with brackets or "/128" */

struct address {
	sa_family_t family; /* AF_INET, AF_INET6; AF_UNSPEC: none */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

/* An address and the length of its network part in bits; -1: not given. */
struct prefix {
	struct address address;
	int length;
};

/* Numeric only. NULL, or a static reason as value.h describes; see inet_pton(3). */
const char *address_parse(const char *text, struct address *address);
const char *prefix_parse(const char *text, struct prefix *prefix);

/* Text, into a buffer of ADDRESS_TEXT_MAX bytes, which is returned. */
const char *address_format(const struct address *address, char *buffer);
const char *prefix_format(const struct prefix *prefix, char *buffer);
/* As in a URL, RFC 3986 3.2.2: an IPv6 address in brackets. */
const char *address_format_url(const struct address *address, char *buffer);

bool address_equal(const struct address *a, const struct address *b);
bool address_is_loopback(const struct address *address);
/* Whether the address is in the network of the prefix; length -1: equal to it. */
bool prefix_contains(const struct prefix *prefix, const struct address *address);
/*
 * Makes an IPv4-mapped prefix (::ffff:10.0.0.0/104) one of IPv4 (10.0.0.0/8), and
 * leaves others as they are. NULL, or why that is impossible.
 */
const char *prefix_unmap(struct prefix *prefix);
/* NULL, or why it cannot be the address of a host that other hosts reach. */
const char *address_unusable(const struct address *address);
/* NULL, or why the address cannot be a host's in the network of its length. */
const char *prefix_unusable(const struct prefix *prefix);

/* To and from sockaddr(3); an IPv4-mapped address is converted to IPv4. */
socklen_t address_to_socket(
    const struct address *address, int port, struct sockaddr_storage *socket_address);
bool
address_from_socket(const struct sockaddr *socket_address, struct address *address);

#endif
