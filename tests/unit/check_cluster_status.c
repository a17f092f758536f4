/*
 * The cluster as its nodes report it: what is wrong across nodes, how it is printed,
 * and that silent nodes delay nobody.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "fake_cmon.h"
#include "own_network.h"
#include "reported.h"
#include "ui/cluster_status.h"
#include "unit.h"

#define NODES  16
#define SILENT 5

static json_t *judged;

static void
end(void)
{
	json_decref(judged);
	judged = NULL;
	reported_end();
}

/* All problems, a line each. */
static void
expect(enum severity severity, const char *wanted)
{
	struct text lines = {0};
	json_t *problem;
	size_t i;

	json_decref(judged);
	judged = reported_judgement();
	json_array_foreach (json_object_get(judged, "problems"), i, problem)
		text_addf(&lines, "%s: %s\n",
		    json_string_value(json_object_get(problem, "severity")),
		    json_string_value(json_object_get(problem, "text")));
	ck_assert_str_eq(text_string(&lines), wanted);
	ck_assert_int_eq(judgement_severity(judged), severity);
	text_free(&lines);
}

START_TEST(well)
{
	reported_all_is_well();
	expect(SEVERITY_OK, "");
}
END_TEST

START_TEST(no_leader)
{
	reported_all_is_well();
	reported_answer(0, false, false, "");
	expect(SEVERITY_CRITICAL, "critical: no web UI is shown: cc1 follower, cc2 "
				  "follower, cc3 follower\n");
}
END_TEST

START_TEST(two_leaders)
{
	reported_all_is_well();
	reported_answer(2, true, false, "");
	expect(SEVERITY_CRITICAL, "critical: 2 nodes are leaders\n");
	/* With show = any several nodes have users. */
	reported_cluster->show = SHOW_ANY;
	expect(SEVERITY_OK, "");
}
END_TEST

START_TEST(vip_on_none_and_on_two)
{
	reported_all_is_well();
	reported_answer(2, false, true, "");
	expect(SEVERITY_CRITICAL,
	    "critical: 2 nodes have the virtual IP 10.0.0.200: cc2, cc3\n");
	reported_answer(1, false, false, "");
	reported_answer(2, false, false, "");
	expect(SEVERITY_CRITICAL,
	    "critical: no node that answers has the virtual IP 10.0.0.200\n");
}
END_TEST

#define SERVERS(name)                                                                  \
	",\"haproxy\":{\"servers\":[{\"name\":\"" name "\",\"state\":\"up\"},"         \
	"{\"name\":\"" name                                                            \
	"\",\"state\":\"up\"},{\"name\":\"cc2\",\"state\":\"down\"}]}"

START_TEST(users_are_sent_elsewhere)
{
	reported_all_is_well();
	reported_answer(2, false, false, SERVERS("cc1"));
	expect(SEVERITY_OK, "");
	reported_answer(2, false, false, SERVERS("cc2"));
	expect(SEVERITY_CRITICAL, "critical: HAProxy of cc3 sends users to cc2, which "
				  "reports that it may not have any\n");
}
END_TEST

START_TEST(files_and_versions_differ)
{
	reported_all_is_well();
	json_object_set_new(reported_answers[1].status, "checksum", json_string("b"));
	json_object_set_new(reported_answers[2].status, "version", json_string("2"));
	expect(SEVERITY_WARNING,
	    "warning: the applied cluster files differ: cc1 a, cc2 b, cc3 a\n"
	    "warning: the versions differ: cc1 1, cc2 1, cc3 2\n");
}
END_TEST

/* A warning alone; what is critical comes first whichever was found first. */
START_TEST(silent_node_and_problems_of_nodes)
{
	reported_all_is_well();
	reported_silence(2, "no answer in time");
	reported_answer(
	    1, false, true, ",\"problems\":[{\"text\":\"full \\u001b[2J disk|\"}]");
	expect(SEVERITY_WARNING,
	    "warning: cc2: full ?[2J disk|\nwarning: cc3: no answer in time\n");
	reported_answer(0, true, true, SERVERS("cc2"));
	expect(SEVERITY_CRITICAL,
	    "critical: 2 nodes have the virtual IP 10.0.0.200: cc1, cc2\n"
	    "critical: HAProxy of cc1 sends users to cc2, which reports that it may not "
	    "have any\n"
	    "warning: cc2: full ?[2J disk|\nwarning: cc3: no answer in time\n");
}
END_TEST

/* Answers of another program, or of a hostile one. */
START_TEST(strange_answers)
{
	static const char *const texts[] = {"{}",
	    "{\"role\":7,\"reason\":[],\"shown\":\"true\",\"vips\":{},\"haproxy\":3,"
	    "\"problems\":[1,{}]}",
	    "{\"vips\":[1,{\"address\":2,\"here\":true}],\"haproxy\":{\"servers\":["
	    "null,{\"name\":\"nobody\",\"state\":\"up\"}]}}"};
	struct text table = {0};

	for (size_t i = 0; i < 3; i++)
		reported_answers[i].status = json_loads(texts[i], 0, NULL);
	judged = reported_judgement();
	ck_assert_int_eq(judgement_severity(judged), SEVERITY_CRITICAL);
	cluster_status_add_table(&table, judged);
	ck_assert_ptr_nonnull(strstr(table.data, "critical: no web UI is shown"));
	text_free(&table);
}
END_TEST

START_TEST(table)
{
	struct text text = {0};

	reported_all_is_well();
	reported_answer(0, true, true, SERVERS("cc1"));
	reported_answer(1, false, false, "");
	reported_silence(2, "no answer in time");
	judged = reported_judgement();
	cluster_status_add_table(&text, judged);
	ck_assert_str_eq(text.data,
	    "NODE             ROLE     REASON           VIRTUAL IP       USERS GO TO      "
	    "VERSION\n"
	    "cc1              leader   leader           10.0.0.200       cc1              "
	    "1\n"
	    "cc2              follower follower         -                -                "
	    "1\n"
	    "cc3              no answer in time\n"
	    "warning: cc3: no answer in time\n");
	text_free(&text);
}
END_TEST

START_TEST(monitoring_plugin)
{
	struct text text = {0};

	reported_all_is_well();
	judged = reported_judgement();
	cluster_status_add_plugin(&text, judged);
	ck_assert_str_eq(
	    text.data, "CMONHA OK: 3 nodes | nodes_answering=3;;;0;3 problems=0;;;0\n");
	text_clear(&text);
	json_decref(judged);
	reported_answer(1, false, true, ",\"problems\":[{\"text\":\"a|b\"}]");
	judged = reported_judgement();
	cluster_status_add_plugin(&text, judged);
	ck_assert_str_eq(text.data,
	    "CMONHA WARNING: cc2: a/b | nodes_answering=3;;;0;3 problems=1;;;0\n");
	text_free(&text);
}
END_TEST

/* One connection after the other on any of the listeners, until it is killed. */
static void
serve(struct pollfd *listeners, nfds_t count, const char *response)
{
	for (;;) {
		poll(listeners, count, -1);
		for (nfds_t i = 0; i < count; i++) {
			char request[1024];
			int fd;

			if (!(listeners[i].revents & POLLIN))
				continue;
			fd = accept(listeners[i].fd, NULL, NULL);
			if (read(fd, request, sizeof(request)) > 0 &&
			    write(fd, response, strlen(response)) > 0)
				close(fd);
		}
	}
}

/* 16 nodes, of which five accept connections (the kernel does) and say nothing. */
START_TEST(silent_nodes_delay_nobody)
{
	struct pollfd listeners[NODES];
	int port = 0;
	clock_ms_t start;
	pid_t child;

	/* Elsewhere somebody may have the port at one of the addresses. */
	if (geteuid() == 0 && !own_network_enter())
		return;
	reported_cluster->node_count = NODES;
	for (int i = 0; i < NODES; i++) {
		struct node *node = &reported_cluster->nodes[i];
		char address[ADDRESS_TEXT_MAX];

		snprintf(address, sizeof(address), "127.0.0.%d", i + 1);
		snprintf(node->name, sizeof(node->name), "n%d", i);
		address_parse(address, &node->address);
		listeners[i] = (struct pollfd){
		    .fd = fake_cmon_listen(address, &port), .events = POLLIN};
	}
	reported_cluster->check_port = port;
	child = fork();
	if (child == 0)
		serve(listeners, NODES - SILENT,
		    "HTTP/1.0 200 OK\r\nContent-Length: 17\r\n\r\n{\"role\":\"leader\"}");
	start = clock_now();
	query_nodes(reported_cluster, 1000, -1, reported_answers);
	/* A busy machine may be late; five limits in a row would take 5 s. */
	ck_assert_int_lt(clock_now() - start, 3000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (int i = 0; i < NODES; i++) {
		ck_assert_int_eq(
		    reported_answers[i].status != NULL, i < NODES - SILENT);
		if (i >= NODES - SILENT)
			ck_assert_str_eq(
			    reported_answers[i].fault, "no answer in time");
		close(listeners[i].fd);
	}
}
END_TEST

static const struct {
	const char *response;
	const char *fault;
} bad[] = {
    {"HTTP/1.0 403 Forbidden\r\n\r\n",
	"this machine is not in \"allow\" of its cluster file"},
    {"HTTP/1.0 404 Not Found\r\n\r\n", "HTTP status 404"},
    {"HTTP/1.0 200 OK\r\n\r\n[]", "its answer is not that of cmonhachk"},
    {"HTTP/1.0 200 OK\r\n\r\n{", "its answer is not that of cmonhachk"},
};

START_TEST(bad_answers_have_a_reason)
{
	struct pollfd listener = {.events = POLLIN};
	pid_t child;

	reported_cluster->node_count = 1;
	address_parse("127.0.0.1", &reported_cluster->nodes[0].address);
	listener.fd = fake_cmon_listen("127.0.0.1", &reported_cluster->check_port);
	child = fork();
	if (child == 0)
		serve(&listener, 1, bad[_i].response);
	query_nodes(reported_cluster, 5000, -1, reported_answers);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(listener.fd);
	ck_assert_ptr_null(reported_answers[0].status);
	ck_assert_str_eq(reported_answers[0].fault, bad[_i].fault);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("cluster_status");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, reported_begin, end);
	tcase_add_test(cases, well);
	tcase_add_test(cases, no_leader);
	tcase_add_test(cases, two_leaders);
	tcase_add_test(cases, vip_on_none_and_on_two);
	tcase_add_test(cases, users_are_sent_elsewhere);
	tcase_add_test(cases, files_and_versions_differ);
	tcase_add_test(cases, silent_node_and_problems_of_nodes);
	tcase_add_test(cases, strange_answers);
	tcase_add_test(cases, table);
	tcase_add_test(cases, monitoring_plugin);
	tcase_add_test(cases, silent_nodes_delay_nobody);
	tcase_add_loop_test(
	    cases, bad_answers_have_a_reason, 0, sizeof(bad) / sizeof(bad[0]));
	suite_add_tcase(suite, cases);
	return suite;
}
