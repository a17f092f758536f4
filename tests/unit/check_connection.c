/*
 * Connections over a socket pair, and the list of all: which one is closed when it is
 * full, and that an event of a closed connection does not reach the next in its slot.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check/connection.h"
#include "unit.h"

#define LIMIT 4

static struct connection_list list;
static int clients[2 * LIMIT + 1];
static size_t client_count;

static void
begin(void)
{
	connection_list_init(&list, LIMIT);
}

static void
end(void)
{
	connection_list_clear(&list);
	while (client_count)
		close(clients[--client_count]);
}

/* The client's side of the next connection; its server's side in `fd`. */
static int
open_pair(int *fd)
{
	int pair[2];

	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair),
	    0);
	*fd = pair[1];
	return clients[client_count++] = pair[0];
}

static struct connection *
add(bool *dropped)
{
	int fd;

	open_pair(&fd);
	return connection_list_add(&list, fd, true, 0, dropped);
}

/* Whether its client sees that the connection was closed. */
static bool
is_closed(size_t i)
{
	char byte;

	return recv(clients[i], &byte, 1, MSG_DONTWAIT) == 0;
}

START_TEST(request_is_read_and_answered)
{
	struct text response = {0};
	struct connection connection;
	char bytes[16];
	int fd, client = open_pair(&fd);

	text_addf(&response, "response");
	connection_init(&connection, fd, true, 0);
	ck_assert_int_eq(connection_read(&connection), PROGRESS_WAIT);
	ck_assert_int_eq(write(client, "GET /health HT", 14), 14);
	ck_assert_int_eq(connection_read(&connection), PROGRESS_WAIT);
	ck_assert_int_eq(write(client, "TP/1.0\r\n\r\n", 10), 10);
	ck_assert_int_eq(connection_read(&connection), PROGRESS_REQUEST);
	ck_assert_int_eq(connection.request.path, PATH_HEALTH);
	ck_assert_int_eq(connection_respond(&connection, &response), PROGRESS_WAIT);
	ck_assert_int_eq(connection.phase, PHASE_DRAINING);
	ck_assert_int_eq(read(client, bytes, sizeof(bytes)), 8);
	ck_assert_int_eq(read(client, bytes, sizeof(bytes)), 0);
	/* What still arrives is discarded, until the client closes. */
	ck_assert_int_eq(write(client, "more", 4), 4);
	ck_assert_int_eq(connection_read(&connection), PROGRESS_WAIT);
	shutdown(client, SHUT_WR);
	ck_assert_int_eq(connection_read(&connection), PROGRESS_CLOSED);
	connection_close(&connection);
	text_free(&response);
}
END_TEST

START_TEST(large_response_is_sent_in_pieces)
{
	enum { LENGTH = 4 * 1024 * 1024 };
	struct text response = {0};
	struct connection connection;
	static char bytes[64 * 1024];
	size_t received = 0;
	enum progress progress;
	int fd, client = open_pair(&fd);

	memset(text_reserve(&response, LENGTH), 'x', LENGTH);
	response.length = LENGTH;
	connection_init(&connection, fd, true, 0);
	progress = connection_respond(&connection, &response);
	ck_assert_int_eq(progress, PROGRESS_WAIT);
	ck_assert_int_eq(connection.phase, PHASE_WRITING);
	for (ssize_t length;
	     (length = recv(client, bytes, sizeof(bytes), MSG_DONTWAIT)) != 0;) {
		if (length > 0)
			received += (size_t)length;
		if (connection.phase == PHASE_WRITING)
			progress = connection_write(&connection);
		ck_assert_int_eq(progress, PROGRESS_WAIT);
	}
	ck_assert_uint_eq(received, LENGTH);
	ck_assert_int_eq(connection.phase, PHASE_DRAINING);
	connection_close(&connection);
	text_free(&response);
}
END_TEST

START_TEST(full_list_closes_the_oldest_without_a_request)
{
	struct connection *connections[LIMIT];
	bool dropped;

	for (int i = 0; i < LIMIT; i++) {
		connections[i] = add(&dropped);
		ck_assert(!dropped);
	}
	connections[0]->phase = PHASE_WAITING;
	connection_list_set_answered(&list, connections[1], 0);
	connections[1]->phase = PHASE_DRAINING;
	add(&dropped);
	ck_assert(dropped);
	ck_assert(is_closed(2) && !is_closed(3));
	add(&dropped);
	ck_assert(is_closed(3));
	ck_assert(!is_closed(0) && !is_closed(1));
	ck_assert_uint_eq(list.count, LIMIT);
}
END_TEST

START_TEST(then_the_oldest_answered_then_the_oldest)
{
	struct connection *connections[LIMIT];
	bool dropped;

	for (int i = 0; i < LIMIT; i++) {
		connections[i] = add(&dropped);
		connections[i]->phase = PHASE_WAITING;
	}
	connection_list_set_answered(&list, connections[2], 0);
	connections[2]->phase = PHASE_DRAINING;
	add(&dropped)->phase = PHASE_WAITING;
	ck_assert(dropped && is_closed(2) && !is_closed(0));
	add(&dropped);
	ck_assert(dropped && is_closed(0));
}
END_TEST

START_TEST(event_of_a_closed_connection_is_ignored)
{
	struct connection *first, *second;
	uint64_t tag;
	bool dropped;

	first = add(&dropped);
	tag = first->tag;
	ck_assert_ptr_eq(connection_list_find(&list, tag), first);
	connection_list_close(&list, first);
	ck_assert_ptr_null(connection_list_find(&list, tag));
	second = add(&dropped);
	ck_assert_ptr_eq(second, first); /* the same slot */
	ck_assert_ptr_null(connection_list_find(&list, tag));
	ck_assert_ptr_eq(connection_list_find(&list, second->tag), second);
	ck_assert_ptr_null(connection_list_find(&list, 0));
	ck_assert_ptr_null(connection_list_find(&list, UINT64_MAX));
}
END_TEST

START_TEST(strangers_are_counted)
{
	bool dropped;
	int fd;
	struct connection *connection;

	add(&dropped);
	open_pair(&fd);
	connection = connection_list_add(&list, fd, false, 0, &dropped);
	ck_assert_uint_eq(list.strangers, 1);
	ck_assert_uint_eq(list.count, 2);
	connection_list_close(&list, connection);
	ck_assert_uint_eq(list.strangers, 0);
	ck_assert_uint_eq(list.count, 1);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("connection");
	TCase *cases = tcase_create("connection");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, request_is_read_and_answered);
	tcase_add_test(cases, large_response_is_sent_in_pieces);
	tcase_add_test(cases, full_list_closes_the_oldest_without_a_request);
	tcase_add_test(cases, then_the_oldest_answered_then_the_oldest);
	tcase_add_test(cases, event_of_a_closed_connection_is_ignored);
	tcase_add_test(cases, strangers_are_counted);
	suite_add_tcase(suite, cases);
	return suite;
}
