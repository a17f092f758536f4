/*
 * Requests to the resident server: what each is answered, in whatever way it comes.
 */
#include "served.h"

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

START_TEST(contract_is_kept)
{
	const char *status = "";

	for (size_t i = 0; i < sizeof(contract) / sizeof(contract[0]); i++) {
		if (strcmp(status, contract[i].status) != 0) {
			status = contract[i].status;
			fake_say_status(&cmon, status);
			poll(NULL, 0, 160); /* until the former answer is too old */
		}
		expect(ask(contract[i].request), contract[i].begins, contract[i].has);
	}
}
END_TEST

START_TEST(answers_are_exact)
{
	char *answer = ask("GET / HTTP/1.0\r\n\r\n");
	char *head = ask("HEAD / HTTP/1.0\r\n\r\n");

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
	expect(ask("HEAD /x HTTP/1.0\r\n\r\n"), "HTTP/1.1 404 ",
	    "\r\nContent-Length: 70\r\n");
}
END_TEST

START_TEST(length_is_that_of_the_body)
{
	static const char *const requests[] = {"GET / HTTP/1.0\r\n\r\n",
	    "GET /status HTTP/1.0\r\n\r\n", "GET /x HTTP/1.0\r\n\r\n",
	    "PUT / HTTP/1.0\r\n\r\n", "bad\r\n"};

	for (size_t i = 0; i < 5; i++) {
		char *answer = ask(requests[i]);
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
	int fd = connect_here();

	for (; *request; request++) {
		char byte[2] = {*request, '\0'};

		say(fd, byte);
		if (*request == '\n')
			poll(NULL, 0, 5);
	}
	expect(hear(fd), "HTTP/1.1 200 ", "leader");
}
END_TEST

START_TEST(half_a_request_is_answered)
{
	clock_ms_t begin;
	int fd = connect_here();

	say(fd, "GET / HTTP/1.0\r\nHost:");
	shutdown(fd, SHUT_WR);
	expect(hear(fd), "HTTP/1.1 400 ", "ended before it was whole");

	begin = clock_now();
	fd = connect_here();
	say(fd, "GET / HTTP/1.0\r\nHost:");
	expect(hear(fd), "HTTP/1.1 408 ", "in time");
	ck_assert_int_ge(clock_now() - begin, DEADLINE - 1);
	ck_assert_int_lt(clock_now() - begin, DEADLINE + 300);
	ck_assert_int_eq(cmon.pings, 0);
}
END_TEST

START_TEST(asker_may_shut_its_side_first)
{
	int fd = connect_here();

	cmon.delay = 50;
	say(fd, "GET / HTTP/1.0\r\n\r\n");
	shutdown(fd, SHUT_WR);
	expect(hear(fd), "HTTP/1.1 200 ", "leader");
}
END_TEST

static void
say_much(int fd, const char *head, size_t length)
{
	struct text request = {0};

	text_addf(&request, "%s", head);
	while (request.length < length)
		text_addf(&request, "%01024d", 0);
	say(fd, request.data);
	text_free(&request);
}

START_TEST(large_requests_are_read_to_their_end)
{
	int fd = connect_here();

	say_much(
	    fd, "POST / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n", 1048576 + 44);
	expect(hear(fd), "HTTP/1.1 405 ", "");
	fd = connect_here();
	say_much(fd, "GET / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n", 1048576 + 43);
	expect(hear(fd), "HTTP/1.1 200 ", "");
	/* All of it is head: answered early, and still read. */
	fd = connect_here();
	say_much(fd, "GET / HTTP/1.1\r\nCookie: ", 1048576);
	expect(hear(fd), "HTTP/1.1 400 ", "8 KiB");
}
END_TEST

START_TEST(what_follows_the_request_is_no_harm)
{
	int fd = connect_here();

	say_much(fd, "GET / HTTP/1.1\r\n\r\n", 256 * 1024);
	expect(hear(fd), "HTTP/1.1 200 ", "leader");
}
END_TEST

START_TEST(silent_controller_is_told_within_the_deadline)
{
	clock_ms_t begin = clock_now();

	cmon.hangs = true;
	expect(ask("GET /health HTTP/1.0\r\n\r\n"), "HTTP/1.1 503 ",
	    "\r\nX-Cmonha-Reason: time-out\r\n");
	ck_assert_int_lt(clock_now() - begin, DEADLINE + 300);
	ck_assert_int_ge(clock_now() - begin, DEADLINE - 100);
}
END_TEST

/* It asked so late that the round ends after its own deadline: it does not wait. */
START_TEST(late_asker_gets_its_answer_too)
{
	int fd = connect_here();
	char *answer;

	cmon.hangs = true;
	say(fd, "GET /status HTTP/1.0\r\n");
	poll(NULL, 0, DEADLINE / 2);
	say(fd, "\r\n");
	answer = hear(fd);
	ck_assert_ptr_nonnull(strstr(answer, "\"rounds\": 0,"));
	expect(answer, "HTTP/1.1 200 ", "\"reason\": \"time-out\"");
}
END_TEST

START_TEST(a_look_at_the_port_gets_nothing)
{
	int fd = connect_here();
	char *answer;

	shutdown(fd, SHUT_WR);
	answer = hear(fd);
	ck_assert_str_eq(answer, "");
	free(answer);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("server");
	TCase *cases = tcase_create("server");

	tcase_add_checked_fixture(cases, served_begin, served_end);
	tcase_add_test(cases, contract_is_kept);
	tcase_add_test(cases, answers_are_exact);
	tcase_add_test(cases, length_is_that_of_the_body);
	tcase_add_test(cases, request_may_come_in_pieces);
	tcase_add_test(cases, half_a_request_is_answered);
	tcase_add_test(cases, asker_may_shut_its_side_first);
	tcase_add_test(cases, large_requests_are_read_to_their_end);
	tcase_add_test(cases, what_follows_the_request_is_no_harm);
	tcase_add_test(cases, silent_controller_is_told_within_the_deadline);
	tcase_add_test(cases, late_asker_gets_its_answer_too);
	tcase_add_test(cases, a_look_at_the_port_gets_nothing);
	suite_add_tcase(suite, cases);
	return suite;
}
