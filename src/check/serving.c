#include "check/serving.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "check/http_response.h"
#include "check/memory.h"

#define HURRY_MS 100 /* for whoever dawdles when we are to end */

void
serving_create(struct serving *serving, const struct config *config, int epoll,
    int ready, size_t room)
{
	*serving = (struct serving){.config = config, .epoll = epoll, .ready = ready};
	table_create(&serving->table, room);
	serving->counters.started = serving->counters.since = clock_now();
	verdict_begin(&serving->verdict, REASON_TIME_OUT, serving->counters.started);
	serving->probe_thread = probe_thread_start(config, ready);
}

void
serving_free(struct serving *serving)
{
	probe_thread_stop(serving->probe_thread);
	table_free(&serving->table);
	text_free(&serving->answer);
}

static void
watch_connection(struct serving *serving, struct connection *connection)
{
	struct epoll_event event = {.data.ptr = connection};

	if (connection->phase == PHASE_WAITING && !connection->watched)
		return; /* its request is whole: there is nothing to be told */
	if (!connection->ended)
		event.events |= EPOLLIN;
	if (connection->phase == PHASE_WRITING)
		event.events |= EPOLLOUT;
	if (connection->watched == (event.events | EPOLLHUP))
		return;
	if (epoll_ctl(serving->epoll,
		connection->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, connection->fd,
		&event) < 0) {
		table_close(&serving->table, connection);
		return;
	}
	connection->watched = event.events | EPOLLHUP;
}

/* Where a connection goes after its socket was read or written. */
static void
go_on(struct serving *serving, struct connection *connection, enum progress progress)
{
	if (progress == PROGRESS_CLOSED) {
		table_close(&serving->table, connection);
		return;
	}
	if (connection->phase == PHASE_DRAINING && !connection->answered)
		table_move_answered(&serving->table, connection,
		    clock_now() + (serving->ending ? HURRY_MS : LINGER_MS));
	watch_connection(serving, connection);
}

static void
send_answer(struct serving *serving, struct connection *connection)
{
	serving->counters.answers++;
	go_on(serving, connection, connection_answer(connection, &serving->answer));
}

static void
answer_with(struct serving *serving, struct connection *connection,
    const struct verdict *verdict)
{
	http_response_verdict(&serving->answer, serving->config, &connection->request,
	    verdict, &serving->counters);
	send_answer(serving, connection);
}

static void
take_request(struct serving *serving, struct connection *connection)
{
	if (!connection->allowed) {
		serving->counters.refused++;
		http_response_forbidden(&serving->answer);
		send_answer(serving, connection);
	} else if (!http_response_needs_verdict(&connection->request)) {
		http_response_fault(&serving->answer, &connection->request);
		send_answer(serving, connection);
	} else if (clock_now() < serving->verdict.expires) {
		answer_with(serving, connection, &serving->verdict);
	} else {
		connection->phase = PHASE_WAITING;
		watch_connection(serving, connection);
		probe_thread_request(serving->probe_thread);
	}
}

void
serving_take_verdict(struct serving *serving)
{
	struct connection *next;
	eventfd_t ignored;

	if (eventfd_read(serving->ready, &ignored) < 0)
		return;
	probe_thread_get(serving->probe_thread, &serving->verdict);
	if (!serving->history.begun)
		memory_give_back();
	history_take(&serving->history, &serving->verdict);
	serving->counters.since = serving->history.since;
	for (struct connection *at = serving->table.open.first; at; at = next) {
		next = at->next;
		if (at->phase == PHASE_WAITING)
			answer_with(serving, at, &serving->verdict);
	}
}

void
serving_take_event(
    struct serving *serving, struct connection *connection, uint32_t events)
{
	enum progress progress;

	if (connection->phase == PHASE_FREE)
		return;
	if (connection->phase == PHASE_WAITING && events & (EPOLLERR | EPOLLHUP)) {
		table_close(&serving->table, connection);
		return;
	}
	progress = connection->phase == PHASE_WRITING && events & EPOLLOUT
		       ? connection_write(connection)
		       : connection_read(connection);
	if (progress == PROGRESS_REQUEST)
		take_request(serving, connection);
	else
		go_on(serving, connection, progress);
}

void
serving_take_connection(
    struct serving *serving, int fd, const struct sockaddr_storage *from)
{
	struct address address = {.family = AF_UNSPEC};
	struct connection *connection;
	enum progress progress;
	bool allowed, dropped;

	allowed = address_from_socket((const struct sockaddr *)from, &address) &&
		  config_allows(serving->config, &address);
	if (!allowed && serving->table.strangers >= STRANGERS_MAX) {
		serving->counters.dropped++;
		close(fd);
		return;
	}
	connection = table_add(&serving->table, fd, &address, allowed,
	    clock_now() + serving->config->deadline, &dropped);
	serving->counters.dropped += dropped;
	progress = connection_read(connection);
	if (progress == PROGRESS_REQUEST)
		take_request(serving, connection);
	else
		go_on(serving, connection, progress);
}

/* The prober's round ends before; but who was slow to ask has less time left. */
static void
answer_late(struct serving *serving, struct connection *connection)
{
	struct verdict late = serving->verdict;

	late.role = late.claim = ROLE_UNKNOWN;
	late.reason = REASON_TIME_OUT;
	late.detail[0] = '\0';
	answer_with(serving, connection, &late);
}

static void
take_time_out(struct serving *serving, struct connection *connection)
{
	switch (connection->phase) {
	case PHASE_READING:
		if (connection->request.head_bytes == 0) {
			table_close(&serving->table, connection);
			break;
		}
		http_response_timeout(&serving->answer);
		send_answer(serving, connection);
		break;
	case PHASE_WAITING:
		answer_late(serving, connection);
		break;
	case PHASE_WRITING:
	case PHASE_DRAINING:
		table_close(&serving->table, connection);
		break;
	case PHASE_FREE:
		break;
	}
}

/* Oldest first, so the walk stops at the first with time left; not in a hurry. */
static void
expire(struct serving *serving, struct queue *queue, clock_ms_t now)
{
	struct connection *next;

	for (struct connection *at = queue->first; at; at = next) {
		next = at->next;
		if (at->deadline <= now)
			take_time_out(serving, at);
		else if (!serving->ending)
			return;
	}
}

static clock_ms_t
earliest(const struct serving *serving, const struct queue *queue)
{
	clock_ms_t earliest = INT64_MAX;

	for (struct connection *at = queue->first; at; at = at->next) {
		if (at->deadline < earliest)
			earliest = at->deadline;
		if (!serving->ending)
			break;
	}
	return earliest;
}

clock_ms_t
serving_expire(struct serving *serving)
{
	clock_ms_t now = clock_now(), open, answered;

	expire(serving, &serving->table.open, now);
	expire(serving, &serving->table.answered, now);
	open = earliest(serving, &serving->table.open);
	answered = earliest(serving, &serving->table.answered);
	return open < answered ? open : answered;
}

static void
hurry(struct queue *queue, clock_ms_t deadline)
{
	for (struct connection *at = queue->first; at; at = at->next)
		if (at->phase != PHASE_WAITING && at->deadline > deadline)
			at->deadline = deadline;
}

void
serving_end(struct serving *serving)
{
	clock_ms_t deadline = clock_now() + HURRY_MS;

	serving->ending = true;
	hurry(&serving->table.open, deadline);
	hurry(&serving->table.answered, deadline);
}
