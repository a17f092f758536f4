/*
 * Commands to the HAProxy that cmonha-ui runs, over its sockets (management guide, 9).
 */
#ifndef CMONHA_BASE_HAPROXY_SOCKET_H
#define CMONHA_BASE_HAPROXY_SOCKET_H

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"

#define HAPROXY_SOCKET RUNTIME_DIRECTORY "/haproxy.sock"
/* Of the master, which knows the worker processes. It closes only after a "quit". */
#define HAPROXY_MASTER_SOCKET RUNTIME_DIRECTORY "/master.sock"
/* Of the master, the parent of the workers; written at a start and at a reload. */
#define HAPROXY_PID_FILE RUNTIME_DIRECTORY "/haproxy.pid"

/*
 * Appends the output of one command, sent to one of the sockets above, below the
 * directory `root` ("": this machine). 0, or -1 with errno and no message.
 */
int haproxy_query(const char *root, const char *socket, const char *command,
    clock_ms_t deadline, struct text *output);

#endif
