/*
 * What the program may do, and on what terms it lives: given up or set at the very
 * start, before a byte from the network is looked at.
 */
#ifndef CMONHA_CHECK_PRIVILEGES_H
#define CMONHA_CHECK_PRIVILEGES_H

#include <stdbool.h>

#define CHECK_USER "cmonha-ui"

/* root becomes CHECK_USER where there is one. Ends the program if that fails. */
void privileges_drop(void);

/* Little memory, enough descriptors, no new rights, no core with keys in it. */
void privileges_limit(void);

/* Ends with the parent: a check that outlives its xinetd would keep the port. */
void privileges_exit_with_parent(void);

/*
 * Takes the socket off descriptor 0 and puts /dev/null on 0 to 2: no message may ever
 * run into it. Returns where the socket is now.
 */
int privileges_detach_socket(void);

#endif
