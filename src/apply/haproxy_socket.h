/*
 * What our HAProxy says on its socket.
 */
#ifndef CMONHA_APPLY_HAPROXY_SOCKET_H
#define CMONHA_APPLY_HAPROXY_SOCKET_H

#include "base/clock.h"
#include "base/text.h"

#define HAPROXY_SOCKET       "/run/cmonha-ui/haproxy.sock"
#define HAPROXY_ALIVE_SOCKET "/run/cmonha-ui/alive.sock"
/* Of the master, which knows the worker processes. It ends only after a "quit". */
#define HAPROXY_MASTER_SOCKET "/run/cmonha-ui/master.sock"

/* Appends the answer to one command. 0, or -1 with errno and no message. */
int haproxy_query(const char *socket_path, const char *command, clock_ms_t deadline,
    struct text *answer);

#endif
