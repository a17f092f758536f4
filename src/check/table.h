/*
 * All connections: how many there may be, in which order their time runs out, and which
 * one has to go when there is no more room.
 */
#ifndef CMONHA_CHECK_TABLE_H
#define CMONHA_CHECK_TABLE_H

#include "check/connection.h"

#define CONNECTIONS_MAX 1024
#define STRANGERS_MAX   32 /* of them from addresses that may not ask */

/* Oldest first. All of a list have the same time to live, so it is by deadline too. */
struct queue {
	struct connection *first, *last;
};

struct table {
	struct connection *all;
	size_t room;
	size_t used; /* places ever used: the rest was never touched */
	struct connection *free;
	struct queue open;     /* not answered in full yet */
	struct queue answered; /* draining */
	size_t count, strangers;
};

void table_create(struct table *table, size_t room);
void table_free(struct table *table);

/* A new connection; one of the greediest asker's is closed for it if need be. */
struct connection *table_add(struct table *table, int fd, const struct address *from,
    bool allowed, clock_ms_t deadline, bool *dropped);
/* It has been answered and now drains, until then. */
void table_move_answered(
    struct table *table, struct connection *connection, clock_ms_t deadline);

/* Its place may be used again at once; its phase is PHASE_FREE until then. */
void table_close(struct table *table, struct connection *connection);

#endif
