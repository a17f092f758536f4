/*
 * The latest transitions of all nodes in one list: the order, the limit, and reports of
 * hostile nodes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "overview/timeline.h"
#include "unit.h"

static struct event *events;
static json_t *judged;

static void
begin(void)
{
	events = allocate(TIMELINE_MAX * sizeof(*events));
	judged = NULL;
}

static void
end(void)
{
	json_decref(judged);
	free(events);
}

static size_t
make(const char *nodes)
{
	char *whole = format_string("{\"nodes\":[%s]}", nodes);

	json_decref(judged);
	judged = json_loads(whole, 0, NULL);
	ck_assert_msg(judged != NULL, "%s", whole);
	free(whole);
	return timeline_make(judged, events);
}

#define TRANSITION(at, ago, role, reason)                                              \
	"{\"at\":" #at ",\"ago_ms\":" #ago ",\"role\":\"" role                         \
	"\",\"reason\":\"" reason "\"}"

START_TEST(newest_first)
{
	size_t count = make("{\"name\":\"cc1\",\"status\":{\"transitions\":[" TRANSITION(
	    7, 3000, "leader", "leader") "," TRANSITION(1, 9000, "unknown",
	    "no-quorum") "]}},"
			 "{\"name\":\"cc2\",\"status\":{\"transitions\":[],\"vrrp\":{\"state\":"
			 "\"master\",\"since\":5,\"since_ms\":5000}}},"
			 "{\"name\":\"cc3\",\"status\":null}");
	struct text lines = {0};

	for (size_t i = 0; i < count; i++)
		text_addf(&lines, "%lld %s: %s\n", (long long)events[i].at,
		    events[i].node, events[i].text);
	ck_assert_str_eq(text_string(&lines), "7 cc1: leader\n"
					      "5 cc2: keepalived: master\n"
					      "1 cc1: unknown (no-quorum)\n");
	text_free(&lines);
}
END_TEST

START_TEST(the_oldest_are_dropped)
{
	struct text nodes = {0};
	size_t count;

	for (int i = 0; i < 2 * TIMELINE_MAX; i++)
		text_addf(&nodes,
		    "%s{\"name\":\"n%d\",\"status\":{\"transitions\":[{\"at\":%d,"
		    "\"ago_ms\":%d,\"role\":\"leader\",\"reason\":\"leader\"}]}}",
		    i ? "," : "", i, i, 1000 * (i % 2 ? i : 100 - i));
	count = make(nodes.data);
	ck_assert_uint_eq(count, TIMELINE_MAX);
	for (size_t i = 1; i < count; i++)
		ck_assert_int_le(events[i - 1].ago, events[i].ago);
	ck_assert_int_eq(events[0].ago, 1000);
	ck_assert_int_eq(events[TIMELINE_MAX - 1].ago, 31000);
	text_free(&nodes);
}
END_TEST

START_TEST(strange_reports)
{
	ck_assert_uint_eq(make("{\"name\":\"a\",\"status\":{\"transitions\":7,\"vrrp\":"
			       "[]}},{\"name\":\"b\",\"status\":{\"transitions\":[1,"
			       "{},{\"at\":\"x\",\"ago_ms\":1}],\"vrrp\":{\"since\":"
			       "null,\"since_ms\":null}}}"),
	    0);
	ck_assert_uint_eq(
	    make("{\"name\":\"a\",\"status\":{\"transitions\":[{\"at\":1,\"ago_ms\":"
		 "1,\"role\":7,\"reason\":\"\\u001b[2J<b>\"}]}}"),
	    1);
	ck_assert_str_eq(events[0].text, "unknown (?[2J<b>)");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("timeline");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, newest_first);
	tcase_add_test(cases, the_oldest_are_dropped);
	tcase_add_test(cases, strange_reports);
	suite_add_tcase(suite, cases);
	return suite;
}
