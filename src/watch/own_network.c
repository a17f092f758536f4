#include "watch/own_network.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

static int
subscribe(void)
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK,
	    .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
	int fd =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void
own_network_open(struct own_network *network)
{
	*network = (struct own_network){
	    .fd = subscribe(), .addresses = allocate(sizeof(*network->addresses))};
	if (network->fd < 0)
		log_warn("the kernel does not report changes of addresses");
}

/* The messages themselves do not matter; nor that some were lost (ENOBUFS). */
bool
own_network_changed(struct own_network *network)
{
	char bytes[8192];
	bool changed = false;
	ssize_t got;

	while (network->fd >= 0 &&
	       ((got = recv(network->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0 ||
		   errno == ENOBUFS || errno == EINTR))
		changed = true;
	return changed;
}

static bool
interface_runs(const char *name)
{
	struct ifreq request = {.ifr_flags = 0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool runs;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	runs = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0 &&
	       (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
	if (fd >= 0)
		close(fd);
	return runs;
}

int
own_network_look(struct own_network *network, const struct settings *settings)
{
	if (network_local_addresses(network->addresses) < 0)
		return -1;
	network->has_address =
	    network_find(network->addresses, &settings->address) != NULL;
	network->number = if_nametoindex(settings->interface);
	network->is_running = network->number && interface_runs(settings->interface);
	return 0;
}
