#include "base/listener.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* The kernel replies during send(2); this limits a wait that should not happen. */
#define REPLY_MS 100

/* Requests all listening TCP sockets of the family, see sock_diag(7). */
static int
send_request(int fd, sa_family_t family)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} message = {
	    .header =
		{
		    .nlmsg_len = sizeof(message),
		    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	    .request =
		{
		    .sdiag_family = (__u8)family,
		    .sdiag_protocol = IPPROTO_TCP,
		    .idiag_ext = 0,
		    .idiag_states = 1u << TCP_LISTEN,
		},
	};

	return send(fd, &message, sizeof(message), 0) < 0 ? -1 : 0;
}

static bool
is_v6_only(const struct nlmsghdr *header)
{
	const struct inet_diag_msg *socket = NLMSG_DATA(header);
	const struct rtattr *attribute = (const struct rtattr *)(socket + 1);
	int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof(*socket)));

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if (attribute->rta_type == INET_DIAG_SKV6ONLY)
			return *(const __u8 *)RTA_DATA(attribute) != 0;
	return false;
}

static bool
matches(const struct nlmsghdr *header, const struct address *address, int port)
{
	const struct inet_diag_msg *found = NLMSG_DATA(header);
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct address bound = {.family = found->idiag_family};

	if (header->nlmsg_len < NLMSG_LENGTH(sizeof(*found)) ||
	    ntohs(found->id.idiag_sport) != port)
		return false;
	if (address->family == AF_UNSPEC)
		return true;
	if (found->idiag_family == AF_INET) {
		memcpy(&bound.v4, found->id.idiag_src, sizeof(bound.v4));
		if (bound.v4.s_addr == INADDR_ANY)
			return address->family == AF_INET;
		return address_equal(&bound, address);
	}
	memcpy(&in6.sin6_addr, found->id.idiag_src, sizeof(in6.sin6_addr));
	if (IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr))
		return address->family == AF_INET6 || !is_v6_only(header);
	/* An IPv4-mapped one comes back as IPv4. */
	return address_from_socket((struct sockaddr *)&in6, &bound) &&
	       address_equal(&bound, address);
}

/* The whole dump is read, or its rest would be read as the next reply. */
static enum listener
read_reply(int fd, const struct address *address, int port)
{
	union {
		struct nlmsghdr header;
		char bytes[16384];
	} buffer;
	enum listener result = LISTENER_NONE;

	for (;;) {
		ssize_t got = recv(fd, &buffer, sizeof(buffer), 0);
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return LISTENER_UNKNOWN;
		for (struct nlmsghdr *header = &buffer.header; NLMSG_OK(header, left);
		     header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type == NLMSG_DONE)
				return result;
			if (header->nlmsg_type == NLMSG_ERROR) {
				errno = EOPNOTSUPP;
				return LISTENER_UNKNOWN;
			}
			if (matches(header, address, port))
				result = LISTENER_FOUND;
		}
	}
}

enum listener
listener_find(const struct address *address, int port)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	const struct timeval limit = {.tv_usec = REPLY_MS * 1000};
	enum listener result = LISTENER_NONE;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return LISTENER_UNKNOWN;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		result = LISTENER_UNKNOWN;
	for (size_t i = 0; i < 2 && result == LISTENER_NONE; i++) {
		/* An IPv6 socket can accept IPv4 connections, but not the reverse. */
		if (families[i] == AF_INET && address->family == AF_INET6)
			continue;
		result = send_request(fd, families[i]) < 0
			     ? LISTENER_UNKNOWN
			     : read_reply(fd, address, port);
	}
	close(fd);
	return result;
}
