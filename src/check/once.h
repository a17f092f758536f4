/*
 * One verdict, without a thread: for a connection that came with the program, as from
 * xinetd with wait = no, and for the command line.
 */
#ifndef CMONHA_CHECK_ONCE_H
#define CMONHA_CHECK_ONCE_H

#include "probe/config.h"

/* Reads one request from the socket, answers it and closes. Returns the exit status. */
int once_serve(const struct config *config, int fd);

/* Prints the verdict; 0 leader, 1 follower, 2 anything else. */
int once_print(const struct config *config, bool json);

#endif
