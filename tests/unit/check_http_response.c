/*
 * The bytes of each response: status, headers, and a body whose length is the one that
 * was announced.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/http_response.h"
#include "unit.h"

static struct config *config;
static struct verdict verdict;
static struct counters counters;
static struct node_state node;
static struct status from;
static struct text response;

static void
begin(void)
{
	config = allocate(sizeof(*config));
	snprintf(config->name, sizeof(config->name), "cc1");
	verdict_init(&verdict, REASON_LEADER, clock_now());
	counters = (struct counters){.started = clock_now(), .since = clock_now()};
	node_state_init(&node, "/nonexistent");
	from = (struct status){config, &verdict, &counters, &node};
	response = (struct text){0};
}

static void
end(void)
{
	text_free(&response);
	node_state_clear(&node);
	free(config);
}

static struct http_request
parse(const char *bytes)
{
	struct http_request request;

	http_request_init(&request);
	http_request_parse(&request, bytes, strlen(bytes));
	return request;
}

/* Everything after the empty line; fails unless Content-Length says how long it is. */
static const char *
body(bool is_sent)
{
	const char *length = strstr(response.data, "\r\nContent-Length: ");
	char *found = strstr(response.data, "\r\n\r\n");

	ck_assert_ptr_nonnull(length);
	ck_assert_ptr_nonnull(found);
	if (is_sent)
		ck_assert_uint_eq(strtoul(length + 18, NULL, 10), strlen(found + 4));
	else
		ck_assert_uint_eq(strlen(found + 4), 0);
	return found + 4;
}

static void
expect(const char *status, const char *has)
{
	char *line = format_string("HTTP/1.1 %s\r\n", status);

	ck_assert_msg(
	    strncmp(response.data, line, strlen(line)) == 0, "%s", response.data);
	ck_assert_msg(strstr(response.data, has) != NULL, "no \"%s\" in:\n%s", has,
	    response.data);
	ck_assert_ptr_nonnull(strstr(response.data, "\r\nConnection: close\r\n"));
	ck_assert_ptr_nonnull(strstr(response.data, "\r\nCache-Control: no-store\r\n"));
	free(line);
}

static void
query(const char *path, enum role role, enum reason reason)
{
	char *bytes = format_string("GET %s HTTP/1.0\r\n\r\n", path);
	struct http_request request = parse(bytes);

	verdict.role = verdict.claim = role;
	verdict.reason = reason;
	ck_assert_int_eq(http_response_need(&request, true), NEED_VERDICT);
	http_response_verdict(&response, &request, &from);
	free(bytes);
}

static const struct {
	const char *path;
	enum role role;
	enum reason reason;
	const char *status;
	const char *has;
} answers[] = {
    {"/", ROLE_LEADER, REASON_LEADER, "200 OK", "This node is a leader. "},
    {"/leader", ROLE_LEADER, REASON_LEADER, "200 OK", "X-Cmonha-Role: leader\r\n"},
    {"/leader", ROLE_FOLLOWER, REASON_FOLLOWER, "503 Service Unavailable",
	"This node is a follower. "},
    {"/leader", ROLE_UNKNOWN, REASON_NO_QUORUM, "503 Service Unavailable",
	"X-Cmonha-Reason: no-quorum\r\n"},
    {"/", ROLE_UNKNOWN, REASON_REFUSED, "503 Service Unavailable",
	"This node is in an unknown state. "},
    {"/follower", ROLE_FOLLOWER, REASON_FOLLOWER, "200 OK", "X-Cmonha-Node: cc1\r\n"},
    {"/follower", ROLE_LEADER, REASON_LEADER, "503 Service Unavailable", "leader"},
    {"/health", ROLE_FOLLOWER, REASON_FOLLOWER, "200 OK", "follower"},
    {"/health", ROLE_UNKNOWN, REASON_TIME_OUT, "503 Service Unavailable", "time-out"},
    {"/status", ROLE_UNKNOWN, REASON_TIME_OUT, "200 OK",
	"Content-Type: application/json\r\n"},
};

START_TEST(each_path_has_its_status)
{
	query(answers[_i].path, answers[_i].role, answers[_i].reason);
	expect(answers[_i].status, answers[_i].has);
	body(true);
}
END_TEST

/* A controller that claims to lead is healthy, whatever this node makes of it. */
START_TEST(health_is_the_controllers_own_word)
{
	struct http_request request = parse("GET /health HTTP/1.0\r\n\r\n");

	verdict.claim = ROLE_LEADER;
	verdict.reason = REASON_TWO_LEADERS;
	http_response_verdict(&response, &request, &from);
	expect("200 OK", "X-Cmonha-Reason: two-leaders\r\n");
}
END_TEST

START_TEST(head_announces_a_body_and_sends_none)
{
	struct http_request request = parse("HEAD / HTTP/1.1\r\n\r\n");

	http_response_verdict(&response, &request, &from);
	ck_assert_ptr_null(strstr(response.data, "\r\nContent-Length: 0\r\n"));
	body(false);
}
END_TEST

START_TEST(options_lists_the_methods)
{
	struct http_request request = parse("OPTIONS * HTTP/1.1\r\n\r\n");

	http_response_verdict(&response, &request, &from);
	expect("503 Service Unavailable", "\r\nAllow: GET, HEAD, OPTIONS\r\n");
}
END_TEST

/* A host's name is whatever the kernel was given; it must not end the header. */
START_TEST(name_cannot_break_the_header)
{
	snprintf(config->name, sizeof(config->name), "cc1\r\nX-Evil: yes \x7f");
	query("/", ROLE_LEADER, REASON_LEADER);
	ck_assert_ptr_null(strstr(response.data, "\r\nX-Evil"));
	expect("200 OK", "\r\nX-Cmonha-Node: cc1??X-Evil:?yes??\r\n");
}
END_TEST

static const struct {
	const char *bytes;
	const char *status;
	const char *has;
} errors[] = {
    {"GET /nothing HTTP/1.0\r\n\r\n", "404 Not Found", "/leader, /follower"},
    {"POST / HTTP/1.0\r\n\r\n", "405 Method Not Allowed", "\r\nAllow: GET, HEAD"},
    {"nonsense\r\n\r\n", "400 Bad Request", "Bad request. "},
};

START_TEST(errors_name_the_fault)
{
	struct http_request request = parse(errors[_i].bytes);

	ck_assert_int_eq(http_response_need(&request, true), NEED_NOTHING);
	http_response_error(&response, &request, true);
	expect(errors[_i].status, errors[_i].has);
	body(true);
}
END_TEST

START_TEST(long_request_line_is_414)
{
	char bytes[700];
	struct http_request request;

	memset(bytes, 'x', sizeof(bytes) - 1);
	memcpy(bytes, "GET /", 5);
	bytes[sizeof(bytes) - 1] = '\0';
	request = parse(bytes);
	http_response_error(&response, &request, true);
	expect("414 URI Too Long", "512 bytes");
	body(true);
}
END_TEST

/* An incomplete request is a time-out whoever sent it; a stranger's is refused. */
START_TEST(slow_and_strange_clients)
{
	struct http_request request = parse("GET / HTTP/1.1\r\nHost:");

	ck_assert_int_eq(http_response_need(&request, true), NEED_NOTHING);
	http_response_error(&response, &request, true);
	expect("408 Request Timeout", "in time");
	body(true);
	http_response_error(&response, &request, false);
	expect("408 Request Timeout", "in time");
	request = parse("GET / HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(http_response_need(&request, false), NEED_NOTHING);
	http_response_error(&response, &request, false);
	expect("403 Forbidden", "\"allow\" in section [check]");
	body(true);
	request = parse("nonsense\r\n\r\n");
	http_response_error(&response, &request, false);
	expect("403 Forbidden", "\"allow\" in section [check]");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("http_response");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_loop_test(
	    cases, each_path_has_its_status, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(cases, health_is_the_controllers_own_word);
	tcase_add_test(cases, head_announces_a_body_and_sends_none);
	tcase_add_test(cases, options_lists_the_methods);
	tcase_add_test(cases, name_cannot_break_the_header);
	tcase_add_loop_test(
	    cases, errors_name_the_fault, 0, sizeof(errors) / sizeof(errors[0]));
	tcase_add_test(cases, long_request_line_is_414);
	tcase_add_test(cases, slow_and_strange_clients);
	suite_add_tcase(suite, cases);
	return suite;
}
