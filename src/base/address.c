#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/value.h"

/* The bits before the IPv4 address in an IPv4-mapped one: RFC 4291, 2.5.5.2. */
#define MAPPED_LENGTH 96

const char *
address_parse(const char *text, struct address *address)
{
	struct address found = {0};

	if (inet_pton(AF_INET, text, &found.v4) == 1)
		found.family = AF_INET;
	else if (inet_pton(AF_INET6, text, &found.v6) == 1)
		found.family = AF_INET6;
	else
		return "is not an IPv4 or IPv6 address";
	*address = found;
	return NULL;
}

static int
longest_prefix(const struct address *address)
{
	return address->family == AF_INET ? 32 : 128;
}

const char *
prefix_parse(const char *text, struct prefix *prefix)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	struct prefix found = {.length = -1};
	const char *reason;
	int64_t bits;

	if (length >= sizeof(address))
		return "is not an IPv4 or IPv6 address";
	memcpy(address, text, length);
	address[length] = '\0';
	reason = address_parse(address, &found.address);
	if (reason)
		return reason;
	if (slash) {
		if (value_number(slash + 1, 0, longest_prefix(&found.address), &bits))
			return "has an invalid prefix length";
		found.length = (int)bits;
	}
	*prefix = found;
	return NULL;
}

const char *
address_format(const struct address *address, char *buffer)
{
	if (address->family == AF_UNSPEC ||
	    !inet_ntop(address->family, &address->v6, buffer, ADDRESS_TEXT_MAX))
		memcpy(buffer, "none", sizeof("none"));
	return buffer;
}

const char *
address_format_url(const struct address *address, char *buffer)
{
	char plain[ADDRESS_TEXT_MAX];

	if (address->family != AF_INET6)
		return address_format(address, buffer);
	inet_ntop(AF_INET6, &address->v6, plain, INET6_ADDRSTRLEN);
	snprintf(buffer, ADDRESS_TEXT_MAX, "[%.*s]", INET6_ADDRSTRLEN, plain);
	return buffer;
}

const char *
prefix_format(const struct prefix *prefix, char *buffer)
{
	size_t length;

	address_format(&prefix->address, buffer);
	length = strlen(buffer);
	if (prefix->length >= 0)
		snprintf(
		    buffer + length, ADDRESS_TEXT_MAX - length, "/%d", prefix->length);
	return buffer;
}

static const unsigned char *
address_bytes(const struct address *address)
{
	if (address->family == AF_INET)
		return (const unsigned char *)&address->v4;
	return address->v6.s6_addr;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->family != AF_UNSPEC &&
	       memcmp(address_bytes(a), address_bytes(b),
		   (size_t)longest_prefix(a) / 8) == 0;
}

bool
address_is_loopback(const struct address *address)
{
	if (address->family == AF_INET)
		return address_bytes(address)[0] == 127;
	return address->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address->v6);
}

bool
prefix_contains(const struct prefix *prefix, const struct address *address)
{
	const unsigned char *a = address_bytes(&prefix->address);
	const unsigned char *b = address_bytes(address);
	int bits = prefix->length;

	if (bits < 0)
		return address_equal(&prefix->address, address);
	if (prefix->address.family != address->family)
		return false;
	if (memcmp(a, b, (size_t)bits / 8) != 0)
		return false;
	return bits % 8 == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8) == 0;
}

const char *
prefix_unmap(struct prefix *prefix)
{
	struct in6_addr mapped = prefix->address.v6;

	if (prefix->address.family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&mapped))
		return NULL;
	if (prefix->length >= 0 && prefix->length < MAPPED_LENGTH)
		return "is an IPv4-mapped network: write it as IPv4";
	prefix->address = (struct address){.family = AF_INET};
	memcpy(&prefix->address.v4, &mapped.s6_addr[MAPPED_LENGTH / 8],
	    sizeof(prefix->address.v4));
	if (prefix->length >= 0)
		prefix->length -= MAPPED_LENGTH;
	return NULL;
}

const char *
address_unusable(const struct address *address)
{
	const unsigned char *bytes = address_bytes(address);

	if (address_is_loopback(address))
		return "is a loopback address, which other nodes cannot reach";
	if (address->family == AF_INET) {
		if (bytes[0] == 0)
			return "is not a host's address";
		if (bytes[0] >= 224)
			return "is a multicast or broadcast address";
		return NULL;
	}
	if (IN6_IS_ADDR_UNSPECIFIED(&address->v6))
		return "is not a host's address";
	if (IN6_IS_ADDR_MULTICAST(&address->v6))
		return "is a multicast address";
	if (IN6_IS_ADDR_LINKLOCAL(&address->v6))
		return "is a link-local address: give a global or unique local one";
	if (IN6_IS_ADDR_V4MAPPED(&address->v6))
		return "is an IPv4-mapped address: write it as IPv4";
	return NULL;
}

/*
 * A network of one or two addresses has hosts only: RFC 3021 and RFC 6164. In others
 * the first address is the network's (IPv6: that of its routers, RFC 4291 2.6.1), and
 * the last one is for broadcast in IPv4.
 */
const char *
prefix_unusable(const struct prefix *prefix)
{
	const unsigned char *bytes = address_bytes(&prefix->address);
	int longest = longest_prefix(&prefix->address);
	bool all_zero = true, all_one = true;

	if (prefix->length == 0)
		return "has the prefix length 0: that is every address, not a network";
	if (prefix->length < 0 || prefix->length >= longest - 1)
		return NULL;
	for (int bit = prefix->length; bit < longest; bit++) {
		if (bytes[bit / 8] & (0x80 >> bit % 8))
			all_zero = false;
		else
			all_one = false;
	}
	if (prefix->address.family == AF_INET6)
		return all_zero ? "is the anycast address of the routers of its network"
				: NULL;
	if (all_zero)
		return "is the address of a network, not of a host";
	return all_one ? "is the broadcast address of its network" : NULL;
}

socklen_t
address_to_socket(
    const struct address *address, int port, struct sockaddr_storage *socket_address)
{
	memset(socket_address, 0, sizeof(*socket_address));
	if (address->family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)socket_address;

		in->sin_family = AF_INET;
		in->sin_addr = address->v4;
		in->sin_port = htons((uint16_t)port);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)socket_address;

	in6->sin6_family = AF_INET6;
	in6->sin6_addr = address->v6;
	in6->sin6_port = htons((uint16_t)port);
	return sizeof(*in6);
}

bool
address_from_socket(const struct sockaddr *socket_address, struct address *address)
{
	struct address found = {.family = socket_address->sa_family};

	if (found.family == AF_INET) {
		found.v4 = ((const struct sockaddr_in *)socket_address)->sin_addr;
	} else if (found.family == AF_INET6) {
		found.v6 = ((const struct sockaddr_in6 *)socket_address)->sin6_addr;
		if (IN6_IS_ADDR_V4MAPPED(&found.v6)) {
			struct in_addr v4;

			memcpy(&v4, &found.v6.s6_addr[12], sizeof(v4));
			found = (struct address){.family = AF_INET, .v4 = v4};
		}
	} else {
		return false;
	}
	*address = found;
	return true;
}
