#include "check/connection.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Read per call, so that one asker who sends much does not keep out the others. */
#define READ_BYTES 16384
#define READ_TIMES 8

void
connection_begin(struct connection *connection, int fd, const struct address *from,
    clock_ms_t deadline)
{
	*connection = (struct connection){
	    .fd = fd,
	    .phase = PHASE_READING,
	    .from = *from,
	    .deadline = deadline,
	};
	http_request_begin(&connection->request);
}

static enum progress
take(struct connection *connection, const char *bytes, size_t length)
{
	if (connection->phase != PHASE_READING)
		return PROGRESS_MORE;
	return http_request_feed(&connection->request, bytes, length) >=
		       REQUEST_COMPLETE
		   ? PROGRESS_REQUEST
		   : PROGRESS_MORE;
}

/* Half a request and no more will come; a bare look at the port gets no answer. */
static enum progress
take_end(struct connection *connection)
{
	struct request *request = &connection->request;

	connection->ended = true;
	if (connection->phase == PHASE_WAITING || connection->phase == PHASE_WRITING)
		return PROGRESS_MORE;
	if (connection->phase == PHASE_DRAINING || request->head_bytes == 0)
		return PROGRESS_CLOSED;
	request->state = REQUEST_BAD;
	request->fault = "The request ended before it was whole.";
	return PROGRESS_REQUEST;
}

enum progress
connection_read(struct connection *connection)
{
	char bytes[READ_BYTES];

	for (int i = 0; i < READ_TIMES; i++) {
		ssize_t got = recv(connection->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		enum progress progress;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? PROGRESS_MORE : PROGRESS_CLOSED;
		if (got == 0)
			return take_end(connection);
		progress = take(connection, bytes, (size_t)got);
		if (progress != PROGRESS_MORE)
			return progress;
		/* Less than there was room for: there is no more now. */
		if ((size_t)got < sizeof(bytes))
			return PROGRESS_MORE;
	}
	return PROGRESS_MORE;
}

static enum progress
begin_draining(struct connection *connection)
{
	text_free(&connection->rest);
	if (connection->ended)
		return PROGRESS_CLOSED;
	connection->phase = PHASE_DRAINING;
	if (shutdown(connection->fd, SHUT_WR) < 0)
		return PROGRESS_CLOSED;
	return PROGRESS_MORE;
}

static ssize_t
send_some(int fd, const char *bytes, size_t length)
{
	ssize_t sent;

	do
		sent = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent < 0 && errno == EAGAIN ? 0 : sent;
}

enum progress
connection_answer(struct connection *connection, const struct text *answer)
{
	ssize_t sent = send_some(connection->fd, answer->data, answer->length);

	if (sent < 0)
		return PROGRESS_CLOSED;
	if ((size_t)sent == answer->length)
		return begin_draining(connection);
	text_add_bytes(
	    &connection->rest, answer->data + sent, answer->length - (size_t)sent);
	connection->phase = PHASE_WRITING;
	return PROGRESS_MORE;
}

enum progress
connection_write(struct connection *connection)
{
	struct text rest = connection->rest;
	ssize_t sent = send_some(connection->fd, rest.data, rest.length);

	if (sent < 0)
		return PROGRESS_CLOSED;
	if ((size_t)sent == rest.length)
		return begin_draining(connection);
	connection->rest = (struct text){0};
	text_add_bytes(&connection->rest, rest.data + sent, rest.length - (size_t)sent);
	text_free(&rest);
	return PROGRESS_MORE;
}

void
connection_close(struct connection *connection)
{
	close(connection->fd);
	text_free(&connection->rest);
	connection->fd = -1;
}
