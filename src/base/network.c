#include "base/network.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/stream.h"

static int
count_ones(const struct address *mask)
{
	const unsigned char *bytes = mask->family == AF_INET
					 ? (const unsigned char *)&mask->v4
					 : mask->v6.s6_addr;
	size_t length = mask->family == AF_INET ? 4 : 16;
	int ones = 0;

	for (size_t i = 0; i < length; i++)
		ones += __builtin_popcount(bytes[i]);
	return ones;
}

int
network_local_addresses(struct local_addresses *addresses)
{
	struct ifaddrs *list;
	struct address mask;

	addresses->count = 0;
	if (getifaddrs(&list) < 0) {
		log_warn("cannot list the addresses of this host");
		return -1;
	}
	for (struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
		struct local_address *local = &addresses->at[addresses->count];

		if (addresses->count == LOCAL_ADDRESSES_MAX) {
			log_warnx("this host has more than %d addresses; the others "
				  "are ignored",
			    LOCAL_ADDRESSES_MAX);
			break;
		}
		if (!entry->ifa_addr || !entry->ifa_netmask ||
		    !address_from_socket(entry->ifa_addr, &local->prefix.address))
			continue;
		/* The family field of the mask is not always set. */
		entry->ifa_netmask->sa_family = entry->ifa_addr->sa_family;
		if (!address_from_socket(entry->ifa_netmask, &mask))
			continue;
		local->prefix.length = count_ones(&mask);
		/* An IPv4 address with a label has it here ("eth0:0"). */
		snprintf(local->interface, sizeof(local->interface), "%.*s",
		    (int)strcspn(entry->ifa_name, ":"), entry->ifa_name);
		addresses->count++;
	}
	freeifaddrs(list);
	return 0;
}

const struct local_address *
network_find(const struct local_addresses *addresses, const struct address *address)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (address_equal(&addresses->at[i].prefix.address, address))
			return &addresses->at[i];
	return NULL;
}

/* A route as rtnetlink(7) lists it. */
static bool
reaches(const struct nlmsghdr *header, int index, const struct address *address)
{
	const struct rtmsg *route = NLMSG_DATA(header);
	const struct rtattr *attribute = RTM_RTA(route);
	struct prefix to = {
	    .address.family = route->rtm_family, .length = route->rtm_dst_len};
	int left = (int)RTM_PAYLOAD(header), out = 0;

	if (route->rtm_family != address->family || route->rtm_type != RTN_UNICAST ||
	    route->rtm_table == RT_TABLE_LOCAL)
		return false;
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		size_t size = RTA_PAYLOAD(attribute);

		if (attribute->rta_type == RTA_GATEWAY ||
		    attribute->rta_type == RTA_VIA)
			return false;
		if (attribute->rta_type == RTA_OIF && size == sizeof(out))
			memcpy(&out, RTA_DATA(attribute), sizeof(out));
		if (attribute->rta_type == RTA_DST && size <= sizeof(to.address.v6))
			memcpy(&to.address.v6, RTA_DATA(attribute), size);
	}
	return out == index && prefix_contains(&to, address);
}

bool
network_is_on_link(const char *interface, const struct address *address)
{
	struct {
		struct nlmsghdr header;
		struct rtmsg route;
	} request = {
	    .header = {.nlmsg_len = sizeof(request),
		.nlmsg_type = RTM_GETROUTE,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	    .route = {.rtm_family = (unsigned char)address->family},
	};
	const struct timeval limit = {.tv_sec = 1};
	int index = (int)if_nametoindex(interface);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	bool found = false, more = fd >= 0 && index > 0;
	union {
		struct nlmsghdr header;
		char bytes[32768];
	} buffer;

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	more = more && send(fd, &request, sizeof(request), 0) >= 0;
	while (more && !found) {
		int left = (int)recv(fd, &buffer, sizeof(buffer), 0);

		more = left > 0;
		for (struct nlmsghdr *header = &buffer.header;
		     more && NLMSG_OK(header, left);
		     header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type == NLMSG_DONE ||
			    header->nlmsg_type == NLMSG_ERROR)
				more = false;
			else if (reaches(header, index, address))
				found = true;
		}
	}
	if (fd >= 0)
		close(fd);
	return found;
}

/* Closes the socket, and keeps errno. */
static int
give_up(int fd)
{
	int kept_errno = errno;

	close(fd);
	errno = kept_errno;
	return -1;
}

/* A non-blocking socket; `*pending` is set unless it is connected already. */
static int
begin_connection(const struct sockaddr *to, socklen_t length, bool *pending)
{
	int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	*pending = connect(fd, to, length) < 0;
	return *pending && errno != EINPROGRESS ? give_up(fd) : fd;
}

int
network_finish_connect(int fd)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return -1;
	errno = error;
	return error ? -1 : 0;
}

int
network_begin_connect(const struct address *address, int port)
{
	struct sockaddr_storage to;
	socklen_t length = address_to_socket(address, port, &to);
	bool pending;

	return begin_connection((struct sockaddr *)&to, length, &pending);
}

static int
open_connection(const struct sockaddr *to, socklen_t length, clock_ms_t deadline)
{
	bool pending;
	int fd = begin_connection(to, length, &pending);

	if (fd >= 0 && pending &&
	    (stream_wait(fd, POLLOUT, deadline) < 0 || network_finish_connect(fd) < 0))
		return give_up(fd);
	return fd;
}

int
network_connect(const struct address *address, int port, clock_ms_t deadline)
{
	struct sockaddr_storage to;
	socklen_t length = address_to_socket(address, port, &to);

	return open_connection((struct sockaddr *)&to, length, deadline);
}

int
network_connect_path(const char *path, clock_ms_t deadline)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	if ((size_t)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path) >=
	    sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open_connection((struct sockaddr *)&to, sizeof(to), deadline);
}
