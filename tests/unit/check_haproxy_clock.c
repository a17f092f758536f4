#include "watch/haproxy_clock.h"

#include "unit.h"

#define DAY 86400LL

static struct haproxy_clock clock;
static struct text info;

static void
begin(void)
{
	clock = (struct haproxy_clock){.pid = 0};
}

static bool
jumped(long long pid, long long uptime, clock_ms_t now)
{
	text_clear(&info);
	text_addf(&info,
	    "Name: HAProxy\nNbthread: 2\nPid: %lld\nUptime: 0d 0h00m07s\n"
	    "Uptime_sec: %lld\nMemmax_MB: 0\n",
	    pid, uptime);
	return haproxy_clock_jumped(&clock, &info, now);
}

START_TEST(goes_on)
{
	ck_assert(!jumped(7, 0, 1000));
	ck_assert(!jumped(7, 1, 2000));
	ck_assert(!jumped(7, 1, 3000));
	ck_assert(!jumped(7, 0, 4000));
	/* The machine was asleep, or the watcher was stopped. */
	ck_assert(!jumped(7, 60 * DAY, 60 * DAY * 1000));
	/* A step that does no harm. */
	ck_assert(!jumped(7, 72 * DAY, 60 * DAY * 1000 + 1000));
}
END_TEST

/* Once: the new worker is another process. */
START_TEST(jumps)
{
	ck_assert(!jumped(7, 5, 5000));
	ck_assert(jumped(7, 30 * DAY + 6, 6000));
	ck_assert(!jumped(7, 30 * DAY + 7, 7000));
	ck_assert(!jumped(8, 0, 8000));
	ck_assert(!jumped(8, 1, 9000));
}
END_TEST

/* The worker that is seen first may be weeks old. */
START_TEST(nothing_to_compare)
{
	ck_assert(!jumped(7, 300 * DAY, 1000));
	ck_assert(!jumped(8, 600 * DAY, 2000));
}
END_TEST

START_TEST(no_answer)
{
	static const char *const outputs[] = {"", "Pid: 7", "\nPid: 7\n",
	    "\nPid: x\nUptime_sec: 99999999\n", "\nPid: 7\nUptime_sec: -1\n",
	    "\nPid: 7\nUptime_sec: 99999999999999999999\n", "\nPid: 7\nUptime_sec: "};

	ck_assert(!jumped(7, 5, 5000));
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		text_clear(&info);
		text_addf(&info, "%s", outputs[i]);
		ck_assert(!haproxy_clock_jumped(&clock, &info, 6000));
	}
	ck_assert(jumped(7, 30 * DAY, 6000));
	text_free(&info);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("haproxy_clock");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, NULL);
	tcase_add_test(cases, goes_on);
	tcase_add_test(cases, jumps);
	tcase_add_test(cases, nothing_to_compare);
	tcase_add_test(cases, no_answer);
	suite_add_tcase(suite, cases);
	return suite;
}
