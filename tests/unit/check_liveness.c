#include "watch/liveness.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"
#include "listening.h"
#include "scratch.h"
#include "unit.h"

#define SOCKET "haproxy.sock"

static struct liveness_watch watch;

static void
begin(void)
{
	scratch_empty();
	liveness_init(&watch, scratch);
}

static void
tick(void)
{
	clock_ms_t next = clock_now() + LIVENESS_TICK_MS;

	liveness_ask(&watch, scratch_path(SOCKET), false);
	while (clock_left(next) > 0) {
		poll(NULL, 0, 5);
		liveness_judge(&watch);
	}
}

static void
tick_times(int times)
{
	while (times-- > 0)
		tick();
}

/* It accepts connections, in the kernel, and never answers. */
static int
hang(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(name.sun_path, scratch_path(SOCKET));
	unlink(name.sun_path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	return fd;
}

static int
hang_after_answers(void)
{
	scratch_put("answer", "admin\n", 0644);
	listening_unix(SOCKET, "answer");
	tick_times(3);
	listening_stop();
	return hang();
}

START_TEST(answers)
{
	scratch_put("answer", "admin\n", 0644);
	listening_unix(SOCKET, "answer");
	ck_assert_int_eq(watch.verdict, LIVENESS_UNKNOWN);
	tick_times(3);
	ck_assert_int_eq(watch.verdict, LIVENESS_ANSWERS);
	tick_times(5);
	ck_assert_int_eq(watch.verdict, LIVENESS_ANSWERS);
}
END_TEST

/* Found after the limit, and not before; one answer alone does not end it. */
START_TEST(hangs_and_recovers)
{
	clock_ms_t begin;
	int fd;

	fd = hang_after_answers();
	begin = clock_now();
	while (watch.verdict == LIVENESS_ANSWERS && clock_now() - begin < 5000)
		tick();
	ck_assert_int_eq(watch.verdict, LIVENESS_SILENT);
	ck_assert_int_ge(clock_now() - begin, LIVENESS_SILENT_MS);
	ck_assert_int_eq(liveness_due(&watch), 0);
	tick_times(15);
	close(fd);
	listening_unix(SOCKET, "answer");
	ck_assert_int_eq(watch.verdict, LIVENESS_SILENT);
	tick_times(3);
	ck_assert_int_eq(watch.verdict, LIVENESS_ANSWERS);
}
END_TEST

START_TEST(nobody_listens)
{
	tick_times(LIVENESS_SILENT_MS / LIVENESS_TICK_MS + 2);
	ck_assert_int_eq(watch.verdict, LIVENESS_SILENT);
}
END_TEST

/* A tick without its wait, and again if this process lost the processor meanwhile. */
static void
tick_once_in_time(void)
{
	clock_ms_t since;

	do {
		since = clock_now();
		liveness_init(&watch, scratch);
		liveness_ask(&watch, scratch_path(SOCKET), false);
		liveness_judge(&watch);
	} while (clock_now() - since > LIVENESS_TICK_MS / 3);
}

/* Not only at the next tick, which comes later. */
START_TEST(hang_is_due)
{
	int fd = hang();

	ck_assert_int_eq(liveness_due(&watch), 0);
	liveness_ask(&watch, scratch_path(SOCKET), false);
	ck_assert_int_eq(
	    liveness_due(&watch), watch.questions[0].asked + LIVENESS_SILENT_MS);
	close(fd);
}
END_TEST

/*
 * This process was stopped, with HAProxy perhaps: no silence of HAProxy's, whichever is
 * called first when it goes on.
 */
START_TEST(own_delay_is_forgiven)
{
	int fd = hang();

	tick_once_in_time();
	poll(NULL, 0, 3 * LIVENESS_SILENT_MS);
	if (_i == 0)
		liveness_ask(&watch, scratch_path(SOCKET), false);
	liveness_judge(&watch);
	ck_assert_int_eq(watch.verdict, LIVENESS_UNKNOWN);
	tick_times(3);
	ck_assert_int_eq(watch.verdict, LIVENESS_SILENT);
	close(fd);
}
END_TEST

/* As HAProxy's PID file and /proc have it: all threads together, in ms. */
static void
put_wait(long long milliseconds)
{
	char *line = format_string("5 %lld 9\n", milliseconds * 1000000 / 2);

	scratch_put("proc/70/task/70/children", "71 ", 0444);
	scratch_put("proc/70/task/70/schedstat", "1 0 1\n", 0444);
	scratch_put("proc/71/task/71/schedstat", line, 0444);
	scratch_put("proc/71/task/72/schedstat", line, 0444);
	scratch_put("run/cmonha-ui/haproxy.pid", "70\n", 0644);
	free(line);
}

/* It waits for a processor all the time: no hang, until that has lasted too long. */
START_TEST(starved_is_not_hung)
{
	clock_ms_t begin;
	int fd;

	fd = hang_after_answers();
	begin = clock_now();
	while (watch.verdict == LIVENESS_ANSWERS && clock_now() - begin < 10000) {
		put_wait(clock_now() - begin);
		tick();
	}
	ck_assert_int_eq(watch.verdict, LIVENESS_SILENT);
	ck_assert_int_ge(clock_now() - begin, LIVENESS_SILENT_MS + LIVENESS_STARVED_MS);
	close(fd);
}
END_TEST

/* What it has waited before does not count, nor do moments of it. */
START_TEST(hung_after_a_wait)
{
	clock_ms_t begin;
	int fd = hang(), delay = 0;

	put_wait(50000);
	begin = clock_now();
	while (watch.verdict == LIVENESS_UNKNOWN && clock_now() - begin < 10000) {
		tick();
		put_wait(50000 + (delay += 2));
	}
	ck_assert_int_eq(watch.verdict, LIVENESS_SILENT);
	ck_assert_int_le(watch.starved, 0);
	close(fd);
}
END_TEST

static int
awaited(void)
{
	struct pollfd fds[LIVENESS_QUESTIONS];
	int count = 0;

	liveness_await(&watch, fds);
	for (size_t i = 0; i < LIVENESS_QUESTIONS; i++)
		count += fds[i].fd >= 0;
	return count;
}

/* Of a HAProxy that answers; at first, and once it is late, nothing waits. */
START_TEST(answer_waits_for_the_tick)
{
	int fd;

	scratch_put("answer", "admin\n", 0644);
	listening_unix(SOCKET, "answer");
	liveness_ask(&watch, scratch_path(SOCKET), false);
	ck_assert_int_eq(awaited(), 1);
	tick_times(3);
	ck_assert_int_eq(watch.verdict, LIVENESS_ANSWERS);
	/* Unless this process lost the processor between the two lines. */
	for (int i = 0; i < 100; i++) {
		liveness_ask(&watch, scratch_path(SOCKET), false);
		if (awaited() == 0)
			break;
		tick();
	}
	ck_assert_int_eq(awaited(), 0);
	liveness_judge(&watch);
	listening_stop();
	fd = hang();
	liveness_ask(&watch, scratch_path(SOCKET), false);
	poll(NULL, 0, LIVENESS_TICK_MS);
	liveness_judge(&watch);
	ck_assert_int_eq(watch.verdict, LIVENESS_ANSWERS);
	ck_assert_int_ge(awaited(), 1);
	close(fd);
}
END_TEST

START_TEST(report)
{
	scratch_put("answer", "Name: HAProxy\nUptime_sec: 5\n", 0644);
	listening_unix(SOCKET, "answer");
	liveness_ask(&watch, scratch_path(SOCKET), true);
	poll(NULL, 0, LIVENESS_TICK_MS);
	while (!watch.report.length && watch.verdict != LIVENESS_SILENT) {
		poll(NULL, 0, 5);
		liveness_judge(&watch);
	}
	ck_assert_str_eq(text_string(&watch.report), "Name: HAProxy\nUptime_sec: 5\n");
	scratch_expect("answer.requests", "show info;show stat -1 4 -1\n");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("liveness");
	TCase *cases = tcase_create("liveness");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, begin, listening_stop);
	tcase_add_test(cases, answers);
	tcase_add_test(cases, hangs_and_recovers);
	tcase_add_test(cases, nobody_listens);
	tcase_add_test(cases, hang_is_due);
	tcase_add_loop_test(cases, own_delay_is_forgiven, 0, 2);
	tcase_add_test(cases, starved_is_not_hung);
	tcase_add_test(cases, hung_after_a_wait);
	tcase_add_test(cases, answer_waits_for_the_tick);
	tcase_add_test(cases, report);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
