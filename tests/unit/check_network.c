#include <errno.h>
#include <poll.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/network.h"
#include "base/stream.h"
#include "descriptors.h"
#include "scratch.h"
#include "unit.h"

#define SOON_MS 50
#define LONG_MS 5000

static int pair[2];

static void
open_pair(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
}

static void
close_pair(void)
{
	close(pair[0]);
	close(pair[1]);
}

static struct address
address(const char *text)
{
	struct address address = {0};

	ck_assert(!address_parse(text, &address));
	return address;
}

START_TEST(time_left)
{
	clock_ms_t now = clock_now();

	ck_assert_int_eq(clock_left(now - 1), 0);
	ck_assert_int_eq(clock_left(now - 1000000), 0);
	ck_assert_int_le(clock_left(now + 1000), 1000);
	ck_assert_int_gt(clock_left(now + 1000), 500);
	ck_assert_int_eq(clock_left(now + 3 * (clock_ms_t)INT_MAX), INT_MAX);
}
END_TEST

START_TEST(time_stamp)
{
	char buffer[CLOCK_STAMP_MAX];
	int year, month, day, hour, minute, second, milliseconds, end = 0;

	sscanf(clock_stamp(buffer), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ%n", &year, &month,
	    &day, &hour, &minute, &second, &milliseconds, &end);
	ck_assert_msg(end == 24 && buffer[24] == '\0', "%s", buffer);
	ck_assert_int_ge(year, 2024);
}
END_TEST

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

	if (listener < 0)
		return; /* a machine without IPv6 */
	fd = network_connect(&to, port, clock_now() + LONG_MS);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	close(fd);
	close(listener);
	/* Nobody listens there now. */
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

START_TEST(reads_to_the_end)
{
	struct text message = {0};

	text_addf(&message, "kept,");
	ck_assert_int_eq(write(pair[1], "abc", 3), 3);
	ck_assert_int_eq(shutdown(pair[1], SHUT_WR), 0);
	ck_assert_int_eq(stream_read(pair[0], 3, clock_now() + LONG_MS, &message), 0);
	ck_assert_str_eq(message.data, "kept,abc");
	text_free(&message);
}
END_TEST

START_TEST(reads_no_more_than_the_limit)
{
	struct text message = {0};

	ck_assert_int_eq(write(pair[1], "abc", 3), 3);
	ck_assert_int_eq(stream_read(pair[0], 2, clock_now() + LONG_MS, &message), -1);
	ck_assert_int_eq(errno, EMSGSIZE);
	text_free(&message);
}
END_TEST

START_TEST(reading_ends_at_the_deadline)
{
	struct text message = {0};
	clock_ms_t begin = clock_now();

	ck_assert_int_eq(write(pair[1], "abc", 3), 3);
	ck_assert_int_eq(stream_read(pair[0], 9, begin + SOON_MS, &message), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	ck_assert_int_ge(clock_now() - begin, SOON_MS);
	ck_assert_str_eq(message.data, "abc");
	text_free(&message);
}
END_TEST

START_TEST(writes_all)
{
	struct text message = {0}, received = {0};

	text_addf(&message, "hello");
	ck_assert_int_eq(stream_write(pair[0], &message, clock_now() + LONG_MS), 0);
	close(pair[0]);
	ck_assert_int_eq(stream_read(pair[1], 99, clock_now() + LONG_MS, &received), 0);
	ck_assert_str_eq(received.data, "hello");
	text_free(&message);
	text_free(&received);
}
END_TEST

/* What comes in pieces, later, is waited for; a slow reader too. */
START_TEST(slow_peers)
{
	struct text message = {0}, large = {0};
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		char buffer[4096];
		ssize_t got, all = 0;

		close(pair[0]);
		for (int i = 0; i < 3; i++) {
			poll(NULL, 0, 10);
			if (write(pair[1], "abc", 3) != 3)
				_exit(1);
		}
		shutdown(pair[1], SHUT_WR);
		while ((got = read(pair[1], buffer, sizeof(buffer))) > 0)
			all += got;
		_exit(all == 4 << 20 ? 0 : 1);
	}
	close(pair[1]);
	ck_assert_int_eq(stream_read(pair[0], 99, clock_now() + LONG_MS, &message), 0);
	ck_assert_str_eq(message.data, "abcabcabc");
	memset(text_reserve(&large, 4 << 20), 'x', 4 << 20);
	large.length = 4 << 20;
	ck_assert_int_eq(stream_write(pair[0], &large, clock_now() + LONG_MS), 0);
	close(pair[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	text_free(&message);
	text_free(&large);
}
END_TEST

START_TEST(writing_ends_at_the_deadline)
{
	struct text message = {0};
	clock_ms_t begin = clock_now();

	/* More than any socket buffer takes while nobody reads. */
	memset(text_reserve(&message, 16 << 20), 'x', 16 << 20);
	message.length = 16 << 20;
	ck_assert_int_eq(stream_write(pair[0], &message, begin + SOON_MS), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	ck_assert_int_ge(clock_now() - begin, SOON_MS);
	text_free(&message);
}
END_TEST

/* An error, not a signal that ends us. */
START_TEST(writing_to_nobody)
{
	struct text message = {0};

	text_addf(&message, "hello");
	close(pair[1]);
	ck_assert_int_eq(stream_write(pair[0], &message, clock_now() + LONG_MS), -1);
	ck_assert_int_eq(errno, EPIPE);
	text_free(&message);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("network");
	TCase *cases = tcase_create("network");
	TCase *streams = tcase_create("stream");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_test(cases, time_left);
	tcase_add_test(cases, time_stamp);
	tcase_add_test(cases, own_addresses);
	tcase_add_loop_test(cases, connects, 0, 2);
	tcase_add_test(cases, connects_to_path);
	tcase_add_test(cases, failed_connections_are_closed);
	tcase_add_checked_fixture(streams, open_pair, close_pair);
	tcase_add_test(streams, reads_to_the_end);
	tcase_add_test(streams, reads_no_more_than_the_limit);
	tcase_add_test(streams, reading_ends_at_the_deadline);
	tcase_add_test(streams, writes_all);
	tcase_add_test(streams, writing_ends_at_the_deadline);
	tcase_add_test(streams, writing_to_nobody);
	tcase_add_test(streams, slow_peers);
	suite_add_tcase(suite, cases);
	suite_add_tcase(suite, streams);
	return suite;
}
