/*
 * Servers of a test: a process that answers each connection with what a file of the
 * scratch directory holds at that moment, and logs the request to FILE.requests. They
 * are killed with the test.
 */
#ifndef CMONHA_UNIT_LISTENING_H
#define CMONHA_UNIT_LISTENING_H

#include "base/address.h"

/* A socket that listens on a port of the kernel's choice, of any address or of one. */
int listening_socket(const struct address *address, int *port);

/*
 * A process that calls `answer` for each connection of the socket, and closes it. The
 * socket is the process's from then on.
 */
void listening_serve(
    int listener, void (*answer)(int fd, const void *context), const void *context);

/* On a loopback address ("127.0.0.1"); returns the port. */
int listening_tcp(const char *host, const char *file);
/* On a socket at that path of the scratch directory, whose directories are made. */
void listening_unix(const char *path, const char *file);

/* Kills all servers; for a test that needs one to be gone. */
void listening_stop(void);

#endif
