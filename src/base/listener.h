/*
 * Whether a socket of this host listens on a TCP port, by sock_diag(7). No connection
 * is made, so that the listening program neither notices nor logs it.
 */
#ifndef CMONHA_BASE_LISTENER_H
#define CMONHA_BASE_LISTENER_H

#include <sys/types.h>

#include "base/address.h"

/* A program's name as the kernel keeps it, proc(5). */
#define LISTENER_NAME_MAX 64

enum listener {
	LISTENER_NONE,
	LISTENER_FOUND,
	LISTENER_UNKNOWN /* the kernel cannot be queried; see errno */
};

/*
 * A socket that accepts connections to `address`: bound to it, or to any address. With
 * AF_UNSPEC: one that is bound to whichever address, of either family.
 */
enum listener listener_find(const struct address *address, int port);

/*
 * The users whose sockets accept connections to `address`, as above: who made the
 * socket, not who uses it now. At most `size` different ones are filled in; returns how
 * many. 0 if none listens, or if the kernel cannot be queried. Needs no privileges.
 */
size_t
listener_users(const struct address *address, int port, uid_t *users, size_t size);

/*
 * How many services listen on the port, on any address of either family: 0 if none
 * does, or if the kernel cannot be queried. A socket belongs to the control group
 * (cgroups(7), version 2) of the process that made it, which for systemd is the
 * service; all are one before Linux 5.9 and with version 1. Needs no privileges.
 */
size_t listener_services(int port);

/*
 * The programs whose sockets accept connections to `address`, as above. At most `size`
 * different ones are filled in; returns how many. Only root sees the programs of
 * others: of sockets whose program is not seen the users are listed, with the name ""
 * and the PID 0. None if the kernel cannot be queried.
 */
struct listener_program {
	char name[LISTENER_NAME_MAX]; /* as in /proc/PID/comm, which it can change */
	int pid;                      /* the oldest, if several share the socket */
	uid_t user;                   /* who made the socket, as above */
};
size_t listener_programs(const struct address *address, int port,
    struct listener_program *programs, size_t size);

#endif
