#include "probe/ui_port.h"

#include <unistd.h>

#include "base/listener.h"
#include "base/network.h"

/* To this machine's own address a connection takes no time, or never comes about. */
#define CONNECT_MS 200

bool
ui_port_accepts(const struct address *address, int port)
{
	int fd;

	if (listener_find(address, port) == LISTENER_FOUND)
		return true;
	fd = network_connect(address, port, clock_now() + CONNECT_MS);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}
