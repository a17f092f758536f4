/*
 * The pages by the resident server, over HTTP: one survey for many clients, slow nodes,
 * headers, and who may not have them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "check/pages.h"
#include "fake_cmon.h"
#include "local_address.h"
#include "overview/html.h"
#include "served.h"
#include "unit.h"

static int silent; /* a node that accepts connections and says nothing */

/* The node cc1 is the server itself. */
static void
begin(void)
{
	struct cluster *cluster;

	served_begin();
	served_terminate(SIGTERM);
	cluster = &served.config->cluster;
	cluster->check_port = served.port;
	cluster->node_count = 1;
	for (size_t i = 0; i < 2; i++) {
		struct node *node = &cluster->nodes[i];
		char address[] = "127.0.0.1";

		address[8] = (char)('1' + i);
		address_parse(address, &node->address);
		snprintf(node->name, sizeof(node->name), "cc%zu", i + 1);
		node->roles = NODE_CONTROLLER;
	}
	silent = -1;
}

static void
start(size_t nodes)
{
	served.config->cluster.node_count = nodes;
	served_start();
}

static void
end(void)
{
	served_end();
	if (silent >= 0)
		close(silent);
}

START_TEST(overview)
{
	char *get, *head;

	start(1);
	get = served_query("GET /overview HTTP/1.0\r\n\r\n");
	ck_assert_ptr_nonnull(strstr(get, "\r\nContent-Security-Policy: " HTML_POLICY));
	ck_assert_ptr_nonnull(
	    strstr(get, "<meta http-equiv=\"refresh\" content=\"5\">"));
	ck_assert_ptr_nonnull(strstr(get, "<h1 class=\"good\">cc1 is the leader</h1>"));
	head = strstr(get, "\r\n\r\n") + 4;
	ck_assert_uint_eq(
	    strtoul(strstr(get, "Content-Length: ") + 16, NULL, 10), strlen(head));
	served_expect(get, "HTTP/1.1 200 OK\r\n",
	    "\r\nContent-Type: text/html; charset=utf-8\r\n");
	head = served_query("HEAD /overview HTTP/1.0\r\n\r\n");
	ck_assert_str_eq(strstr(head, "\r\n\r\n"), "\r\n\r\n");
	served_expect(head, "HTTP/1.1 200 OK\r\n", "text/html");
	served_expect(served_query("OPTIONS /overview HTTP/1.0\r\n\r\n"),
	    "HTTP/1.1 200 OK\r\n", "\r\nAllow: GET, HEAD, OPTIONS\r\n");
	served_expect(served_query("POST /overview HTTP/1.0\r\n\r\n"), "HTTP/1.1 405 ",
	    "Only GET");
}
END_TEST

START_TEST(still)
{
	char *answer;

	start(1);
	answer = served_query("GET /overview/still HTTP/1.0\r\n\r\n");
	ck_assert_ptr_null(strstr(answer, "http-equiv"));
	served_expect(answer, "HTTP/1.1 200 OK\r\n", "cc1 is the leader");
}
END_TEST

START_TEST(no_leader)
{
	fake_cmon_reply_status(&served.cmon, "follower");
	start(1);
	served_expect(served_query("GET /no-leader HTTP/1.0\r\n\r\n"),
	    "HTTP/1.1 503 Service Unavailable\r\n", "\r\nRetry-After: 2\r\n");
	served_expect(served_query("GET /no-leader HTTP/1.0\r\n\r\n"),
	    "HTTP/1.1 503 Service Unavailable\r\n",
	    "<p>The controllers are electing a new leader. ");
}
END_TEST

/* Each client's own survey would be a query of its own. */
START_TEST(clients_share_one_survey)
{
	int fds[50];
	char *status;
	json_t *root;
	json_int_t answers;

	start(1);
	served.cmon.delay = 100;
	for (size_t i = 0; i < 50; i++) {
		fds[i] = served_connect();
		served_send(fds[i], "GET /overview HTTP/1.0\r\n\r\n");
	}
	for (size_t i = 0; i < 50; i++)
		served_expect(
		    served_receive(fds[i]), "HTTP/1.1 200 ", "cc1 is the leader");
	status = served_query("GET /status HTTP/1.0\r\n\r\n");
	root = json_loads(strstr(status, "\r\n\r\n"), 0, NULL);
	answers = json_integer_value(
	    json_object_get(json_object_get(root, "counters"), "answers"));
	/* A busy machine may need a second survey, or a third. */
	ck_assert_int_le(answers, 50 + 1 + 3);
	json_decref(root);
	free(status);
}
END_TEST

/* It is answered in time with what is known, and says soon what is true. */
START_TEST(silent_node_delays_no_page)
{
	clock_ms_t begin_at, deadline = clock_now() + SERVED_PATIENCE;
	bool known = false;

	close(served.listener);
	served.port = 0;
	served.listener = fake_cmon_listen("127.0.0.1", &served.port);
	silent = fake_cmon_listen("127.0.0.2", &served.port);
	served.config->cluster.check_port = served.port;
	start(2);
	begin_at = clock_now();
	served_expect(served_query("GET /overview HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ",
	    "<meta http-equiv=\"refresh\" content=\"1\">");
	ck_assert_int_lt(clock_now() - begin_at, SERVED_DEADLINE + 3000);
	while (!known) {
		char *answer = served_query("GET /overview HTTP/1.0\r\n\r\n");

		ck_assert_int_gt(clock_left(deadline), 0);
		known = strstr(answer, "cc1 is the leader</h1>") &&
			strstr(answer, "no answer in time") &&
			strstr(answer, ">1 of 2<");
		free(answer);
	}
}
END_TEST

START_TEST(strangers_get_no_page)
{
	static const char *const requests[] = {"GET /overview HTTP/1.0\r\n\r\n",
	    "GET /overview/still HTTP/1.0\r\n\r\n", "GET /no-leader HTTP/1.0\r\n\r\n"};
	char own[ADDRESS_TEXT_MAX];

	start(1);
	if (!local_address_find(own))
		return;
	for (size_t i = 0; i < 3; i++) {
		int fd = served_connect_from(own);

		served_send(fd, requests[i]);
		served_expect(
		    served_receive(fd), "HTTP/1.1 403 Forbidden\r\n", "\"allow\"");
	}
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("pages");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, overview);
	tcase_add_test(cases, still);
	tcase_add_test(cases, no_leader);
	tcase_add_test(cases, clients_share_one_survey);
	tcase_add_test(cases, silent_node_delays_no_page);
	tcase_add_test(cases, strangers_get_no_page);
	suite_add_tcase(suite, cases);
	return suite;
}
