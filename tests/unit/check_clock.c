#include <limits.h>
#include <stdio.h>

#include "base/clock.h"
#include "unit.h"

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

START_TEST(only_forward)
{
	clock_ms_t last = clock_now();

	for (int i = 0; i < 100000; i++) {
		clock_ms_t now = clock_now();

		ck_assert_int_ge(now, last);
		last = now;
	}
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("clock");
	TCase *cases = tcase_create("clock");

	tcase_add_test(cases, time_left);
	tcase_add_test(cases, time_stamp);
	tcase_add_test(cases, only_forward);
	suite_add_tcase(suite, cases);
	return suite;
}
