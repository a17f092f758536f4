/*
 * cmonhachk: tells whether this node's controller is the leader. What descriptor 0 is
 * decides how it is asked; DESIGN and cmonhachk(8) tell the contract.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/log.h"
#include "check/once.h"
#include "check/options.h"
#include "check/privileges.h"
#include "check/server.h"

enum way { WAY_COMMAND, WAY_LISTENER, WAY_CONNECTION };

/* A stream socket of another family is a terminal's or ssh's, not an asker. */
static enum way
find_way(void)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int type = 0, listens = 0;
	socklen_t size = sizeof(int);

	if (getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
	    type != SOCK_STREAM ||
	    getsockname(0, (struct sockaddr *)&address, &length) < 0 ||
	    (address.ss_family != AF_INET && address.ss_family != AF_INET6))
		return WAY_COMMAND;
	size = sizeof(int);
	return getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens
		   ? WAY_LISTENER
		   : WAY_CONNECTION;
}

static int
serve(enum way way, const struct config *config, int fd)
{
	return way == WAY_LISTENER ? server_run(config, fd) : once_serve(config, fd);
}

int
main(int argc, char **argv)
{
	enum way way = find_way();
	struct config *config;
	struct options options;
	int fd = -1, status;

	if (way == WAY_COMMAND) {
		log_to_stderr("cmonhachk");
	} else {
		log_to_syslog("cmonhachk");
		fd = privileges_detach_socket();
	}
	options_read(argc, argv, &options);
	if (*options.fault && way == WAY_COMMAND)
		log_fatal(EX_USAGE, "%s; try --help", options.fault);
	privileges_drop();
	privileges_limit();
	if (options.end_with_parent)
		privileges_exit_with_parent();
	config = config_create(&options);
	if (way != WAY_COMMAND)
		status = serve(way, config, fd);
	else if (config->unusable == REASON_NOT_CONFIGURED ||
		 config->unusable == REASON_NOT_A_NODE)
		status = EX_CONFIG;
	else
		status = once_print(config, options.json);
	free(config);
	return status;
}
