#include "watch/keepalived_care.h"

#include "unit.h"

static const struct care_facts well = {
    .is_fit = true, .is_running = true, .number = 3, .started = 3};

static struct keepalived_care care;

static void
begin(void)
{
	care = (struct keepalived_care){.times = 0};
}

/* What is done in each tick of a time span. */
static int
count(const struct care_facts *facts, clock_ms_t from, clock_ms_t to, enum care what)
{
	int times = 0;

	for (clock_ms_t now = from; now < to; now += 100)
		if (keepalived_care_judge(&care, facts, now) == what)
			times++;
	return times;
}

START_TEST(nothing_to_do)
{
	struct care_facts unknown = well;

	unknown.started = 0;
	ck_assert_int_eq(count(&well, 1000, 9000, CARE_NONE), 80);
	ck_assert_int_eq(count(&unknown, 9000, 10000, CARE_NONE), 10);
}
END_TEST

/* The address has come back: first a reload, then a restart, then ever more seldom. */
START_TEST(stuck_in_fault)
{
	struct care_facts stuck = well;

	stuck.is_fault = true;
	ck_assert_int_eq(count(&stuck, 1000, 1300, CARE_NONE), 3);
	ck_assert_int_eq(keepalived_care_judge(&care, &stuck, 1300), CARE_RELOAD);
	ck_assert_int_eq(count(&stuck, 1400, 3300, CARE_NONE), 19);
	ck_assert_int_eq(keepalived_care_judge(&care, &stuck, 3300), CARE_RESTART);
	ck_assert_int_eq(count(&stuck, 3400, 3600 * 1000, CARE_RELOAD), 0);
	/* The rest of an hour: at 2, 4, 8, 16, 32 and then 60 seconds. */
	begin();
	ck_assert_int_le(count(&stuck, 1000, 3600 * 1000, CARE_RESTART), 66);
	ck_assert_int_eq(count(&well, 3600 * 1000, 3601 * 1000, CARE_NONE), 10);
	ck_assert_int_eq(count(&stuck, 3601 * 1000, 3602 * 1000, CARE_RELOAD), 1);
}
END_TEST

START_TEST(another_interface)
{
	struct care_facts deaf = well;

	deaf.number = 4;
	ck_assert_int_eq(count(&deaf, 1000, 1300, CARE_NONE), 3);
	ck_assert_int_eq(keepalived_care_judge(&care, &deaf, 1300), CARE_RESTART);
}
END_TEST

/* While the cause is there, keepalived is right. */
START_TEST(fault_with_a_cause)
{
	struct care_facts facts = well;

	facts.is_fault = true;
	facts.is_fit = false;
	ck_assert_int_eq(count(&facts, 1000, 9000, CARE_NONE), 80);
	facts.is_fit = true;
	facts.is_running = false;
	ck_assert_int_eq(count(&facts, 9000, 19000, CARE_NONE), 100);
	facts.is_running = true;
	facts.number = 0;
	ck_assert_int_eq(count(&facts, 19000, 29000, CARE_NONE), 100);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("keepalived_care");
	TCase *cases = tcase_create("keepalived_care");

	tcase_add_checked_fixture(cases, begin, NULL);
	tcase_add_test(cases, nothing_to_do);
	tcase_add_test(cases, stuck_in_fault);
	tcase_add_test(cases, another_interface);
	tcase_add_test(cases, fault_with_a_cause);
	suite_add_tcase(suite, cases);
	return suite;
}
