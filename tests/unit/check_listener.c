/*
 * Which sockets listen, and for connections to which addresses.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/listener.h"
#include "base/value.h"
#include "probe/probe.h"
#include "probe/timing.h"
#include "skip.h"
#include "unit.h"

static const struct {
	const char *bound;
	bool v6_only;
	const char *queried;
	enum listener expected;
} sockets[] = {
    {"127.0.0.1", false, "127.0.0.1", LISTENER_FOUND},
    {"127.0.0.1", false, "127.0.0.2", LISTENER_NONE},
    {"127.0.0.1", false, "::1", LISTENER_NONE},
    {"0.0.0.0", false, "127.0.0.1", LISTENER_FOUND},
    {"0.0.0.0", false, "10.0.0.1", LISTENER_FOUND},
    {"0.0.0.0", false, "::1", LISTENER_NONE},
    {"::", false, "10.0.0.1", LISTENER_FOUND},
    {"::", false, "fd00::1", LISTENER_FOUND},
    {"::", true, "10.0.0.1", LISTENER_NONE},
    {"::", true, "fd00::1", LISTENER_FOUND},
    {"::1", false, "::1", LISTENER_FOUND},
    {"::1", false, "fd00::1", LISTENER_NONE},
    {"::1", false, "127.0.0.1", LISTENER_NONE},
    {"::ffff:127.0.0.1", false, "127.0.0.1", LISTENER_FOUND},
    {"::ffff:127.0.0.1", false, "127.0.0.2", LISTENER_NONE},
};

/* A bound socket and its port; -1 if this host has no IPv6. */
static int
bind_to(const char *bound, bool v6_only, int *port)
{
	struct address address;
	struct sockaddr_storage at;
	socklen_t length;
	int on = v6_only, fd;

	ck_assert_ptr_null(address_parse(bound, &address));
	length = address_to_socket(&address, 0, &at);
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (address.family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, length) < 0) {
		close(fd);
		return -1;
	}
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	*port = ntohs(((struct sockaddr_in *)&at)->sin_port);
	return fd;
}

static struct address
parse(const char *text)
{
	struct address address;

	ck_assert_ptr_null(address_parse(text, &address));
	return address;
}

START_TEST(listeners_are_found)
{
	struct address queried = parse(sockets[_i].queried);
	struct pollfd connection = {.events = POLLIN};
	int port;

	connection.fd = bind_to(sockets[_i].bound, sockets[_i].v6_only, &port);
	if (connection.fd < 0) {
		ck_assert_msg(strchr(sockets[_i].bound, ':'), "this host has no IPv4");
		skip_test("this host has no IPv6");
		return;
	}
	/* Bound is not enough. */
	ck_assert_int_eq(listener_find(&queried, port), LISTENER_NONE);
	ck_assert_int_eq(listen(connection.fd, 8), 0);
	ck_assert_int_eq(listener_find(&queried, port), sockets[_i].expected);
	ck_assert_int_eq(
	    listener_find(&queried, port == 65535 ? 1 : port + 1), LISTENER_NONE);
	/* No connection was made. */
	ck_assert_int_eq(poll(&connection, 1, 0), 0);
	close(connection.fd);
}
END_TEST

/* More sockets than fit into one message of the kernel. */
START_TEST(many_listeners_are_searched)
{
	struct address queried = parse("127.0.0.1");
	enum { MANY = 400 };
	int fds[MANY], ports[MANY];

	for (int i = 0; i < MANY; i++) {
		fds[i] = bind_to("127.0.0.1", false, &ports[i]);
		ck_assert_int_eq(listen(fds[i], 1), 0);
	}
	for (int i = 0; i < MANY; i += 57)
		ck_assert_int_eq(listener_find(&queried, ports[i]), LISTENER_FOUND);
	close(fds[0]);
	ck_assert_int_eq(listener_find(&queried, ports[0]), LISTENER_NONE);
	for (int i = 1; i < MANY; i++)
		close(fds[i]);
}
END_TEST

/* That another service's is counted too is shown in the lab (case neighbours). */
START_TEST(services_are_counted)
{
	int port, fd = bind_to("127.0.0.1", false, &port);

	ck_assert_uint_eq(listener_services(port), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_uint_eq(listener_services(port), 1);
	close(fd);
}
END_TEST

START_TEST(programs_are_named)
{
	const struct address any = {.family = AF_UNSPEC},
			     elsewhere = parse("127.0.0.2");
	struct listener_program programs[4];
	int port, other, fd = bind_to("127.0.0.1", false, &port);
	int v6 = bind_to("::1", false, &other);
	pid_t child;

	ck_assert_int_eq(prctl(PR_SET_NAME, "a program"), 0);
	ck_assert_uint_eq(listener_programs(&any, port, programs, 4), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert_uint_eq(listener_programs(&elsewhere, port, programs, 4), 0);
	ck_assert_uint_eq(listener_programs(&any, port, programs, 4), 1);
	ck_assert_uint_eq(programs[0].user, geteuid());
	ck_assert_str_eq(programs[0].name, "a program");
	ck_assert_int_eq(programs[0].pid, getpid());
	/* A worker with the same name and socket is not listed again. */
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	ck_assert_uint_eq(listener_programs(&any, port, programs, 4), 1);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	if (v6 >= 0) {
		ck_assert_int_eq(listen(v6, 8), 0);
		ck_assert_uint_eq(listener_programs(&any, other, programs, 4), 1);
		close(v6);
	}
	close(fd);
}
END_TEST

/* What belongs to others is not seen without privileges, but whose it is. */
START_TEST(users_are_listed_without_privileges)
{
	const struct address any = {.family = AF_UNSPEC};
	struct listener_program programs[4];
	int port, status, fd = bind_to("127.0.0.1", false, &port);
	pid_t child;

	if (geteuid() != 0) {
		skip_test("only root can change to another user");
		return;
	}
	ck_assert_int_eq(listen(fd, 8), 0);
	child = fork();
	if (child == 0) {
		close(fd);
		_exit(setuid(65534) == 0 &&
			      listener_programs(&any, port, programs, 4) == 1 &&
			      !*programs[0].name && programs[0].pid == 0 &&
			      programs[0].user == 0
			  ? 0
			  : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	close(fd);
}
END_TEST

START_TEST(web_interface_is_not_connected_to)
{
	struct address address = parse("127.0.0.1");
	struct pollfd connection = {.events = POLLIN};
	int port;

	connection.fd = bind_to("127.0.0.1", false, &port);
	ck_assert(!probe_port_is_open(&address, port, clock_now() + UI_CONNECT_MS));
	ck_assert_int_eq(listen(connection.fd, 8), 0);
	ck_assert(probe_port_is_open(&address, port, clock_now() + UI_CONNECT_MS));
	ck_assert_int_eq(poll(&connection, 1, 0), 0);
	close(connection.fd);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("listener");
	TCase *cases = tcase_create("listener");

	tcase_add_loop_test(
	    cases, listeners_are_found, 0, sizeof(sockets) / sizeof(sockets[0]));
	tcase_add_test(cases, many_listeners_are_searched);
	tcase_add_test(cases, services_are_counted);
	tcase_add_test(cases, programs_are_named);
	tcase_add_test(cases, users_are_listed_without_privileges);
	tcase_add_test(cases, web_interface_is_not_connected_to);
	suite_add_tcase(suite, cases);
	return suite;
}
