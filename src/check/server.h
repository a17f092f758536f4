/*
 * The resident check: serves a listening socket until it is terminated, or until the
 * files that it depends on have changed; then the listener's owner (systemd, xinetd)
 * starts it again at the next connection. Owns the event loop and the connections; what
 * is answered is the responder's.
 */
#ifndef CMONHA_CHECK_SERVER_H
#define CMONHA_CHECK_SERVER_H

#include "probe/config.h"

/*
 * Takes ownership of the socket. Returns the exit status after SIGTERM or SIGINT, which
 * it blocks, when all clients that connected before have their response.
 */
int server_run(const struct config *config, int listener);

#endif
