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

#define WORKERS(pid)                                                                   \
	"#<PID> <type> <reloads>\n7 master 1\n# workers\n" pid                         \
	" worker 0 0d00h00m38s 2.6.12\n# old workers\n5 worker 1\n"

static int
verify_after(enum service service, pid_t before, int milliseconds)
{
	return verify_service(
	    &rooted_machine, &planned->plan, service, before, milliseconds);
}

static pid_t
process(enum service service)
{
	return verify_process(
	    &rooted_machine, &planned->plan, service, serving_check_port);
}

/* A port that HAProxy cannot bind: the old worker goes on, with the same description.
 */
START_TEST(haproxy_worker_is_replaced)
{
	serving_answers_plan();
	ck_assert_int_eq(process(SERVICE_HAPROXY), 0);
	scratch_put("processes", WORKERS("42"), 0644);
	listening_unix("root/run/cmonha-ui/master.sock", "processes");
	ck_assert_int_eq(process(SERVICE_HAPROXY), 42);
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 42, SHORT_MS), -1);
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 41, PLENTY_MS), 0);
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 0, PLENTY_MS), 0);
	/* A new worker of yet another file. */
	serving_haproxy_answers("description: cmonha-ui cc1 0123456789abcdef\n");
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 41, SHORT_MS), -1);
	/* In 2.6 a master whose reload failed lists no present worker. */
	scratch_put("processes", "# workers\n# old workers\n42 worker 1\n", 0644);
	ck_assert_int_eq(process(SERVICE_HAPROXY), 0);
}
END_TEST

/* Of an administrator's template without our line: by the worker alone. */
static const char *const own_templates[] = {
    "global\n",
    "global\n\tdescription mine\n",
    "global\n\t# description cmonha-ui cc1\n",
};

START_TEST(haproxy_without_description)
{
	struct text *content = NULL;
	struct text messages = {0};

	for (size_t i = 0; i < planned->plan.file_count; i++)
		if (planned->plan.files[i].service == SERVICE_HAPROXY)
			content = &planned->plan.files[i].content;
	text_clear(content);
	text_addf(content, "%s", own_templates[_i]);
	serving_haproxy_answers("Name: HAProxy\n");
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 0, SHORT_MS), -1);
	scratch_put("processes", WORKERS("42"), 0644);
	listening_unix("root/run/cmonha-ui/master.sock", "processes");
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 42, SHORT_MS), -1);
	ck_assert_ptr_nonnull(freopen(scratch_path("err"), "w", stderr));
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 41, PLENTY_MS), 0);
	fflush(stderr);
	ck_assert_int_eq(file_read(scratch_path("err"), FILE_LIMIT, &messages), 0);
	ck_assert_ptr_nonnull(
	    strstr(messages.data, "description cmonha-ui {{name}} {{digest}}"));
	text_free(&messages);
}
END_TEST

/* A copy of the template of 0.1.0 has the cluster file's checksum there. */
START_TEST(haproxy_with_checksum)
{
	struct text *content = NULL;
	char *line =
	    format_string("description cmonha-ui cc1 %s\n", planned->cluster.checksum);

	for (size_t i = 0; i < planned->plan.file_count; i++)
		if (planned->plan.files[i].service == SERVICE_HAPROXY)
			content = &planned->plan.files[i].content;
	text_clear(content);
	text_addf(content, "global\n\t%s", line);
	serving_haproxy_answers(line);
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 0, PLENTY_MS), 0);
	serving_haproxy_answers("description: cmonha-ui cc1 0123456789abcdef\n");
	ck_assert_int_eq(verify_after(SERVICE_HAPROXY, 0, SHORT_MS), -1);
	free(line);
}
END_TEST

/* xinetd and systemd start it by their files: one that goes on knows the old ones. */
START_TEST(check_is_replaced)
{
	char *json = format_string(
	    "{\"pid\": 42, \"checksum\": \"%s\"}", planned->cluster.checksum);

	serving_check_answers(json);
	ck_assert_int_eq(process(SERVICE_XINETD), 42);
	ck_assert_int_eq(process(SERVICE_CHECK_SOCKET), 42);
	ck_assert_int_eq(process(SERVICE_KEEPALIVED), 0);
	ck_assert_int_eq(
	    verify_process(&rooted_machine, &planned->plan, SERVICE_XINETD, 0), 0);
	ck_assert_int_eq(verify_after(SERVICE_CHECK_SOCKET, 42, SHORT_MS), -1);
	ck_assert_int_eq(verify_after(SERVICE_CHECK_SOCKET, 41, PLENTY_MS), 0);
	listening_stop();
	ck_assert_int_eq(process(SERVICE_XINETD), 0);
	free(json);
}
END_TEST

START_TEST(keepalived_runs)
{
	ck_assert_int_eq(verify(SERVICE_KEEPALIVED, SHORT_MS), -1);
	stand_in_set_active("cmonha-ui-keepalived.service");
	ck_assert_int_eq(verify(SERVICE_KEEPALIVED, PLENTY_MS), 0);
	/* Active whenever it is asked, and each time another process. */
	scratch_put("systemd/on/show.cmonha-ui-keepalived.service",
	    "echo >>starts\nwc -l <starts\n", 0644);
	ck_assert_int_eq(verify(SERVICE_KEEPALIVED, SHORT_MS), -1);
}
END_TEST

/* It is queried again until it serves the plan: here from the third time on. */
START_TEST(waits_until_it_serves)
{
	stand_in_program("systemctl", "echo x >>\"$0.calls\"\n"
				      "[ \"$(wc -l <\"$0.calls\")\" -ge 3 ]\n");
	ck_assert_int_eq(verify(SERVICE_KEEPALIVED, PLENTY_MS), 0);
	/* The third one, and what shows that it lives on. */
	scratch_expect("bin/systemctl.calls", "x\nx\nx\nx\nx\nx\n");
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
	ck_assert_int_eq(verify_check_stopped(&node, serving_check_port, SHORT_MS), -1);
	ck_assert(scratch_has("check.requests"));
	listening_stop();
	ck_assert_int_eq(verify_check_stopped(&node, serving_check_port, PLENTY_MS), 0);
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
	tcase_add_test(cases, haproxy_worker_is_replaced);
	tcase_add_loop_test(cases, haproxy_without_description, 0,
	    sizeof(own_templates) / sizeof(own_templates[0]));
	tcase_add_test(cases, haproxy_with_checksum);
	tcase_add_test(cases, check_is_replaced);
	tcase_add_test(cases, keepalived_runs);
	tcase_add_test(cases, waits_until_it_serves);
	tcase_add_test(cases, vips);
	tcase_add_test(cases, waits_for_the_check_to_stop);
	tcase_add_test(cases, waits_for_the_port);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
