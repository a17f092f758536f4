#include "watch/wall_clock.h"

#include "unit.h"

#define DAY  INT64_C(86400000)
#define REAL INT64_C(1796036403000)

static struct wall_clock wall;
static int64_t ahead;
static clock_ms_t now;

static void
begin(void)
{
	wall = (struct wall_clock){.is_known = false};
	ahead = REAL;
	now = 1000;
}

/* How often a step was acted on in so many ticks. */
static int
tick_times(int times)
{
	int acted = 0;

	while (times-- > 0) {
		now += 150;
		acted += wall_clock_judge(&wall, ahead + now, now);
	}
	return acted;
}

START_TEST(is_steady)
{
	ck_assert_int_eq(tick_times(100), 0);
	/* As NTP corrects it. */
	for (int i = 0; i < 100; i++, ahead += 500)
		ck_assert_int_eq(tick_times(1), 0);
	ck_assert_int_eq(tick_times(100), 0);
}
END_TEST

START_TEST(step_is_acted_on_once)
{
	static const int64_t steps[] = {
	    WALL_CLOCK_STEP_MS, -WALL_CLOCK_STEP_MS, 30 * DAY, -30 * DAY};

	tick_times(3);
	ahead += steps[_i];
	ck_assert_int_eq(tick_times(WALL_CLOCK_SETTLE_MS / 150), 0);
	ck_assert_int_eq(tick_times(2), 1);
	ck_assert_int_eq(tick_times(100), 0);
}
END_TEST

/* There and back: when it is steady. */
START_TEST(steps_in_a_row_are_one)
{
	tick_times(3);
	ahead += 30 * DAY;
	ck_assert_int_eq(tick_times(3), 0);
	ahead -= 30 * DAY;
	ck_assert_int_eq(tick_times(WALL_CLOCK_SETTLE_MS / 150), 0);
	ck_assert_int_eq(tick_times(100), 1);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("wall clock");
	TCase *cases = tcase_create("wall clock");

	tcase_add_checked_fixture(cases, begin, NULL);
	tcase_add_test(cases, is_steady);
	tcase_add_loop_test(cases, step_is_acted_on_once, 0, 4);
	tcase_add_test(cases, steps_in_a_row_are_one);
	suite_add_tcase(suite, cases);
	return suite;
}
