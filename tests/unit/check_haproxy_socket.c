#include "base/haproxy_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "listening.h"
#include "rooted.h"
#include "scratch.h"
#include "unit.h"

#define PLENTY_MS 20000
#define SHORT_MS  100

static struct text output;

static void
end(void)
{
	listening_stop();
	text_free(&output);
	rooted_end();
}

static int
query(const char *command, int milliseconds)
{
	return haproxy_query(rooted_machine.root, HAPROXY_SOCKET, command,
	    clock_now() + milliseconds, &output);
}

/* Below the machine's root; the output is appended. */
START_TEST(queries)
{
	listening_unix("root" HAPROXY_SOCKET, "output");
	scratch_put("output", "Name: HAProxy\n", 0644);
	text_addf(&output, "before\n");
	ck_assert_int_eq(query("show info", PLENTY_MS), 0);
	ck_assert_str_eq(text_string(&output), "before\nName: HAProxy\n");
	scratch_expect("output.requests", "show info\n");
}
END_TEST

START_TEST(no_socket)
{
	ck_assert_int_eq(query("show info", PLENTY_MS), -1);
	ck_assert_int_eq(errno, ENOENT);
	listening_unix("root" HAPROXY_SOCKET, "output");
	listening_stop();
	ck_assert_int_eq(query("show info", PLENTY_MS), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
}
END_TEST

/* It accepts the connection, in the kernel, and never answers. */
START_TEST(no_answer)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(file_make_directories(scratch_path("root/run/cmonha-ui")), 0);
	strcpy(name.sun_path, scratch_path("root" HAPROXY_SOCKET));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(query("show info", SHORT_MS), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	close(fd);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("haproxy_socket");
	TCase *cases = tcase_create("haproxy_socket");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, end);
	tcase_add_test(cases, queries);
	tcase_add_test(cases, no_socket);
	tcase_add_test(cases, no_answer);
	suite_add_tcase(suite, cases);
	return suite;
}
