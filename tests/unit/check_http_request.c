/*
 * Requests as they come: whole, in single bytes, wrong in all sorts of ways.
 */
#include <string.h>

#include "base/text.h"
#include "check/http_request.h"
#include "unit.h"

#define OTHER METHOD_OTHER, PATH_OTHER

static const struct {
	const char *bytes;
	enum request_state state;
	enum http_method method;
	enum http_path path;
} requests[] = {
    {"GET / HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_LEADER},
    {"OPTIONS / HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_OPTIONS, PATH_LEADER},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", REQUEST_COMPLETE, METHOD_OPTIONS,
	PATH_LEADER},
    {"HEAD /leader HTTP/1.1\r\nHost: a\r\n\r\n", REQUEST_COMPLETE, METHOD_HEAD,
	PATH_LEADER},
    {"GET /follower HTTP/1.1\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_FOLLOWER},
    {"GET /health HTTP/1.1\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_HEALTH},
    {"GET /status HTTP/1.1\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_STATUS},
    {"GET /overview HTTP/1.1\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_OVERVIEW},
    {"GET /overview/still HTTP/1.1\r\n\r\n", REQUEST_COMPLETE, METHOD_GET,
	PATH_OVERVIEW_STILL},
    {"GET /no-leader HTTP/1.1\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_NO_LEADER},
    /* Tolerated: bare line feeds, empty lines before, a query, a proxy's form. */
    {"GET /leader HTTP/1.0\n\n", REQUEST_COMPLETE, METHOD_GET, PATH_LEADER},
    {"\r\n\nGET /health HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_HEALTH},
    {"GET /leader?a=/status HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_GET,
	PATH_LEADER},
    {"GET /?x HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_LEADER},
    {"GET http://n/status HTTP/1.1\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_STATUS},
    {"GET http://n HTTP/1.1\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_LEADER},
    {"GET / HTTP/1.0\r\nA:\r\nB: \t c \t\r\n\r\n", REQUEST_COMPLETE, METHOD_GET,
	PATH_LEADER},
    /* Understood, and answered by 404 or 405. */
    {"GET /Leader HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_OTHER},
    {"GET /leader/ HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_OTHER},
    {"GET x HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_GET, PATH_OTHER},
    {"POST / HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_OTHER, PATH_LEADER},
    {"get / HTTP/1.0\r\n\r\n", REQUEST_COMPLETE, METHOD_OTHER, PATH_LEADER},
    /* Bodies. */
    {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", REQUEST_COMPLETE, METHOD_OTHER,
	PATH_LEADER},
    {"GET / HTTP/1.1\r\ncontent-length:\t0 \r\n\r\n", REQUEST_COMPLETE, METHOD_GET,
	PATH_LEADER},
    {"GET / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabc", REQUEST_BODY, METHOD_GET,
	PATH_LEADER},
    {"GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabcGET /",
	REQUEST_COMPLETE, METHOD_GET, PATH_LEADER},
    {"PUT / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
	REQUEST_COMPLETE, METHOD_OTHER, PATH_LEADER},
    /* Not whole yet. */
    {"", REQUEST_LINE, OTHER},
    {"\r\n", REQUEST_LINE, OTHER},
    {"GET / HTTP/1.", REQUEST_LINE, OTHER},
    {"GET / HTTP/1.0\r\n", REQUEST_HEADERS, METHOD_GET, PATH_LEADER},
    {"GET / HTTP/1.0\r\n\r", REQUEST_HEADERS, METHOD_GET, PATH_LEADER},
    {"GET / HTTP/1.0\r\nHost: a", REQUEST_HEADERS, METHOD_GET, PATH_LEADER},
};

static const char *const bad[] = {
    "GET /\r\n",
    "GET / \r\n",
    "GET  / HTTP/1.0\r\n",
    "GET / a HTTP/1.0\r\n",
    "GET / HTTP/1.0 \r\n",
    "GET / HTTP/1.2\r\n",
    "GET / HTTP/2.0\r\n",
    "GET / http/1.0\r\n",
    "GET / HTTP/1.00\r\n",
    "GET\r\n",
    " GET / HTTP/1.0\r\n",
    "G(T / HTTP/1.0\r\n",
    "\x16\x03\x01",
    "GET / HTTP/1.0\r\nA\x01: b",
    "GET / HTTP/1.0\r\nno colon\r\n",
    "GET / HTTP/1.0\r\n: value\r\n",
    "GET / HTTP/1.0\r\nA : b\r\n",
    "GET / HTTP/1.0\r\nA: b\r\n folded: c\r\n",
    "GET / HTTP/1.0\r\nContent-Length: 3a\r\n",
    "GET / HTTP/1.0\r\nContent-Length: -1\r\n",
    "GET / HTTP/1.0\r\nContent-Length: +1\r\n",
    "GET / HTTP/1.0\r\nContent-Length:\r\n",
    "GET / HTTP/1.0\r\nContent-Length: 1, 1\r\n",
    "GET / HTTP/1.0\r\nContent-Length: 1234567890123456789\r\n",
    "GET / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
    "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
};

static struct http_request
feed(const char *bytes, size_t length, size_t piece)
{
	struct http_request request;

	http_request_init(&request);
	for (size_t at = 0; at < length; at += piece)
		http_request_parse(
		    &request, bytes + at, length - at < piece ? length - at : piece);
	return request;
}

START_TEST(requests_are_parsed)
{
	const char *bytes = requests[_i].bytes;

	for (size_t piece = 1; piece <= strlen(bytes) + 1; piece++) {
		struct http_request request = feed(bytes, strlen(bytes), piece);

		ck_assert_int_eq(request.state, requests[_i].state);
		if (request.state == REQUEST_LINE)
			continue;
		ck_assert_int_eq(request.method, requests[_i].method);
		ck_assert_int_eq(request.path, requests[_i].path);
	}
}
END_TEST

START_TEST(bad_requests_are_rejected)
{
	for (size_t piece = 1; piece <= strlen(bad[_i]); piece++) {
		struct http_request request = feed(bad[_i], strlen(bad[_i]), piece);

		ck_assert_msg(request.state == REQUEST_BAD, "accepted: %s", bad[_i]);
		ck_assert_ptr_nonnull(request.fault);
	}
}
END_TEST

START_TEST(nul_is_bad)
{
	ck_assert_int_eq(feed("GET /\0 HTTP/1.0\r\n\r\n", 19, 19).state, REQUEST_BAD);
}
END_TEST

/* "GET /leader?xxx… HTTP/1.0", of any length up to the limit. */
START_TEST(long_lines_keep_path_and_version)
{
	for (size_t length = 60; length < REQUEST_LINE_LIMIT - 22; length++) {
		struct text text = {0};
		struct http_request request;

		text_addf(&text, "GET /leader?%0*d HTTP/1.0\r\n\r\n", (int)length, 0);
		request = feed(text.data, text.length, text.length);
		ck_assert_int_eq(request.state, REQUEST_COMPLETE);
		ck_assert_int_eq(request.path, PATH_LEADER);

		text_clear(&text);
		text_addf(&text, "GET /leader/%0*d HTTP/1.1\n\n", (int)length, 0);
		request = feed(text.data, text.length, 7);
		ck_assert_int_eq(request.state, REQUEST_COMPLETE);
		ck_assert_int_eq(request.path, PATH_OTHER);

		text_clear(&text);
		text_addf(&text, "GET /leader?%0*d HTTP/1.3\r\n", (int)length, 0);
		ck_assert_int_eq(feed(text.data, text.length, 5).state, REQUEST_BAD);
		text_free(&text);
	}
}
END_TEST

/* The limit includes the carriage return. */
START_TEST(request_line_has_a_limit)
{
	struct text text = {0};

	text_addf(&text, "GET /?%0*d HTTP/1.0\r\n\r\n", REQUEST_LINE_LIMIT - 16, 0);
	ck_assert_uint_eq(text.length, REQUEST_LINE_LIMIT + 3);
	for (size_t piece = 1; piece <= text.length; piece += 50)
		ck_assert_int_eq(
		    feed(text.data, text.length, piece).state, REQUEST_COMPLETE);
	text_clear(&text);
	text_addf(&text, "GET /?%0*d HTTP/1.0\r\n\r\n", REQUEST_LINE_LIMIT - 15, 0);
	for (size_t piece = 1; piece <= text.length; piece += 50)
		ck_assert_int_eq(
		    feed(text.data, text.length, piece).state, REQUEST_TOO_LONG);
	text_free(&text);
}
END_TEST

/* A header line may be longer than what is kept of it, but not one that counts. */
START_TEST(long_header_lines_are_accepted)
{
	struct text text = {0};

	text_addf(
	    &text, "GET / HTTP/1.0\r\nCookie: %0*d\r\n\r\n", 3 * REQUEST_LINE_LIMIT, 0);
	ck_assert_int_eq(feed(text.data, text.length, 7).state, REQUEST_COMPLETE);
	text_clear(&text);
	text_addf(&text, "GET / HTTP/1.0\r\nContent-Length: %0*d\r\n",
	    3 * REQUEST_LINE_LIMIT, 0);
	ck_assert_int_eq(feed(text.data, text.length, 7).state, REQUEST_BAD);
	text_clear(&text);
	text_addf(&text, "GET / HTTP/1.0\r\n%0*d: a\r\n", 3 * REQUEST_LINE_LIMIT, 0);
	ck_assert_int_eq(feed(text.data, text.length, 7).state, REQUEST_BAD);
	text_free(&text);
}
END_TEST

START_TEST(head_has_a_limit)
{
	struct text text = {0};

	text_addf(&text, "GET / HTTP/1.0\r\nCookie: %0*d\r\n\r\n",
	    REQUEST_HEAD_LIMIT - 28, 0);
	ck_assert_uint_eq(text.length, REQUEST_HEAD_LIMIT);
	ck_assert_int_eq(
	    feed(text.data, text.length, text.length).state, REQUEST_COMPLETE);
	text_clear(&text);
	text_addf(&text, "GET / HTTP/1.0\r\nCookie: %0*d\r\n\r\n",
	    REQUEST_HEAD_LIMIT - 27, 0);
	ck_assert_int_eq(feed(text.data, text.length, text.length).state, REQUEST_BAD);
	text_free(&text);
}
END_TEST

START_TEST(large_body_is_counted)
{
	static const char head[] =
	    "GET / HTTP/1.0\r\nContent-Length: 1048576\r\n\r\nab";
	static char piece[4096];
	struct http_request request;

	http_request_init(&request);
	http_request_parse(&request, head, strlen(head));
	for (int i = 0; i < 255; i++)
		ck_assert_int_eq(
		    http_request_parse(&request, piece, 4096), REQUEST_BODY);
	ck_assert_int_eq(http_request_parse(&request, piece, 4093), REQUEST_BODY);
	ck_assert_uint_eq(request.body_left, 1);
	ck_assert_int_eq(http_request_parse(&request, piece, 1), REQUEST_COMPLETE);
}
END_TEST

START_TEST(bytes_after_the_end_are_ignored)
{
	struct http_request request;

	http_request_init(&request);
	http_request_parse(
	    &request, "GET /health HTTP/1.0\r\n\r\nGET /status HTTP/1.0\r\n\r\n", 47);
	ck_assert_int_eq(request.state, REQUEST_COMPLETE);
	ck_assert_int_eq(http_request_parse(&request, "\0\0", 2), REQUEST_COMPLETE);
	ck_assert_int_eq(request.path, PATH_HEALTH);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("http_request");
	TCase *cases = tcase_create("http_request");

	tcase_add_loop_test(
	    cases, requests_are_parsed, 0, sizeof(requests) / sizeof(requests[0]));
	tcase_add_loop_test(
	    cases, bad_requests_are_rejected, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(cases, nul_is_bad);
	tcase_add_test(cases, long_lines_keep_path_and_version);
	tcase_add_test(cases, request_line_has_a_limit);
	tcase_add_test(cases, long_header_lines_are_accepted);
	tcase_add_test(cases, head_has_a_limit);
	tcase_add_test(cases, large_body_is_counted);
	tcase_add_test(cases, bytes_after_the_end_are_ignored);
	suite_add_tcase(suite, cases);
	return suite;
}
