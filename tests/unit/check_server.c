/*
 * The resident server: the response to each request, however it arrives; then over
 * time: one round for many clients, fresh answers, limits, its log and its exit.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check/connection.h"
#include "local_address.h"
#include "probe/timing.h"
#include "scratch.h"
#include "served.h"
#include "unit.h"

/* How late a busy machine may be; far below what a missing limit would take. */
#define LATE_MS 3000

static const struct {
	const char *status; /* of the controller */
	const char *request;
	const char *begins;
	const char *has;
} contract[] = {
    {"leader", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"\r\nThis node is a leader. "},
    {"leader", "OPTIONS / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"\r\nAllow: GET, HEAD, OPTIONS\r\n"},
    {"leader", "GET /leader HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"\r\nX-Cmonha-Role: leader\r\n"},
    {"leader", "GET /follower HTTP/1.0\r\n\r\n", "HTTP/1.1 503 Service Unavailable\r\n",
	"\r\nThis node is a leader. "},
    {"leader", "GET /health HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", ""},
    {"leader", "GET /status HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"\"role\": \"leader\""},
    {"follower", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 503 Service Unavailable\r\n",
	"\r\nThis node is a follower. "},
    {"follower", "GET /leader HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ",
	"\r\nX-Cmonha-Reason: follower\r\n"},
    {"follower", "GET /follower HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"\r\nThis node is a follower. "},
    {"follower", "GET /health HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", ""},
    {"leader", "GET /ui HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"\r\nThis node is a leader. "},
    {"follower", "GET /ui HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ",
	"\r\nThis node is a follower. "},
    {"resting", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ",
	"\r\nThis node is in an unknown state. "},
    {"resting", "GET /follower HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ",
	"\r\nX-Cmonha-Role: unknown\r\n"},
    {"resting", "GET /health HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ",
	"(controller_status resting)"},
    {"resting", "GET /status HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"\"reason\": \"unknown-status\""},
    {"leader", "POST / HTTP/1.0\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n",
	"\r\nAllow: GET, HEAD, OPTIONS\r\n"},
    {"leader", "GET /x HTTP/1.0\r\n\r\n", "HTTP/1.1 404 Not Found\r\n", "/follower"},
    {"leader", "GET /\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "HTTP/1.0 or HTTP/1.1"},
    {"leader", "\x16\x03\x01\x02\x01", "HTTP/1.1 400 Bad Request\r\n", "control"},
};

/* Queries until a round has begun and ended after this call. */
static void
finish_new_round(void)
{
	clock_ms_t deadline = clock_now() + SERVED_PATIENCE;
	int before = served.cmon.pings;

	while (served.cmon.pings == before) {
		ck_assert_int_gt(clock_left(deadline), 0);
		free(served_query("GET / HTTP/1.0\r\n\r\n"));
	}
}

START_TEST(contract_is_kept)
{
	const char *status = "";

	for (size_t i = 0; i < sizeof(contract) / sizeof(contract[0]); i++) {
		if (strcmp(status, contract[i].status) != 0) {
			status = contract[i].status;
			fake_cmon_reply_status(&served.cmon, status);
			finish_new_round();
		}
		served_expect(served_query(contract[i].request), contract[i].begins,
		    contract[i].has);
	}
}
END_TEST

START_TEST(answers_are_exact)
{
	char *answer = served_query("GET / HTTP/1.0\r\n\r\n");
	char *head = served_query("HEAD / HTTP/1.0\r\n\r\n");

	ck_assert_str_eq(answer,
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 68\r\n"
	    "Connection: close\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Cmonha-Role: leader\r\n"
	    "X-Cmonha-Reason: leader\r\n"
	    "X-Cmonha-Node: cc1\r\n"
	    "\r\n"
	    "This node is a leader. Its controller is the leader of the cluster.\n");
	*(strstr(answer, "\r\n\r\n") + 4) = '\0';
	ck_assert_str_eq(head, answer);
	free(answer);
	free(head);
	served_expect(served_query("HEAD /x HTTP/1.0\r\n\r\n"), "HTTP/1.1 404 ",
	    "\r\nContent-Length: 124\r\n");
}
END_TEST

START_TEST(length_is_that_of_the_body)
{
	static const char *const requests[] = {"GET / HTTP/1.0\r\n\r\n",
	    "GET /status HTTP/1.0\r\n\r\n", "GET /x HTTP/1.0\r\n\r\n",
	    "PUT / HTTP/1.0\r\n\r\n", "bad\r\n"};

	for (size_t i = 0; i < 5; i++) {
		char *answer = served_query(requests[i]);
		const char *length = strstr(answer, "Content-Length: ");

		ck_assert_ptr_nonnull(length);
		ck_assert_uint_eq(strtoul(length + 16, NULL, 10),
		    strlen(strstr(answer, "\r\n\r\n") + 4));
		free(answer);
	}
}
END_TEST

START_TEST(request_may_come_in_pieces)
{
	const char *request = "GET /leader HTTP/1.0\r\nHost: cc1\r\n\r\n";
	int fd = served_connect();

	for (; *request; request++) {
		char byte[2] = {*request, '\0'};

		served_send(fd, byte);
		if (*request == '\n')
			poll(NULL, 0, 5);
	}
	served_expect(served_receive(fd), "HTTP/1.1 200 ", "leader");
}
END_TEST

START_TEST(half_a_request_is_answered)
{
	clock_ms_t begin;
	int fd = served_connect();

	served_send(fd, "GET / HTTP/1.0\r\nHost:");
	shutdown(fd, SHUT_WR);
	served_expect(
	    served_receive(fd), "HTTP/1.1 400 ", "ended before it was complete");

	begin = clock_now();
	fd = served_connect();
	served_send(fd, "GET / HTTP/1.0\r\nHost:");
	served_expect(served_receive(fd), "HTTP/1.1 408 ", "in time");
	ck_assert_int_ge(clock_now() - begin, SERVED_DEADLINE - 1);
	ck_assert_int_lt(clock_now() - begin, SERVED_DEADLINE + LATE_MS);
	ck_assert_int_eq(served.cmon.pings, 0);
}
END_TEST

START_TEST(client_may_shut_down_first)
{
	int fd = served_connect();

	served.cmon.delay = 50;
	served_send(fd, "GET / HTTP/1.0\r\n\r\n");
	shutdown(fd, SHUT_WR);
	served_expect(served_receive(fd), "HTTP/1.1 200 ", "leader");
}
END_TEST

static void
send_much(int fd, const char *head, size_t length)
{
	struct text request = {0};

	text_addf(&request, "%s", head);
	while (request.length < length)
		text_addf(&request, "%01024d", 0);
	served_send(fd, request.data);
	text_free(&request);
}

START_TEST(large_requests_are_read_to_their_end)
{
	int fd = served_connect();

	send_much(
	    fd, "POST / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n", 1048576 + 44);
	served_expect(served_receive(fd), "HTTP/1.1 405 ", "");
	fd = served_connect();
	send_much(
	    fd, "GET / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n", 1048576 + 43);
	served_expect(served_receive(fd), "HTTP/1.1 200 ", "");
	/* All of it is head: answered early, and still read. */
	fd = served_connect();
	send_much(fd, "GET / HTTP/1.1\r\nCookie: ", 1048576);
	served_expect(served_receive(fd), "HTTP/1.1 400 ", "8 KiB");
}
END_TEST

START_TEST(long_request_line_is_rejected)
{
	int fd = served_connect();

	send_much(fd, "GET /?", 1024);
	served_expect(served_receive(fd), "HTTP/1.1 414 URI Too Long\r\n", "512 bytes");
}
END_TEST

START_TEST(bytes_after_the_request_are_no_harm)
{
	int fd = served_connect();

	send_much(fd, "GET / HTTP/1.1\r\n\r\n", 256 * 1024);
	served_expect(served_receive(fd), "HTTP/1.1 200 ", "leader");
}
END_TEST

START_TEST(silent_controller_is_reported_within_the_deadline)
{
	clock_ms_t begin = clock_now();

	served.cmon.hangs = true;
	served_expect(served_query("GET /health HTTP/1.0\r\n\r\n"), "HTTP/1.1 503 ",
	    "\r\nX-Cmonha-Reason: time-out\r\n");
	ck_assert_int_lt(clock_now() - begin, SERVED_DEADLINE + LATE_MS);
	ck_assert_int_ge(clock_now() - begin, SERVED_DEADLINE - 100);
}
END_TEST

/* It is so late that the round ends after its own deadline: it does not wait. */
START_TEST(late_client_gets_its_response_too)
{
	int fd = served_connect();
	char *answer;

	served.cmon.hangs = true;
	served_send(fd, "GET /status HTTP/1.0\r\n");
	poll(NULL, 0, SERVED_DEADLINE / 2);
	served_send(fd, "\r\n");
	answer = served_receive(fd);
	ck_assert_ptr_nonnull(strstr(answer, "\"rounds\": 0,"));
	served_expect(answer, "HTTP/1.1 200 ", "\"reason\": \"time-out\"");
}
END_TEST

START_TEST(connection_without_a_request_gets_nothing)
{
	int fd = served_connect();
	char *answer;

	shutdown(fd, SHUT_WR);
	answer = served_receive(fd);
	ck_assert_str_eq(answer, "");
	free(answer);
}
END_TEST

START_TEST(clients_share_one_round)
{
	int fds[50];

	served.cmon.delay = 100;
	for (size_t i = 0; i < 50; i++) {
		fds[i] = served_connect();
		served_send(fds[i], "GET / HTTP/1.0\r\n\r\n");
	}
	for (size_t i = 0; i < 50; i++)
		served_expect(served_receive(fds[i]), "HTTP/1.1 200 ", "leader");
	/* The last may have connected after the first had their answer. */
	ck_assert_int_le(served.cmon.pings, 2);
}
END_TEST

/*
 * None is reset, and none is older than a verdict may be: then there is a new ping. The
 * times are those of the manual, and not the constants of the program.
 */
START_TEST(a_thousand_answers_no_reset)
{
	clock_ms_t begin = clock_now(), seen = INT64_MAX;

	for (int i = 0; i < 1000 || served.cmon.pings < 4; i++) {
		clock_ms_t start = clock_now();
		int before = served.cmon.pings;

		served_expect(
		    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
		if (start > seen && start - seen > 150)
			ck_assert_int_gt(served.cmon.pings, before);
		if (served.cmon.pings > before)
			seen = clock_now();
	}
	ck_assert_int_le(served.cmon.pings, (clock_now() - begin) / 150 + 1);
}
END_TEST

/* Only a request that comes within 150 ms of the change may get the old answer. */
START_TEST(answers_are_fresh)
{
	clock_ms_t changed, start;
	bool fresh;

	served_expect(
	    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	fake_cmon_reply_status(&served.cmon, "CmonControllerFollower");
	changed = clock_now();
	do {
		char *answer;

		start = clock_now();
		answer = served_query("GET / HTTP/1.0\r\n\r\n");
		fresh = strncmp(answer, "HTTP/1.1 503 ", 13) == 0;
		free(answer);
		ck_assert(fresh || start - changed <= 150);
	} while (!fresh);
	ck_assert_int_eq(served.cmon.pings, 2);
}
END_TEST

/* Needs an address besides the loopback; the rule itself is in check_access.c. */
/* Ends the server, whose log names the client once, however often it was refused. */
static void
expect_one_refusal_in_log(const char *client)
{
	struct text log = {0}, wanted = {0};
	const char *first;

	ck_assert_int_eq(served_terminate(SIGTERM), 0);
	served_read_log(&log);
	text_addf(
	    &wanted, "refused the query of %s, which is not in \"allow\"", client);
	first = strstr(text_string(&log), wanted.data);
	ck_assert_msg(first != NULL, "%s", text_string(&log));
	ck_assert_ptr_null(strstr(first + 1, "refused the query"));
	text_free(&log);
	text_free(&wanted);
}

START_TEST(strangers_are_turned_away)
{
	char own[ADDRESS_TEXT_MAX];
	int fds[2 * STRANGERS_MAX];

	if (!local_address_find(own))
		return;
	for (int i = 0; i < 2 * STRANGERS_MAX; i++)
		fds[i] = served_connect_from(own);
	for (int i = 0; i < 2 * STRANGERS_MAX; i++) {
		if (i < STRANGERS_MAX) {
			served_send(fds[i], "GET / HTTP/1.0\r\n\r\n");
			served_expect(served_receive(fds[i]),
			    "HTTP/1.1 403 Forbidden\r\n", "\"allow\"");
		} else {
			char *answer = served_receive(fds[i]);

			ck_assert_str_eq(answer, "");
			free(answer);
		}
	}
	ck_assert_int_eq(served.cmon.pings, 0);
	served_expect(
	    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	expect_one_refusal_in_log(own);
}
END_TEST

/* More than the list holds, all silent: the oldest of them are closed for new ones. */
START_TEST(silent_clients_delay_nobody_else)
{
	enum { SILENT = CONNECTIONS_MAX + 200 };
	static int fds[SILENT];
	clock_ms_t begin;
	char byte;
	int half;

	/* On a busy machine all this takes longer than the usual deadline. */
	served_terminate(SIGTERM);
	served.config->cluster.deadline = 2 * SERVED_PATIENCE;
	served_start();
	for (int i = 0; i < SILENT; i++)
		fds[i] = served_connect_from("127.0.0.2");
	half = served_connect_from("127.0.0.3");
	served_send(half, "GET / HTTP/1.0\r\n");
	begin = clock_now();
	served_expect(
	    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	/* It did not wait for the silent ones to reach their deadline. */
	ck_assert_int_lt(clock_now() - begin, SERVED_PATIENCE);
	for (int i = 0; i < 50; i++)
		served_expect(
		    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	/* A slow client is not closed while there are older ones without a request. */
	served_send(half, "\r\n");
	served_expect(served_receive(half), "HTTP/1.1 200 ", "leader");
	ck_assert_int_le(read(fds[0], &byte, 1), 0);
	ck_assert_int_lt(recv(fds[SILENT - 1], &byte, 1, MSG_DONTWAIT), 0);
	ck_assert_int_eq(errno, EAGAIN);
	for (int i = 0; i < SILENT; i++)
		close(fds[i]);
}
END_TEST

/* For a listening socket the kernel reports here how many may wait to be accepted. */
START_TEST(many_may_wait)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	served_expect(
	    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	ck_assert_int_eq(
	    getsockopt(served.listener, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
	ck_assert_uint_ge(info.tcpi_sacked, CONNECTIONS_MAX);
}
END_TEST

/* With a deadline so long that the exit can wait for no client's. */
static void
restart_with_long_deadline(void)
{
	served_terminate(SIGTERM);
	served.config->cluster.deadline = 10 * SERVED_PATIENCE;
	served_start();
}

START_TEST(terminated_it_answers_and_exits)
{
	int waiting, queued;

	restart_with_long_deadline();
	waiting = served_connect();
	served_expect(
	    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	/* The next request must wait for a round. */
	poll(NULL, 0, VERDICT_LIFE_MS + 1);
	served.cmon.delay = 100;
	served_send(waiting, "GET / HTTP/1.0\r\n\r\n");
	kill(served.server, SIGSTOP);
	queued = served_connect();
	served_send(queued, "GET / HTTP/1.0\r\n\r\n");
	kill(served.server, SIGTERM);
	kill(served.server, SIGCONT);
	served_expect(served_receive(waiting), "HTTP/1.1 200 ", "leader");
	served_expect(served_receive(queued), "HTTP/1.1 200 ", "leader");
	ck_assert_int_eq(served_terminate(0), 0);
}
END_TEST

START_TEST(idle_it_exits_at_once)
{
	int silent;

	restart_with_long_deadline();
	served_expect(
	    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	ck_assert_int_eq(served_terminate(SIGTERM), 0);
	/* A slow client does not keep it. */
	served_start();
	silent = served_connect();
	served_expect(
	    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	ck_assert_int_eq(served_terminate(SIGINT), 0);
	close(silent);
}
END_TEST

/* The request that finds it outdated is answered by the next process. */
START_TEST(changed_configuration_makes_it_exit)
{
	int fd;

	served_terminate(SIGTERM);
	scratch_put("cluster.conf", "old", 0644);
	config_watch(served.config, scratch_path("cluster.conf"));
	served_start();
	served_expect(
	    served_query("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	scratch_put("cluster.conf", "newer", 0644);
	poll(NULL, 0, 260); /* it checks four times a second */
	fd = served_connect();
	served_send(fd, "GET / HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(served_terminate(0), 0);
	served.config->watched_count = 0;
	config_watch(served.config, scratch_path("cluster.conf"));
	served_start();
	served_expect(served_receive(fd), "HTTP/1.1 200 ", "leader");
	unlink(scratch_path("cluster.conf"));
	poll(NULL, 0, 260);
	fd = served_connect();
	ck_assert_int_eq(served_terminate(0), 0);
	close(fd);
}
END_TEST

/* One line per change of state, none per answer. */
START_TEST(only_changes_are_logged)
{
	struct text log = {0};
	char *line, *rest, end = 0;
	double seconds = 0;

	for (int i = 0; i < 3; i++) {
		free(served_query("GET /x HTTP/1.0\r\n\r\n"));
		finish_new_round();
	}
	fake_cmon_reply_status(&served.cmon, "CmonControllerFollower");
	finish_new_round();
	for (int i = 0; i < 20; i++)
		free(served_query("GET / HTTP/1.0\r\n\r\n"));
	ck_assert_int_eq(served_terminate(SIGTERM), 0);
	served_read_log(&log);
	line = strtok_r(log.data, "\n", &rest);
	ck_assert_str_eq(line,
	    "role: leader (leader). Its controller is the leader of the cluster.");
	line = strtok_r(NULL, "\n", &rest);
	ck_assert_ptr_nonnull(line);
	ck_assert_int_eq(
	    sscanf(line,
		"role changed from leader (leader) to follower (follower) after "
		"%lf s. Its controller follows another controller%c",
		&seconds, &end),
	    2);
	ck_assert_int_eq(end, '.');
	ck_assert_double_gt(seconds, 3 * VERDICT_LIFE_MS / 1000.0 - 0.1);
	ck_assert_str_eq(strtok_r(NULL, "\n", &rest), "exiting on SIGTERM");
	ck_assert_ptr_null(strtok_r(NULL, "\n", &rest));
	text_free(&log);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("server");
	TCase *cases = tcase_create("requests"), *resident = tcase_create("resident");

	tcase_add_checked_fixture(cases, served_begin, served_end);
	tcase_add_test(cases, contract_is_kept);
	tcase_add_test(cases, answers_are_exact);
	tcase_add_test(cases, length_is_that_of_the_body);
	tcase_add_test(cases, request_may_come_in_pieces);
	tcase_add_test(cases, half_a_request_is_answered);
	tcase_add_test(cases, client_may_shut_down_first);
	tcase_add_test(cases, large_requests_are_read_to_their_end);
	tcase_add_test(cases, long_request_line_is_rejected);
	tcase_add_test(cases, bytes_after_the_request_are_no_harm);
	tcase_add_test(cases, silent_controller_is_reported_within_the_deadline);
	tcase_add_test(cases, late_client_gets_its_response_too);
	tcase_add_test(cases, connection_without_a_request_gets_nothing);
	suite_add_tcase(suite, cases);
	tcase_add_unchecked_fixture(resident, scratch_create, scratch_remove);
	tcase_add_checked_fixture(resident, scratch_empty, NULL);
	tcase_add_checked_fixture(resident, served_begin, served_end);
	tcase_add_test(resident, clients_share_one_round);
	tcase_add_test(resident, a_thousand_answers_no_reset);
	tcase_add_test(resident, answers_are_fresh);
	tcase_add_test(resident, strangers_are_turned_away);
	tcase_add_test(resident, silent_clients_delay_nobody_else);
	tcase_add_test(resident, many_may_wait);
	tcase_add_test(resident, terminated_it_answers_and_exits);
	tcase_add_test(resident, idle_it_exits_at_once);
	tcase_add_test(resident, changed_configuration_makes_it_exit);
	tcase_add_test(resident, only_changes_are_logged);
	suite_add_tcase(suite, resident);
	return suite;
}
