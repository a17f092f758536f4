/*
 * One query to a controller over a real connection: its reply, its limits, and the
 * connection that is used again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_cmon.h"
#include "listening.h"
#include "probe/rpc.h"
#include "tls_server.h"
#include "unit.h"

#define PATIENCE 5000 /* milliseconds; to fail, not to measure */

static struct fake_cmon cmon;
static struct endpoint endpoint;
static struct reply reply;
static struct rpc rpc;
static CURLM *multi;

static void
begin(void)
{
	fake_cmon_open(&cmon, "CmonControllerLeader");
	endpoint = (struct endpoint){.port = cmon.port};
	ck_assert_ptr_null(address_parse("127.0.0.1", &endpoint.address));
	curl_global_init(CURL_GLOBAL_ALL);
	multi = curl_multi_init();
	rpc_init(&rpc);
}

static void
end(void)
{
	rpc_clear(&rpc, multi);
	curl_multi_cleanup(multi);
	curl_global_cleanup();
	fake_cmon_stop(&cmon);
}

/* Runs the query to its end; the result is in `reply`. */
static void
query(int milliseconds)
{
	clock_ms_t deadline = clock_now() + PATIENCE;
	CURLMsg *message;
	int running, left;

	rpc_start(&rpc, multi, &endpoint, RPC_PING, milliseconds);
	ck_assert(rpc.running);
	for (;;) {
		curl_multi_perform(multi, &running);
		message = curl_multi_info_read(multi, &left);
		if (message && message->msg == CURLMSG_DONE)
			break;
		ck_assert_msg(clock_left(deadline) > 0, "the query does not end");
		curl_multi_wait(multi, NULL, 0, 10, NULL);
	}
	ck_assert_ptr_eq(rpc_finish(multi, message, &reply), &rpc);
	ck_assert(!rpc.running);
}

START_TEST(reply_is_parsed)
{
	fake_cmon_start(&cmon);
	query(PATIENCE);
	ck_assert_int_eq(reply.role, ROLE_LEADER);
	ck_assert_int_eq(reply.reason, REASON_LEADER);
	fake_cmon_reply_status(&cmon, "CmonControllerFollower");
	query(PATIENCE);
	ck_assert_int_eq(reply.role, ROLE_FOLLOWER);
	ck_assert_int_eq(cmon.pings, 2);
	ck_assert_uint_eq(rpc.count, 2);
}
END_TEST

START_TEST(connection_comes_from_the_source)
{
	struct sockaddr_in from = {.sin_family = AF_UNSPEC};
	socklen_t length = sizeof(from);
	char text[ADDRESS_TEXT_MAX];
	struct address address;
	int fd, client;

	endpoint.port = 0;
	fd = fake_cmon_listen("127.0.0.1", &endpoint.port);

	ck_assert_ptr_null(address_parse("127.0.0.9", &endpoint.source));
	query(200);
	ck_assert_int_eq(reply.reason, REASON_TIME_OUT);
	client = accept(fd, (struct sockaddr *)&from, &length);
	ck_assert(client >= 0);
	ck_assert(address_from_socket((struct sockaddr *)&from, &address));
	ck_assert_str_eq(address_format(&address, text), "127.0.0.9");
	close(client);
	close(fd);
	fake_cmon_start(&cmon);
}
END_TEST

START_TEST(source_that_this_host_does_not_have)
{
	fake_cmon_start(&cmon);
	ck_assert_ptr_null(address_parse("192.0.2.9", &endpoint.source));
	query(PATIENCE);
	ck_assert_int_eq(reply.role, ROLE_UNKNOWN);
	ck_assert_int_eq(reply.reason, REASON_NO_ANSWER);
}
END_TEST

START_TEST(refused)
{
	int port = 0, fd = fake_cmon_listen("127.0.0.1", &port);

	close(fd);
	endpoint.port = port;
	query(PATIENCE);
	ck_assert_int_eq(reply.reason, REASON_REFUSED);
	ck_assert_int_eq(reply.role, ROLE_UNKNOWN);
}
END_TEST

START_TEST(time_out)
{
	cmon.hangs = true;
	fake_cmon_start(&cmon);
	query(100);
	ck_assert_int_eq(reply.reason, REASON_TIME_OUT);
	ck_assert_int_eq(cmon.pings, 1);
}
END_TEST

/* 0 would mean "for ever" to libcurl. */
START_TEST(no_time_at_all)
{
	cmon.hangs = true;
	fake_cmon_start(&cmon);
	query(0);
	ck_assert_int_eq(reply.reason, REASON_TIME_OUT);
}
END_TEST

START_TEST(too_large)
{
	cmon.padding = 2 * REPLY_LIMIT;
	fake_cmon_reply(&cmon, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{");
	fake_cmon_start(&cmon);
	query(PATIENCE);
	ck_assert_int_eq(reply.reason, REASON_TOO_LARGE);
}
END_TEST

static const struct {
	const char *bytes;
	enum reason reason;
} broken[] = {
    {"nonsense\r\n\r\n", REASON_MALFORMED},
    {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", REASON_HTTP_ERROR},
    {"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", REASON_MALFORMED},
    {"HTTP/1.1 302 No\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
	REASON_HTTP_ERROR},
};

START_TEST(broken_replies)
{
	fake_cmon_reply(&cmon, broken[_i].bytes);
	fake_cmon_start(&cmon);
	query(PATIENCE);
	ck_assert_int_eq(reply.reason, broken[_i].reason);
	ck_assert_int_eq(cmon.pings, 1);
}
END_TEST

START_TEST(tls_where_none_is_spoken)
{
	endpoint.tls = true;
	fake_cmon_start(&cmon);
	query(PATIENCE);
	ck_assert_int_eq(reply.reason, REASON_TLS_FAILURE);
	ck_assert_str_ne(reply.detail, "");
}
END_TEST

/* The right key, one of two, a wrong one; and with a server of another key. */
static const struct {
	const char *pins;
	bool other_key;
	enum reason reason;
} pinned[] = {
    {NULL, false, REASON_LEADER},
    {"", true, REASON_LEADER},
    {TLS_SERVER_PIN, false, REASON_LEADER},
    {TLS_SERVER_OTHER_PIN ";" TLS_SERVER_PIN, false, REASON_LEADER},
    {TLS_SERVER_OTHER_PIN, false, REASON_WRONG_PIN},
    {TLS_SERVER_PIN, true, REASON_WRONG_PIN},
};

START_TEST(only_the_key_of_a_pin_is_believed)
{
	endpoint.tls = true;
	endpoint.port = tls_server_start(pinned[_i].other_key);
	endpoint.pins = pinned[_i].pins;
	for (int round = 0; round < 2; round++) {
		query(PATIENCE);
		ck_assert_str_eq(
		    reason_name(reply.reason), reason_name(pinned[_i].reason));
		ck_assert_int_eq(
		    reply.role == ROLE_LEADER, pinned[_i].reason == REASON_LEADER);
	}
	listening_stop();
}
END_TEST

/* The listener's queue accepts the connection, although nothing replies. */
START_TEST(canceled_and_used_again)
{
	rpc_start(&rpc, multi, &endpoint, RPC_PING, PATIENCE);
	ck_assert(rpc_is_connecting(&rpc));
	rpc_cancel(&rpc, multi);
	ck_assert(!rpc.running);
	rpc_cancel(&rpc, multi);
	fake_cmon_start(&cmon);
	query(PATIENCE);
	ck_assert_int_eq(reply.role, ROLE_LEADER);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("rpc");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, reply_is_parsed);
	tcase_add_test(cases, connection_comes_from_the_source);
	tcase_add_test(cases, source_that_this_host_does_not_have);
	tcase_add_test(cases, refused);
	tcase_add_test(cases, time_out);
	tcase_add_test(cases, no_time_at_all);
	tcase_add_test(cases, too_large);
	tcase_add_loop_test(
	    cases, broken_replies, 0, sizeof(broken) / sizeof(broken[0]));
	tcase_add_test(cases, tls_where_none_is_spoken);
	tcase_add_loop_test(cases, only_the_key_of_a_pin_is_believed, 0,
	    sizeof(pinned) / sizeof(pinned[0]));
	tcase_add_test(cases, canceled_and_used_again);
	suite_add_tcase(suite, cases);
	return suite;
}
