#include "applied.h"
#include "unit.h"

/* Each plan that can be in force when it is all taken back. */
static const struct {
	const char *content, *node;
	bool recipe;
} removals[] = {
    {XINETD, "cc1", false},
    {SYSTEMD, "cc1", false},
    {XINETD, "cc1", true},
    {SYSTEMD, "cc1", true},
    {WITH("[check]\nservices_line = no\n[ui]\nstats = off\n"), "cc1", true},
    {XINETD "roles = controller\n", "cc3", true},
    {WITH("[check]\nserver = xinetd\nquorum = no\n") "roles = proxy\n", "cc3", true},
};

START_TEST(removes_all)
{
	char *before;

	if (removals[_i].recipe)
		put_recipe();
	before = scratch_describe("root");
	apply(removals[_i].content, removals[_i].node);
	ck_assert_int_eq(apply_remove(&machine), 0);
	expect_as_before(before);
}
END_TEST

START_TEST(removes_nothing_twice)
{
	char *before = scratch_describe("root");

	ck_assert_int_eq(apply_remove(&machine), 0);
	apply(XINETD, "cc1");
	ck_assert_int_eq(apply_remove(&machine), 0);
	ck_assert_int_eq(apply_remove(&machine), 0);
	expect_as_before(before);
}
END_TEST

START_TEST(others_file_is_kept)
{
	char *before;

	put_recipe();
	before = scratch_describe("root");
	apply(XINETD, "cc1");
	expect_file("xinetd");
	scratch_expect("root/var/lib/cmonha-ui/before/etc%xinetd.d%cmonhachk", RECIPE);
	/* Any number of times, with any change: it is the first one that is kept. */
	apply(WITH("[check]\nserver = xinetd\nport = 9202\n"), "cc1");
	expect_file("xinetd");
	scratch_expect("root/var/lib/cmonha-ui/before/etc%xinetd.d%cmonhachk", RECIPE);
	ck_assert_int_eq(apply_remove(&machine), 0);
	scratch_expect("root/etc/xinetd.d/cmonhachk", RECIPE);
	ck_assert_int_eq(scratch_mode("root/etc/xinetd.d/cmonhachk"), 0640);
	expect_as_before(before);
}
END_TEST

/* Given back at once it would take the port from ours: only when we go. */
START_TEST(others_file_comes_back_last)
{
	char *before;

	put_recipe();
	before = scratch_describe("root");
	apply(XINETD, "cc1");
	apply(SYSTEMD, "cc1");
	ck_assert(!scratch_has("root/etc/xinetd.d/cmonhachk"));
	ck_assert_int_eq(apply_remove(&machine), 0);
	expect_as_before(before);
}
END_TEST

/* Where we want no file of that name, his is left alone. */
START_TEST(others_file_beside_systemd)
{
	put_recipe();
	apply(SYSTEMD, "cc1");
	scratch_expect("root/etc/xinetd.d/cmonhachk", RECIPE);
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/before"));
}
END_TEST

/* He has put his own in the place of ours since: it is his. */
START_TEST(replaced_by_hand)
{
	apply(XINETD, "cc1");
	scratch_put("root/etc/xinetd.d/cmonhachk", RECIPE, 0600);
	ck_assert_int_eq(apply_remove(&machine), 0);
	scratch_expect("root/etc/xinetd.d/cmonhachk", RECIPE);
	ck_assert_int_eq(scratch_mode("root/etc/xinetd.d/cmonhachk"), 0600);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("removal");
	TCase *cases = tcase_create("removal");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, put_machine, planned_end);
	tcase_add_loop_test(
	    cases, removes_all, 0, sizeof(removals) / sizeof(removals[0]));
	tcase_add_test(cases, removes_nothing_twice);
	tcase_add_test(cases, others_file_is_kept);
	tcase_add_test(cases, others_file_comes_back_last);
	tcase_add_test(cases, others_file_beside_systemd);
	tcase_add_test(cases, replaced_by_hand);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
