/*
 * Privileges and limits of the process: dropped or set at the very start, before a byte
 * from the network is read. Owns no state; never gains anything.
 */
#ifndef CMONHA_CHECK_PRIVILEGES_H
#define CMONHA_CHECK_PRIVILEGES_H

#include <stdbool.h>

/* The packages create it; also used by keepalived's script. */
#define CHECK_USER "cmonha-ui"

/* root changes to this user if it exists. Exits if that fails. */
void privileges_drop(const char *name);

/* Little memory, enough descriptors, no new privileges, no core dump with keys in it.
 */
void privileges_limit(void);

/*
 * SIGTERM when xinetd, the parent, exits: a check that outlives it would keep the port.
 * Exits if the parent has done so before.
 */
void privileges_exit_with_parent(void);

/*
 * Moves the socket from descriptor 0 and opens /dev/null as 0 to 2, so that no message
 * is ever written to it. Returns its new, close-on-exec descriptor.
 */
int privileges_detach_socket(void);

#endif
