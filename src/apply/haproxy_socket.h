/*
 * Commands to the HAProxy that cmonha-ui runs, over its sockets (management guide, 9).
 */
#ifndef CMONHA_APPLY_HAPROXY_SOCKET_H
#define CMONHA_APPLY_HAPROXY_SOCKET_H

#include "apply/machine.h"
#include "base/clock.h"
#include "base/text.h"

#define HAPROXY_SOCKET       "/run/cmonha-ui/haproxy.sock"
#define HAPROXY_ALIVE_SOCKET "/run/cmonha-ui/alive.sock"
/* Of the master, which knows the worker processes. It closes only after a "quit". */
#define HAPROXY_MASTER_SOCKET "/run/cmonha-ui/master.sock"

/*
 * Appends the output of one command, sent to one of the sockets above. 0, or -1 with
 * errno and no message.
 */
int haproxy_query(const struct machine *machine, const char *socket,
    const char *command, clock_ms_t deadline, struct text *output);

#endif
