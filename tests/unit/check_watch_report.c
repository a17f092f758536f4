/*
 * The watcher's file: what is copied, what is refused, and how old it may be.
 */
#include <string.h>

#include "check/watch_report.h"
#include "unit.h"

#define NOW 1800000000

static json_t *report;

static void
end(void)
{
	json_decref(report);
	report = NULL;
}

static void
parse(const char *text)
{
	struct text content = {0};

	text_addf(&content, "%s", text);
	report = watch_report_parse(&content, NOW);
	text_free(&content);
	ck_assert_ptr_nonnull(report);
}

static void
expect(const char *wanted)
{
	json_t *expected = json_loads(wanted, 0, NULL);
	char *found = json_dumps(report, JSON_COMPACT);

	ck_assert_ptr_nonnull(expected);
	ck_assert_msg(json_equal(report, expected), "%s", found);
	json_decref(expected);
	free(found);
}

START_TEST(current_report_is_copied)
{
	parse("{\"version\":1,\"updated\":1799999998,"
	      "\"vrrp\":{\"state\":\"master\",\"since\":1799999990},"
	      "\"haproxy\":{\"answers\":true,\"version\":\"2.6.12\",\"old_workers\":1,"
	      "\"backends\":[{\"name\":\"b\",\"servers\":[{\"name\":\"cc1\","
	      "\"state\":\"up\",\"since\":7,\"sessions\":3,\"reason\":\"L7OK/200\"}]}],"
	      "\"installed\":\"2.6.13\"},\"keepalived\":{\"installed\":\"2.2.7\"},"
	      "\"pid\":77,\"problems\":[\"one\"],\"more\":1}");
	expect(
	    "{\"watch\":\"current\",\"vrrp\":{\"state\":\"master\",\"since\":1799999990,\"since_ms\":10000},"
	    "\"haproxy\":{\"answers\":true,\"version\":\"2.6.12\",\"old_workers\":1,"
	    "\"servers\":[{\"backend\":\"b\",\"name\":\"cc1\",\"state\":\"up\","
	    "\"since_ms\":9000,\"sessions\":3,\"reason\":\"L7OK/200\"}]},"
	    "\"problems\":[\"one\"],\"pid\":77,\"installed\":{\"haproxy\":\"2.6.13\","
	    "\"keepalived\":\"2.2.7\"}}");
}
END_TEST

static const struct {
	const char *text;
	const char *watch;
	int pid;
} unusable[] = {
    {"", "absent", 0},
    {"{", "absent", 0},
    {"[]", "absent", 0},
    {"{\"version\":2,\"updated\":1800000000}", "absent", 0},
    {"{\"version\":1}", "absent", 0},
    {"{\"version\":1,\"updated\":-1}", "absent", 0},
    {"{\"version\":1,\"updated\":1799999989,\"pid\":77}", "stale", 77},
    {"{\"version\":1,\"updated\":1800000011}", "stale", 0},
};

START_TEST(nothing_is_known_without_a_current_report)
{
	const char *watch = NULL, *state = NULL;
	json_int_t pid = -1;

	parse(unusable[_i].text);
	ck_assert_int_eq(
	    json_unpack_ex(report, NULL, JSON_STRICT,
		"{s:s, s:{s:s, s:n, s:n}, s:n, s:[], s:I, s:{s:n, s:n}}", "watch",
		&watch, "vrrp", "state", &state, "since", "since_ms", "haproxy",
		"problems", "pid", &pid, "installed", "haproxy", "keepalived"),
	    0);
	ck_assert_int_eq(pid, unusable[_i].pid);
	ck_assert_str_eq(watch, unusable[_i].watch);
	ck_assert_str_eq(state, "unknown");
}
END_TEST

/* What is not as documented is left out, or unknown; the rest counts. */
START_TEST(strange_values_are_refused)
{
	parse("{\"version\":1,\"updated\":1800000000,"
	      "\"vrrp\":{\"state\":\"MASTER\",\"since\":1900000000},"
	      "\"haproxy\":{\"answers\":1,\"version\":\"a\\u001b[31m\","
	      "\"old_workers\":-1,\"backends\":[{\"name\":\"b\",\"servers\":["
	      "{\"name\":\"cc1\",\"state\":\"sideways\"},"
	      "{\"name\":\"\\u0007\",\"state\":\"up\"},"
	      "{\"name\":\"cc2\",\"state\":\"down\",\"since\":-3,\"sessions\":\"x\"}]},"
	      "{\"servers\":[{\"name\":\"cc1\",\"state\":\"up\"}]}, 7]},"
	      "\"pid\":-5,\"keepalived\":{\"installed\":\"\\u001b\"},"
	      "\"problems\":[\"bell\\u0007\", 3, \"good\"]}");
	expect(
	    "{\"watch\":\"current\",\"vrrp\":{\"state\":\"unknown\",\"since\":null,\"since_ms\":null},"
	    "\"haproxy\":{\"answers\":false,\"version\":null,\"old_workers\":null,"
	    "\"servers\":[{\"backend\":\"b\",\"name\":\"cc2\",\"state\":\"down\","
	    "\"since_ms\":0,\"sessions\":null,\"reason\":null}]},"
	    "\"problems\":[\"good\"],\"pid\":0,\"installed\":{\"haproxy\":null,"
	    "\"keepalived\":null}}");
}
END_TEST

START_TEST(without_haproxy)
{
	parse("{\"version\":1,\"updated\":1800000000,\"vrrp\":3,\"problems\":{}}");
	expect(
	    "{\"watch\":\"current\",\"vrrp\":{\"state\":\"unknown\",\"since\":null,\"since_ms\":null},"
	    "\"haproxy\":null,\"problems\":[],\"pid\":0,\"installed\":{\"haproxy\":null,"
	    "\"keepalived\":null}}");
}
END_TEST

START_TEST(no_file)
{
	report = watch_report_read("/nonexistent/watch.json");
	ck_assert_str_eq(json_string_value(json_object_get(report, "watch")), "absent");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("watch_report");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, NULL, end);
	tcase_add_test(cases, current_report_is_copied);
	tcase_add_loop_test(cases, nothing_is_known_without_a_current_report, 0,
	    sizeof(unusable) / sizeof(unusable[0]));
	tcase_add_test(cases, strange_values_are_refused);
	tcase_add_test(cases, without_haproxy);
	tcase_add_test(cases, no_file);
	suite_add_tcase(suite, cases);
	return suite;
}
