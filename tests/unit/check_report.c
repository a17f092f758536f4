#include "watch/report.h"

#include "scratch.h"
#include "unit.h"

#define REST                                                                           \
	",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n"
/* The columns that are used, as HAProxy 2.6 numbers them. */
#define SERVER(name, status, check)                                                    \
	"cmonha_ui_81_servers," name ",0,0,3,1,256,7,0,0,,0,,0,0,0,0," status          \
	",100,1,0,0,1,42,0,,81,1,1,,7,,2,0,,1," check ",200,1" REST

static struct text haproxy;

static void
begin(void)
{
	scratch_empty();
	scratch_put("run/cmonha-ui/keep", "", 0644);
	text_clear(&haproxy);
}

/* The parsed file, without its time. */
static void
expect_report(const char *json)
{
	char *path = copy_string(scratch_path(REPORT_FILE + 1));
	json_t *is = json_load_file(path, 0, NULL);
	json_t *should = json_loads(json, 0, NULL);

	ck_assert_ptr_nonnull(is);
	ck_assert_ptr_nonnull(should);
	ck_assert_int_gt(json_integer_value(json_object_get(is, "updated")), 0);
	json_object_del(is, "updated");
	ck_assert_int_eq(json_integer_value(json_object_get(is, "pid")), getpid());
	json_object_del(is, "pid");
	ck_assert_msg(json_equal(is, should), "%s", json_dumps(is, 0));
	ck_assert_int_eq(scratch_mode(REPORT_FILE + 1), 0644);
	json_decref(is);
	json_decref(should);
	free(path);
}

START_TEST(all)
{
	struct report report = {.state = VRRP_MASTER,
	    .state_since = 1700000000,
	    .haproxy_answers = true,
	    .old_workers = 1,
	    .haproxy = &haproxy,
	    .haproxy_installed = "2.6.13",
	    .keepalived_installed = "",
	    .problems = json_pack("[s]", "a \"problem\"")};

	text_addf(&haproxy, "%s",
	    "Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nUptime_sec: 5\n\n"
	    "# pxname,svname,qcur,...\n" SERVER("cc1", "UP", "L7OK")
		SERVER("cc2", "DOWN 1/2", "* L7STS") SERVER("cc3", "MAINT", "")
		    SERVER("page:cmonhachk", "no check", ""));
	ck_assert_int_eq(report_write(&report, scratch), 0);
	expect_report(
	    "{\"version\":1,\"vrrp\":{\"state\":\"master\",\"since\":1700000000},"
	    "\"haproxy\":{\"answers\":true,\"version\":\"2.6.12-1+deb12u4\","
	    "\"installed\":\"2.6.13\",\"old_workers\":1,\"backends\":[{\"name\":\"cmonha_ui_81_servers\","
	    "\"servers\":[{\"name\":\"cc1\",\"state\":\"up\",\"since\":42,"
	    "\"sessions\":3,\"reason\":\"L7OK/200\"},"
	    "{\"name\":\"cc2\",\"state\":\"down\",\"since\":42,\"sessions\":3,"
	    "\"reason\":\"* L7STS/200\"},"
	    "{\"name\":\"cc3\",\"state\":\"maintenance\",\"since\":42,"
	    "\"sessions\":3,\"reason\":\"/200\"}]}]},"
	    "\"keepalived\":{\"installed\":null},"
	    "\"problems\":[\"a \\\"problem\\\"\"]}");
	json_decref(report.problems);
}
END_TEST

START_TEST(nothing_is_known)
{
	struct report report = {
	    .state = VRRP_UNKNOWN, .haproxy = &haproxy, .problems = json_array()};

	ck_assert_int_eq(report_write(&report, scratch), 0);
	expect_report("{\"version\":1,\"vrrp\":{\"state\":\"unknown\",\"since\":0},"
		      "\"haproxy\":{\"answers\":false,\"version\":null,"
		      "\"installed\":null,\"old_workers\":0,\"backends\":[]},"
		      "\"keepalived\":{\"installed\":null},\"problems\":[]}");
	json_decref(report.problems);
}
END_TEST

/* A watcher that was restarted goes on with the state that it had found. */
START_TEST(restored)
{
	struct transitions transitions = {.fd = -1};
	struct report report = {.state = VRRP_BACKUP,
	    .state_since = 1700000000,
	    .haproxy = &haproxy,
	    .problems = json_array()};

	report_restore(scratch, &transitions);
	ck_assert_int_eq(transitions.state, VRRP_UNKNOWN);
	ck_assert_int_eq(report_write(&report, scratch), 0);
	report_restore(scratch, &transitions);
	ck_assert_int_eq(transitions.state, VRRP_BACKUP);
	ck_assert_int_eq(transitions.since, 1700000000);
	scratch_put(REPORT_FILE + 1, "{\"vrrp\":{\"state\":7}}", 0644);
	report_restore(scratch, &transitions);
	ck_assert_int_eq(transitions.state, VRRP_BACKUP);
	json_decref(report.problems);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *cases = tcase_create("report");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, begin, NULL);
	tcase_add_test(cases, all);
	tcase_add_test(cases, nothing_is_known);
	tcase_add_test(cases, restored);
	suite_add_tcase(suite, cases);
	return suite;
}
