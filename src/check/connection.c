#include "check/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Read per call, so that one client that sends much does not block the others. */
#define READ_BYTES 16384
#define READ_TIMES 8
/* The slot in a tag; the rest of its bits count connections and never wrap. */
#define SLOT_BITS 16

void
connection_init(
    struct connection *connection, int fd, bool allowed, clock_ms_t deadline)
{
	connection->fd = fd;
	connection->phase = PHASE_READING;
	connection->allowed = allowed;
	connection->ended = connection->answered = false;
	connection->events = 0;
	connection->tag = 0;
	connection->deadline = deadline;
	connection->unsent = (struct text){0};
	connection->previous = connection->next = NULL;
	http_request_init(&connection->request);
}

/* A connection closed by the client before it sent anything is not answered. */
static enum progress
handle_end(struct connection *connection)
{
	struct http_request *request = &connection->request;

	connection->ended = true;
	if (connection->phase == PHASE_WAITING || connection->phase == PHASE_WRITING)
		return PROGRESS_WAIT;
	if (connection->phase == PHASE_DRAINING || request->head_bytes == 0)
		return PROGRESS_CLOSED;
	request->state = REQUEST_BAD;
	request->fault = "The request ended before it was complete.";
	return PROGRESS_REQUEST;
}

enum progress
connection_read(struct connection *connection)
{
	char bytes[READ_BYTES];

	for (int i = 0; i < READ_TIMES; i++) {
		ssize_t length =
		    recv(connection->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return errno == EAGAIN ? PROGRESS_WAIT : PROGRESS_CLOSED;
		if (length == 0)
			return handle_end(connection);
		if (connection->phase == PHASE_READING &&
		    http_request_parse(&connection->request, bytes, (size_t)length) >=
			REQUEST_COMPLETE)
			return PROGRESS_REQUEST;
		/* Less than there was room for: there is no more now. */
		if ((size_t)length < sizeof(bytes))
			return PROGRESS_WAIT;
	}
	return PROGRESS_WAIT;
}

/* Sends these bytes as far as possible; keeps a copy of the rest. */
static enum progress
send_bytes(struct connection *connection, const char *bytes, size_t length)
{
	ssize_t sent;

	do
		sent = send(connection->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	if (sent < 0 && errno != EAGAIN)
		return PROGRESS_CLOSED;
	if (sent < 0)
		sent = 0;
	if ((size_t)sent < length) {
		text_add_bytes(
		    &connection->unsent, bytes + sent, length - (size_t)sent);
		connection->phase = PHASE_WRITING;
		return PROGRESS_WAIT;
	}
	if (connection->ended || shutdown(connection->fd, SHUT_WR) < 0)
		return PROGRESS_CLOSED;
	connection->phase = PHASE_DRAINING;
	return PROGRESS_WAIT;
}

enum progress
connection_respond(struct connection *connection, const struct text *response)
{
	return send_bytes(connection, response->data, response->length);
}

enum progress
connection_write(struct connection *connection)
{
	struct text unsent = connection->unsent;
	enum progress progress;

	connection->unsent = (struct text){0};
	progress = send_bytes(connection, unsent.data, unsent.length);
	text_free(&unsent);
	return progress;
}

void
connection_close(struct connection *connection)
{
	close(connection->fd);
	text_free(&connection->unsent);
	connection->fd = -1;
	connection->phase = PHASE_CLOSED;
	connection->tag = 0;
}

void
connection_list_init(struct connection_list *list, size_t limit)
{
	*list = (struct connection_list){.limit = limit};
	list->slots = allocate(limit * sizeof(*list->slots));
}

void
connection_list_clear(struct connection_list *list)
{
	while (list->open.first)
		connection_list_close(list, list->open.first);
	while (list->answered.first)
		connection_list_close(list, list->answered.first);
	free(list->slots);
	*list = (struct connection_list){0};
}

static void
enqueue(struct connection_queue *queue, struct connection *connection)
{
	connection->next = NULL;
	connection->previous = queue->last;
	if (queue->last)
		queue->last->next = connection;
	else
		queue->first = connection;
	queue->last = connection;
}

static void
dequeue(struct connection_queue *queue, struct connection *connection)
{
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		queue->first = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	else
		queue->last = connection->previous;
}

static struct connection *
choose_victim(const struct connection_list *list)
{
	struct connection *at = list->open.first;

	while (at && at->phase != PHASE_READING)
		at = at->next;
	if (!at)
		at = list->answered.first;
	return at ? at : list->open.first;
}

struct connection *
connection_list_add(struct connection_list *list, int fd, bool allowed,
    clock_ms_t deadline, bool *dropped)
{
	struct connection *connection;

	*dropped = list->count == list->limit;
	if (*dropped)
		connection_list_close(list, choose_victim(list));
	connection = list->free;
	if (connection)
		list->free = connection->next;
	else
		connection = &list->slots[list->used++];
	connection_init(connection, fd, allowed, deadline);
	connection->tag =
	    ++list->accepted << SLOT_BITS | (uint64_t)(connection - list->slots);
	enqueue(&list->open, connection);
	list->count++;
	if (!allowed)
		list->strangers++;
	return connection;
}

struct connection *
connection_list_find(struct connection_list *list, uint64_t tag)
{
	size_t slot = tag & ((1 << SLOT_BITS) - 1);

	return slot < list->used && list->slots[slot].tag == tag ? &list->slots[slot]
								 : NULL;
}

void
connection_list_set_answered(
    struct connection_list *list, struct connection *connection, clock_ms_t deadline)
{
	dequeue(&list->open, connection);
	connection->answered = true;
	connection->deadline = deadline;
	enqueue(&list->answered, connection);
}

void
connection_list_close(struct connection_list *list, struct connection *connection)
{
	dequeue(connection->answered ? &list->answered : &list->open, connection);
	list->count--;
	if (!connection->allowed)
		list->strangers--;
	connection_close(connection);
	connection->next = list->free;
	list->free = connection;
}
