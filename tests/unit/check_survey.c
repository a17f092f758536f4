/*
 * The survey: its thread queries when it is asked to, and stops without waiting for
 * nodes that say nothing.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "fake_cmon.h"
#include "overview/survey.h"
#include "unit.h"

#define FOREVER 600000 /* ms */

static struct cluster *cluster;
static struct survey *survey;
static int listener, ready;

static void
begin(void)
{
	cluster = allocate(sizeof(*cluster));
	cluster->node_count = 1;
	address_parse("127.0.0.1", &cluster->nodes[0].address);
	listener = fake_cmon_listen("127.0.0.1", &cluster->check_port);
	ready = eventfd(0, EFD_CLOEXEC);
}

static void
end(void)
{
	survey_stop(survey);
	survey = NULL;
	close(listener);
	close(ready);
	free(cluster);
}

START_TEST(query_on_request)
{
	struct pollfd wait = {.fd = ready, .events = POLLIN};
	json_t *judged;

	cluster->deadline = 1;
	survey = survey_start(cluster, ready);
	ck_assert_ptr_null(survey_take(survey));
	for (int i = 0; i < 2; i++) {
		eventfd_t ignored;

		survey_request(survey);
		ck_assert_int_eq(poll(&wait, 1, 60000), 1);
		eventfd_read(ready, &ignored);
		judged = survey_take(survey);
		ck_assert_str_eq(
		    json_string_value(json_object_get(
			json_array_get(json_object_get(judged, "nodes"), 0), "fault")),
		    "no answer in time");
		json_decref(judged);
		ck_assert_ptr_null(survey_take(survey));
	}
}
END_TEST

/* The kernel accepts connections to a listening socket. */
START_TEST(stop_does_not_wait_for_nodes)
{
	struct pollfd wait = {.fd = listener, .events = POLLIN};
	clock_ms_t start;

	cluster->deadline = FOREVER;
	survey = survey_start(cluster, ready);
	survey_request(survey);
	ck_assert_int_eq(poll(&wait, 1, 60000), 1);
	start = clock_now();
	survey_stop(survey);
	survey = NULL;
	ck_assert_int_lt(clock_now() - start, FOREVER / 20);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("survey");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, query_on_request);
	tcase_add_test(cases, stop_does_not_wait_for_nodes);
	suite_add_tcase(suite, cases);
	return suite;
}
