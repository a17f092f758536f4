/*
 * One verdict without a thread: for a single connection, as from xinetd with wait = no,
 * and for the command line. Owns the connection until it is closed; never listens.
 */
#ifndef CMONHA_CHECK_ONCE_H
#define CMONHA_CHECK_ONCE_H

#include "probe/config.h"

/* Reads one request from the socket, responds and closes. Returns the exit status. */
int once_serve(const struct config *config, int fd);

/* Prints the verdict. Returns the exit status: 0 leader, 1 follower, 2 unknown. */
int once_print(const struct config *config, bool json);

#endif
