/*
 * One asker's connection, from accept to close: its request is read in full, the answer
 * written in full, our side shut and the other side read to its end, so that no answer
 * is ever lost to a reset. Nothing here waits.
 */
#ifndef CMONHA_CHECK_CONNECTION_H
#define CMONHA_CHECK_CONNECTION_H

#include "base/address.h"
#include "base/clock.h"
#include "base/text.h"
#include "check/http_request.h"

/* How long after our answer the asker may take to hang up. */
#define LINGER_MS 1000

enum phase {
	PHASE_FREE,
	PHASE_READING,
	PHASE_WAITING,  /* for a verdict */
	PHASE_WRITING,  /* what the socket did not take at once */
	PHASE_DRAINING, /* answered; what still comes is thrown away */
};

struct connection {
	int fd;
	enum phase phase;
	bool allowed;
	bool ended;       /* nothing more will come */
	bool answered;    /* in the table's queue of these */
	uint32_t watched; /* what epoll tells of it; 0: nothing yet */
	struct address from;
	clock_ms_t deadline;
	struct request request;
	struct text rest; /* of the answer */
	struct connection *previous, *next;
};

enum progress {
	PROGRESS_MORE,    /* nothing to do until the socket is ready */
	PROGRESS_REQUEST, /* it is whole, or bad */
	PROGRESS_CLOSED,  /* the connection is of no more use */
};

void connection_begin(struct connection *connection, int fd, const struct address *from,
    clock_ms_t deadline);

/* Reads what has come: a request, or what is to be thrown away. */
enum progress connection_read(struct connection *connection);

/* Sends the answer, as far as it goes; then shuts our side and drains. */
enum progress
connection_answer(struct connection *connection, const struct text *answer);
/* Goes on with it once the socket takes more. */
enum progress connection_write(struct connection *connection);

void connection_close(struct connection *connection);

#endif
