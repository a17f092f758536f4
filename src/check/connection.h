/*
 * One client's connection, from accept to close, and the list of all with its limits.
 * The request is read in full, the response written in full, the own side shut down and
 * the other side read to its end, so that no response is lost to a reset. Owns the
 * sockets; never waits, and never decides what is answered.
 */
#ifndef CMONHA_CHECK_CONNECTION_H
#define CMONHA_CHECK_CONNECTION_H

#include "base/address.h"
#include "base/clock.h"
#include "base/text.h"
#include "check/http_request.h"

#define CONNECTIONS_MAX 1024
#define STRANGERS_MAX   32 /* of them from clients that are not allowed */
/* How long after the response a client may take to close its side. */
#define LINGER_MS 1000

enum phase {
	PHASE_CLOSED,
	PHASE_READING,
	PHASE_WAITING,  /* for a verdict */
	PHASE_WRITING,  /* what the socket did not accept at once */
	PHASE_DRAINING, /* answered; what still arrives is discarded */
};

struct connection {
	int fd;
	enum phase phase;
	bool allowed;
	bool ended;      /* nothing more will arrive */
	bool answered;   /* in the list's queue of these */
	uint32_t events; /* registered with epoll; 0: none yet */
	uint64_t tag;    /* in epoll's events; 0: closed */
	clock_ms_t deadline;
	struct text unsent; /* of the response */
	struct connection *previous, *next;
	struct http_request request;
};

enum progress {
	PROGRESS_WAIT,    /* nothing to do until the socket is ready */
	PROGRESS_REQUEST, /* it is complete, or bad */
	PROGRESS_CLOSED,  /* the connection cannot be used any more */
};

void connection_init(
    struct connection *connection, int fd, bool allowed, clock_ms_t deadline);

/* Reads what has arrived: the request, or what is to be discarded. */
enum progress connection_read(struct connection *connection);

/* Sends as much of the response as possible; once all is sent, shuts down and drains.
 */
enum progress
connection_respond(struct connection *connection, const struct text *response);
/* Continues that when the socket accepts more. */
enum progress connection_write(struct connection *connection);

void connection_close(struct connection *connection);

/* Oldest first. All in a queue have the same time to live, so it is by deadline too. */
struct connection_queue {
	struct connection *first, *last;
};

struct connection_list {
	struct connection *slots;
	size_t limit;
	size_t used; /* slots ever used: the rest is not touched */
	struct connection *free;
	struct connection_queue open;     /* not answered in full yet */
	struct connection_queue answered; /* draining */
	size_t count, strangers;
	uint64_t accepted; /* ever; makes tags unique */
};

void connection_list_init(struct connection_list *list, size_t limit);
void connection_list_clear(struct connection_list *list);

/*
 * Adds a new connection. If the list is full another one is closed for it, and
 * `dropped` set: the oldest that has not sent its request, else the oldest answered,
 * else the oldest.
 */
struct connection *connection_list_add(struct connection_list *list, int fd,
    bool allowed, clock_ms_t deadline, bool *dropped);

/* The connection with this tag, or NULL: it was closed, its slot may be in use again.
 */
struct connection *connection_list_find(struct connection_list *list, uint64_t tag);

/* The response was sent: the connection drains until the deadline. */
void connection_list_set_answered(
    struct connection_list *list, struct connection *connection, clock_ms_t deadline);

void connection_list_close(struct connection_list *list, struct connection *connection);

#endif
