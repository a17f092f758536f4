#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stream.h"
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

START_TEST(reading_stops_at_the_deadline)
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

/* Waits for a message in pieces, and for a slow reader. */
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

START_TEST(writing_stops_at_the_deadline)
{
	struct text message = {0};
	clock_ms_t begin = clock_now();

	/* More than any socket buffer holds while the peer does not read. */
	memset(text_reserve(&message, 16 << 20), 'x', 16 << 20);
	message.length = 16 << 20;
	ck_assert_int_eq(stream_write(pair[0], &message, begin + SOON_MS), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	ck_assert_int_ge(clock_now() - begin, SOON_MS);
	text_free(&message);
}
END_TEST

/* An error, not SIGPIPE. */
START_TEST(writing_to_a_closed_socket)
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
	Suite *suite = suite_create("stream");
	TCase *cases = tcase_create("stream");

	tcase_add_checked_fixture(cases, open_pair, close_pair);
	tcase_add_test(cases, reads_to_the_end);
	tcase_add_test(cases, reads_no_more_than_the_limit);
	tcase_add_test(cases, reading_stops_at_the_deadline);
	tcase_add_test(cases, writes_all);
	tcase_add_test(cases, writing_stops_at_the_deadline);
	tcase_add_test(cases, writing_to_a_closed_socket);
	tcase_add_test(cases, slow_peers);
	suite_add_tcase(suite, cases);
	return suite;
}
