/*
 * cmonhachk: reports whether this node's controller is the leader. The kind of
 * descriptor 0 decides how it is queried; cmonhachk(8) documents that.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/process.h"
#include "check/once.h"
#include "check/options.h"
#include "check/privileges.h"
#include "check/server.h"

enum input { INPUT_OTHER, INPUT_LISTENER, INPUT_CONNECTION };

/* A stream socket of another family is a terminal's or ssh's, not a client's. */
static enum input
find_input(void)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int type = 0, listens = 0;
	socklen_t size = sizeof(int);

	if (getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
	    type != SOCK_STREAM ||
	    getsockname(0, (struct sockaddr *)&address, &length) < 0 ||
	    (address.ss_family != AF_INET && address.ss_family != AF_INET6))
		return INPUT_OTHER;
	size = sizeof(int);
	if (getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens)
		return INPUT_LISTENER;
	return INPUT_CONNECTION;
}

int
main(int argc, char **argv)
{
	enum input input;
	struct config *config;
	struct options options;
	int fd = -1, status;

	process_prepare();
	input = find_input();
	if (input == INPUT_OTHER) {
		log_to_stderr("cmonhachk");
	} else {
		log_to_syslog("cmonhachk");
		fd = privileges_detach_socket();
	}
	options_parse(argc, argv, &options);
	if (*options.config.fault && input == INPUT_OTHER)
		log_fatal(EX_USAGE, "%s (try --help)", options.config.fault);
	privileges_drop(CHECK_USER);
	privileges_limit();
	if (options.end_with_parent)
		privileges_exit_with_parent();
	config = config_create(&options.config);
	if (input == INPUT_LISTENER)
		status = server_run(config, fd);
	else if (input == INPUT_CONNECTION)
		status = once_serve(config, fd);
	else if (config->unusable == REASON_NOT_CONFIGURED ||
		 config->unusable == REASON_NOT_A_NODE)
		status = EX_CONFIG;
	else
		status = once_print(config, options.json);
	free(config);
	return status;
}
