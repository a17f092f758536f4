/*
 * A web interface that answers, and in all the ways in which one does not.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/timing.h"
#include "probe/ui.h"
#include "fake_cmon.h"
#include "listening.h"
#include "scratch.h"
#include "unit.h"

#define PATIENCE 5000

static struct config *config;
static CURLM *multi;
static struct ui ui;

static void
begin(void)
{
	config = allocate(sizeof(*config));
	ck_assert_ptr_null(address_parse("127.0.0.1", &config->address));
	multi = curl_multi_init();
}

static void
end(void)
{
	ui_clear(&ui);
	curl_multi_cleanup(multi);
	free(config);
	listening_stop();
}

static void
forward_to(int port, bool http)
{
	struct forward_list *forwards = &config->cluster.forwards;

	forwards->at[forwards->count++] = (struct forward){.port = port, .http = http};
}

static void
begin_requests(void)
{
	ui_init(&ui, config, multi);
	ui.interval_ms = 0;
	ui.answer_ms = 100;
}

/* One request to each port, to its end. */
static void
request(void)
{
	clock_ms_t limit = clock_now() + PATIENCE;
	CURLMsg *message;
	int running, left;

	ui_query(&ui);
	ck_assert(ui_is_querying(&ui));
	while (ui_is_querying(&ui)) {
		ck_assert_int_gt(clock_left(limit), 0);
		curl_multi_wait(multi, NULL, 0, 100, NULL);
		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left)))
			ck_assert(ui_finish(&ui, message));
	}
}

static const struct {
	bool http; /* the forward's */
	const char *answer;
	const char *fault; /* NULL: it is up */
} answers[] = {
    {true, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", NULL},
    {true, "HTTP/1.0 200 OK\r\n\r\n", NULL},
    {true,
	"HTTP/1.1 302 Found\r\nLocation: /clustercontrol\r\nContent-Length: 0\r\n\r\n",
	NULL},
    {true, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", NULL},
    {true, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", NULL},
    /* An answer that is not whole is one. */
    {true, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi", NULL},
    /* Plain HTTP where TLS is passed through. */
    {false, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", NULL},
    {true, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "HTTP status 500"},
    {true, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "HTTP status 503"},
    {false, "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n", "HTTP status 502"},
    {true, "", "does not respond"},
    {true, "SSH-2.0-OpenSSH_9.2\r\n", "does not respond"},
    {false, "SSH-2.0-OpenSSH_9.2\r\n", "does not respond"},
    {true, "\x15\x03\x03\x01\x02\x02\x28", "does not respond"},
};

START_TEST(answers_are_judged)
{
	const char *fault;

	scratch_put("answer", answers[_i].answer, 0644);
	forward_to(listening_tcp("127.0.0.1", "answer"), answers[_i].http);
	begin_requests();
	ck_assert_ptr_null(ui_fault(&ui, 0));
	request();
	/* Once may be a restart. */
	ck_assert_ptr_null(ui_fault(&ui, 0));
	request();
	fault = ui_fault(&ui, 0);
	if (!answers[_i].fault)
		ck_assert_msg(!fault, "%s", fault);
	else
		ck_assert_msg(fault && strstr(fault, answers[_i].fault), "%s",
		    fault ? fault : "");
}
END_TEST

START_TEST(silence_is_down_and_an_answer_is_up)
{
	int port = 0, fd = fake_cmon_listen("127.0.0.1", &port);

	scratch_put("answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0644);
	forward_to(port, true);
	forward_to(listening_tcp("127.0.0.1", "answer"), true);
	begin_requests();
	request();
	ck_assert_ptr_null(ui_fault(&ui, 0));
	request();
	ck_assert_ptr_nonnull(strstr(ui_fault(&ui, 0), "does not respond"));
	ck_assert_ptr_null(ui_fault(&ui, 1));
	close(fd);
	/* The same, seen by the next request to a port that answers. */
	ui.ports[0].port = ui.ports[1].port;
	request();
	ck_assert_ptr_null(ui_fault(&ui, 0));
}
END_TEST

START_TEST(large_pages_are_answers)
{
	char *page = format_string("HTTP/1.1 200 OK\r\n\r\n%0300000d", 0);

	scratch_put("answer", page, 0644);
	free(page);
	forward_to(listening_tcp("127.0.0.1", "answer"), true);
	begin_requests();
	request();
	request();
	ck_assert_ptr_null(ui_fault(&ui, 0));
}
END_TEST

START_TEST(one_request_a_second)
{
	int port = 0, fd = fake_cmon_listen("127.0.0.1", &port);

	forward_to(port, true);
	begin_requests();
	ui.interval_ms = UI_INTERVAL_MS;
	request();
	ui.ports[0].failures = UI_FAILURES;
	ui_query(&ui);
	ck_assert(!ui_is_querying(&ui));
	ui.ports[0].started -= UI_INTERVAL_MS;
	ui_query(&ui);
	ck_assert(ui_is_querying(&ui));
	ck_assert_ptr_nonnull(ui_fault(&ui, 0));
	/* It did not get users for a while: what it was then is not known now. */
	request();
	ui.ports[0].started -= UI_MEMORY_MS;
	ui_query(&ui);
	ck_assert_ptr_null(ui_fault(&ui, 0));
	close(fd);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("ui");
	TCase *cases = tcase_create("ui");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_loop_test(
	    cases, answers_are_judged, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(cases, silence_is_down_and_an_answer_is_up);
	tcase_add_test(cases, large_pages_are_answers);
	tcase_add_test(cases, one_request_a_second);
	suite_add_tcase(suite, cases);
	return suite;
}
