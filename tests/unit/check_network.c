#include <errno.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/network.h"
#include "descriptors.h"
#include "own_network.h"
#include "scratch.h"
#include "skip.h"
#include "unit.h"

#define LONG_MS 5000

static struct address
address(const char *text)
{
	struct address address = {0};

	ck_assert(!address_parse(text, &address));
	return address;
}

START_TEST(own_addresses)
{
	struct local_addresses *all = allocate(sizeof(*all));
	struct address loopback = address("127.0.0.1");
	struct address nobodys = address("203.0.113.77");
	const struct local_address *found;

	ck_assert_int_eq(network_local_addresses(all), 0);
	found = network_find(all, &loopback);
	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->interface, "lo");
	ck_assert_int_eq(found->prefix.length, 8);
	ck_assert_ptr_null(network_find(all, &nobodys));
	all->count = 0;
	ck_assert_ptr_null(network_find(all, &loopback));
	free(all);
}
END_TEST

/* A cluster's node may be the last of many addresses of a host. */
START_TEST(many_addresses)
{
	struct local_addresses *all = allocate(sizeof(*all));
	struct address last = address("10.9.1.43");
	struct text commands = {0};

	if (own_network_enter()) {
		/* One process: 300 would take longer than a test may on a busy host. */
		for (int i = 0; i < 300; i++)
			text_addf(&commands, "address add 10.9.%d.%d/32 dev lo\n",
			    i / 256, i % 256);
		own_network_ip("-batch - <<END\n%sEND\n", commands.data);
		ck_assert_int_eq(network_local_addresses(all), 0);
		ck_assert_ptr_nonnull(network_find(all, &last));
	}
	text_free(&commands);
	free(all);
}
END_TEST

/* getifaddrs(3) returns the label in place of the interface's name. */
START_TEST(labelled_address)
{
	struct local_addresses *all = allocate(sizeof(*all));
	struct address labelled = address("10.9.0.1");

	if (own_network_enter()) {
		own_network_ip("address add 10.9.0.1/24 dev lo label lo:0");
		ck_assert_int_eq(network_local_addresses(all), 0);
		ck_assert_ptr_nonnull(network_find(all, &labelled));
		ck_assert_str_eq(network_find(all, &labelled)->interface, "lo");
	}
	free(all);
}
END_TEST

/* An address and whether it is on the link of t0 by the routes below. */
static const struct {
	const char *address;
	bool on_link;
} on_link[] = {
    {"10.9.0.200", true},
    {"10.9.1.200", false}, /* by a gateway */
    {"10.9.2.200", true},  /* another table */
    {"10.9.3.200", false}, /* another interface */
    {"10.9.4.200", false}, /* unreachable */
    {"10.8.0.1", false},   /* its own address is in the local table only */
    {"fd00:9::c8", true},
    {"fd00:8::c8", false},
};

START_TEST(routes_on_link)
{
	if (!own_network_enter())
		return;
	own_network_ip("link add t0 type veth peer name t1");
	own_network_ip("link set t0 up");
	own_network_ip("link set t1 up");
	own_network_ip("address add 10.8.0.1/32 dev t0");
	own_network_ip("route add 10.9.0.0/24 dev t0");
	own_network_ip("route add 10.9.1.0/24 via 10.9.0.1");
	own_network_ip("route add 10.9.2.0/24 dev t0 table 77");
	own_network_ip("route add 10.9.3.0/24 dev t1");
	own_network_ip("route add unreachable 10.9.4.0/24");
	own_network_ip("-6 route add fd00:9::/64 dev t0");
	for (size_t i = 0; i < sizeof(on_link) / sizeof(on_link[0]); i++) {
		struct address to = address(on_link[i].address);

		ck_assert_msg(network_is_on_link("t0", &to) == on_link[i].on_link, "%s",
		    on_link[i].address);
		ck_assert(!network_is_on_link("nowhere", &to));
	}
}
END_TEST

/* A listening socket on a port of the kernel's choice. */
static int
listen_on(const char *text, int *port)
{
	struct address any = address(text);
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(&any, 0, &name);
	int fd = socket(any.family, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, length) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&name, &length), 0);
	*port = ntohs(((struct sockaddr_in *)&name)->sin_port);
	return fd;
}

static const char *const loopbacks[] = {"127.0.0.1", "::1"};

START_TEST(connects)
{
	struct address to = address(loopbacks[_i]);
	int port = 0, fd;
	int listener = listen_on(loopbacks[_i], &port);

	if (listener < 0) {
		ck_assert_str_eq(loopbacks[_i], "::1");
		skip_test("this host has no IPv6");
		return;
	}
	fd = network_connect(&to, port, clock_now() + LONG_MS);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	close(fd);
	close(listener);
	/* No socket listens there now. */
	errno = 0;
	ck_assert_int_eq(network_connect(&to, port, clock_now() + LONG_MS), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
}
END_TEST

START_TEST(connects_to_path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	char longest[sizeof(name.sun_path) + 1];
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	/* A relative name, since the scratch directory's may be too long itself. */
	ck_assert_int_eq(chdir(scratch), 0);
	strcpy(name.sun_path, "socket");
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(network_connect_path("socket", clock_now() + LONG_MS), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
	ck_assert_int_eq(listen(listener, 5), 0);
	fd = network_connect_path("socket", clock_now() + LONG_MS);
	ck_assert_int_ge(fd, 0);
	close(fd);
	close(listener);
	ck_assert_int_eq(network_connect_path("missing", clock_now() + LONG_MS), -1);
	ck_assert_int_eq(errno, ENOENT);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(name.sun_path)] = '\0';
	ck_assert_int_eq(network_connect_path(longest, clock_now() + LONG_MS), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
	longest[sizeof(name.sun_path) - 1] = '\0';
	ck_assert_int_eq(network_connect_path(longest, clock_now() + LONG_MS), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(failed_connections_are_closed)
{
	struct address to = address("127.0.0.1");
	int before = descriptors_count();

	for (int i = 0; i < 10; i++) {
		network_connect_path("/nonexistent/socket", clock_now());
		network_connect(&to, 1, clock_now());
	}
	ck_assert_int_eq(descriptors_count(), before);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("network");
	TCase *cases = tcase_create("network");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_test(cases, own_addresses);
	tcase_add_test(cases, many_addresses);
	tcase_add_test(cases, labelled_address);
	tcase_add_test(cases, routes_on_link);
	tcase_add_loop_test(cases, connects, 0, 2);
	tcase_add_test(cases, connects_to_path);
	tcase_add_test(cases, failed_connections_are_closed);
	suite_add_tcase(suite, cases);
	return suite;
}
