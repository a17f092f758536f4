#include "apply/verify.h"

#include "serving.h"
#include "unit.h"

/* Long enough for a loaded machine; where the test waits for a failure, a short one. */
#define PLENTY_MS 20000
#define SHORT_MS  100

static struct address node;

static void
begin(void)
{
	ck_assert(!address_parse(SERVING_NODE, &node));
	serving_begin();
	serving_plan("", "");
}

START_TEST(queries_check)
{
	const char *reason = NULL;
	json_t *status;

	serving_check_answers("{\"role\": \"leader\"}");
	status = verify_query_check(&node, serving_check_port, PLENTY_MS, &reason);
	ck_assert_ptr_nonnull(status);
	ck_assert_str_eq(json_string_value(json_object_get(status, "role")), "leader");
	json_decref(status);
	scratch_expect("check.requests", "GET /status HTTP/1.0\r\n\r\n");
	/* Something else listens there. */
	scratch_put("check", "SSH-2.0\r\n\r\n{}", 0644);
	ck_assert_ptr_null(
	    verify_query_check(&node, serving_check_port, PLENTY_MS, &reason));
	ck_assert_str_eq(reason, "the response is not cmonhachk's");
	serving_check_answers("not JSON");
	ck_assert_ptr_null(
	    verify_query_check(&node, serving_check_port, PLENTY_MS, &reason));
	listening_stop();
	ck_assert_ptr_null(
	    verify_query_check(&node, serving_check_port, PLENTY_MS, &reason));
	ck_assert_str_eq(reason, "Connection refused");
}
END_TEST

static int
verify(enum service service, int milliseconds)
{
	return verify_service(
	    &rooted_machine, &planned->plan, service, 0, milliseconds);
}

START_TEST(check_serves_plan)
{
	serving_answers_plan();
	ck_assert_int_eq(verify(SERVICE_XINETD, PLENTY_MS), 0);
	ck_assert_int_eq(verify(SERVICE_CHECK_SOCKET, PLENTY_MS), 0);
	serving_check_answers("{\"checksum\": \"0123456789abcdef\"}");
	ck_assert_int_eq(verify(SERVICE_XINETD, SHORT_MS), -1);
	serving_check_answers("{}");
	ck_assert_int_eq(verify(SERVICE_CHECK_SOCKET, SHORT_MS), -1);
	listening_stop();
	ck_assert_int_eq(verify(SERVICE_CHECK_SOCKET, SHORT_MS), -1);
}
END_TEST

START_TEST(haproxy_serves_plan)
{
	serving_answers_plan();
	ck_assert_int_eq(verify(SERVICE_HAPROXY, PLENTY_MS), 0);
	scratch_expect("haproxy.requests", "show info\n");
	serving_haproxy_answers("description: cmonha-ui cc1 0123456789abcdef\n");
	ck_assert_int_eq(verify(SERVICE_HAPROXY, SHORT_MS), -1);
	serving_answers_plan();
	ck_assert_int_eq(verify(SERVICE_HAPROXY, PLENTY_MS), 0);
	listening_stop();
	ck_assert_int_eq(verify(SERVICE_HAPROXY, SHORT_MS), -1);
}
END_TEST

START_TEST(keepalived_runs)
{
	ck_assert_int_eq(verify(SERVICE_KEEPALIVED, SHORT_MS), -1);
	stand_in_set_active("cmonha-ui-keepalived.service");
	ck_assert_int_eq(verify(SERVICE_KEEPALIVED, PLENTY_MS), 0);
}
END_TEST

/* It is queried again until it serves the plan: here from the third time on. */
START_TEST(waits_until_it_serves)
{
	stand_in_program("systemctl", "echo x >>\"$0.calls\"\n"
				      "[ \"$(wc -l <\"$0.calls\")\" -ge 3 ]\n");
	ck_assert_int_eq(verify(SERVICE_KEEPALIVED, PLENTY_MS), 0);
	scratch_expect("bin/systemctl.calls", "x\nx\nx\n");
}
END_TEST

/* Only reports: whether a VIP answers decides nothing. */
START_TEST(vips)
{
	serving_answers_plan();
	verify_vips(&planned->plan, PLENTY_MS);
	listening_stop();
	verify_vips(&planned->plan, SHORT_MS);
}
END_TEST

START_TEST(waits_for_the_check_to_stop)
{
	/* It still answers at the deadline. */
	serving_check_answers("{}");
	verify_check_stopped(&node, serving_check_port, SHORT_MS);
	ck_assert(scratch_has("check.requests"));
	listening_stop();
	verify_check_stopped(&node, serving_check_port, PLENTY_MS);
}
END_TEST

START_TEST(waits_for_the_port)
{
	int port = listening_tcp("127.0.0.1", "old");

	verify_port_free(0, PLENTY_MS);
	ck_assert(!scratch_has("old.requests"));
	/* While something listens there it is queried, so that it notices. */
	verify_port_free(port, SHORT_MS);
	ck_assert(scratch_has("old.requests"));
	listening_stop();
	verify_port_free(port, PLENTY_MS);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("verify");
	TCase *cases = tcase_create("verify");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, begin, serving_end);
	tcase_add_test(cases, queries_check);
	tcase_add_test(cases, check_serves_plan);
	tcase_add_test(cases, haproxy_serves_plan);
	tcase_add_test(cases, keepalived_runs);
	tcase_add_test(cases, waits_until_it_serves);
	tcase_add_test(cases, vips);
	tcase_add_test(cases, waits_for_the_check_to_stop);
	tcase_add_test(cases, waits_for_the_port);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
