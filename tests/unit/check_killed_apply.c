#include "applied.h"
#include "killed.h"
#include "unit.h"

/* With units to enable each round takes longer; it is the last steps that differ. */
#define LATE_STEP 14

static int
apply_planned(void)
{
	return apply_plan(&machine, &planned->plan);
}

static int
remove_all(void)
{
	return apply_remove(&machine);
}

/*
 * The first apply, or (applied) the removal after it, dies before that step; then
 * `remove`: as before. Whether it got so far.
 */
static bool
killed_leaves_nothing(int steps, bool applied)
{
	char *before;
	bool killed;

	put_machine();
	put_recipe();
	before = scratch_describe("root");
	if (applied)
		ck_assert_int_eq(apply_planned(), 0);
	killed = killed_run(applied ? remove_all : apply_planned, steps);
	ck_assert_int_ge(transaction_recover(&machine), 0);
	ck_assert_int_eq(apply_remove(&machine), 0);
	expect_as_before(before);
	return killed;
}

/* Killed at each step of the first apply; then `remove`: as before. */
START_TEST(killed_then_removed)
{
	int steps = _i ? LATE_STEP : 0;

	put_recipe();
	plan(_i ? SYSTEMD : XINETD, "cc1");
	while (killed_leaves_nothing(steps, false))
		steps++;
	ck_assert_int_gt(steps, 15);
}
END_TEST

/* Killed at each step of a change; the next apply finishes it, or goes back. */
START_TEST(killed_then_applied)
{
	char *wanted[2], *found;
	struct planned *first, *second;
	int steps;

	apply(XINETD, "cc1");
	first = planned;
	planned = NULL;
	wanted[1] = scratch_describe("root");
	apply(WITH("[ui]\nforward = 82:80\n[check]\nserver = systemd\nport = 9202\n"),
	    "cc1");
	second = planned;
	wanted[0] = scratch_describe("root");
	for (steps = 0;; steps++) {
		bool killed, back = steps % 2;

		put_machine();
		ck_assert_int_eq(apply_plan(&machine, &first->plan), 0);
		killed = killed_run(apply_planned, steps);
		ck_assert_int_ge(transaction_recover(&machine), 0);
		ck_assert_int_eq(
		    apply_plan(&machine, &(back ? first : second)->plan), 0);
		found = scratch_describe("root");
		ck_assert_str_eq(found, wanted[back]);
		free(found);
		if (!killed)
			break;
	}
	ck_assert_int_gt(steps, 15);
	planned_free(first);
	free(wanted[0]);
	free(wanted[1]);
}
END_TEST

/* Killed at each step of the removal; then `remove` again: as before. */
START_TEST(removal_killed)
{
	int steps = _i ? LATE_STEP : 0;

	plan(_i ? SYSTEMD : XINETD, "cc1");
	while (killed_leaves_nothing(steps, true))
		steps++;
	ck_assert_int_gt(steps, 15);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("killed apply");
	TCase *cases = tcase_create("killed apply");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, put_machine, planned_end);
	tcase_add_loop_test(cases, killed_then_removed, 0, 2);
	tcase_add_test(cases, killed_then_applied);
	tcase_add_loop_test(cases, removal_killed, 0, 2);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
