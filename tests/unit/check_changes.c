#include "apply/changes.h"

#include "applied.h"
#include "unit.h"

/* The port in /etc/services follows, and `no` removes the line. */
START_TEST(services_line_follows)
{
	applied_apply(WITH("[check]\nserver = xinetd\nport = 9999\n"), "cc1");
	scratch_expect("root/etc/services",
	    SERVICES_BEFORE "\ncmonhachk 9999/tcp\t\t# added by cmonha-ui");
	applied_apply(WITH("[check]\nserver = xinetd\nservices_line = no\n"), "cc1");
	scratch_expect("root/etc/services", SERVICES_BEFORE);
}
END_TEST

START_TEST(no_services_file)
{
	ck_assert_int_eq(unlink(scratch_path("root/etc/services")), 0);
	applied_apply(XINETD, "cc1");
	ck_assert(!scratch_has("root/etc/services"));
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	ck_assert(!scratch_has("root/etc/services"));
}
END_TEST

struct seen {
	struct text lines;
	const struct plan_file *file;
};

static void
see(void *context, const struct difference *difference)
{
	struct seen *seen = context;

	text_addf(&seen->lines, "%s %s->%s\n",
	    difference->target + strlen(rooted_machine.root),
	    difference->before ? text_string(difference->before) : "none",
	    difference->after ? text_equal(difference->after, &seen->file->content)
				    ? "planned"
				    : "other"
			      : "none");
}

/* Edited, lost, mode changed, and one that should not be there: reported, then
 * repaired. */
START_TEST(repairs)
{
	struct seen seen = {{0}, NULL};

	applied_apply(XINETD, "cc1");
	scratch_put(
	    "root/etc/cmonha-ui/keepalived.conf", "# Made by cmonha-ui\nhacked", 0640);
	scratch_put("root/etc/systemd/system/cmonha-ui-check.socket",
	    "# Made by cmonha-ui", 0644);
	seen.file = planned_file(planned, "keepalived.conf");
	ck_assert_int_eq(
	    apply_differences(&rooted_machine, &planned->plan, see, &seen), 2);
	ck_assert_str_eq(seen.lines.data,
	    "/etc/cmonha-ui/keepalived.conf # Made by cmonha-ui\nhacked->planned\n"
	    "/etc/systemd/system/cmonha-ui-check.socket # Made by "
	    "cmonha-ui->none\n");
	/* Comparing has changed nothing. */
	scratch_expect(
	    "root/etc/cmonha-ui/keepalived.conf", "# Made by cmonha-ui\nhacked");
	ck_assert_int_eq(unlink(scratch_path("root/etc/cmonha-ui/haproxy.cfg")), 0);
	ck_assert_int_eq(chmod(scratch_path("root/etc/xinetd.d/cmonhachk"), 0666), 0);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	for (size_t i = 0; i < planned->plan.file_count; i++)
		applied_expect(planned->plan.files[i].name);
	text_free(&seen.lines);
}
END_TEST

static void
ignore(void *context, const struct difference *difference)
{
	(void)context;
	(void)difference;
}

/* `status` may run during an apply, whose staged files it must leave alone. */
START_TEST(comparing_changes_nothing)
{
	applied_plan(XINETD, "cc1");
	scratch_put("root/etc/cmonha-ui/.haproxy.cfg.cmonha-new", "staged", 0600);
	ck_assert_int_gt(
	    apply_differences(&rooted_machine, &planned->plan, ignore, NULL), 0);
	scratch_expect("root/etc/cmonha-ui/.haproxy.cfg.cmonha-new", "staged");
}
END_TEST

START_TEST(foreign_file_is_saved)
{
	char *before;

	applied_put_recipe();
	before = scratch_describe("root");
	applied_apply(XINETD, "cc1");
	applied_expect("xinetd");
	scratch_expect("root/var/lib/cmonha-ui/before/etc%xinetd.d%cmonhachk", RECIPE);
	/* Any number of times, with any change: it is the first one that is kept. */
	applied_apply(WITH("[check]\nserver = xinetd\nport = 9202\n"), "cc1");
	applied_expect("xinetd");
	scratch_expect("root/var/lib/cmonha-ui/before/etc%xinetd.d%cmonhachk", RECIPE);
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	scratch_expect("root/etc/xinetd.d/cmonhachk", RECIPE);
	ck_assert_int_eq(scratch_mode("root/etc/xinetd.d/cmonhachk"), 0640);
	applied_expect_as_before(before);
}
END_TEST

/* Restored at once it would use the same port: only at the removal. */
START_TEST(foreign_file_is_restored_last)
{
	char *before;

	applied_put_recipe();
	before = scratch_describe("root");
	applied_apply(XINETD, "cc1");
	applied_apply(SYSTEMD, "cc1");
	ck_assert(!scratch_has("root/etc/xinetd.d/cmonhachk"));
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	applied_expect_as_before(before);
}
END_TEST

/* If no file of that name is planned, it stays. */
START_TEST(foreign_file_is_left_alone)
{
	applied_put_recipe();
	applied_apply(SYSTEMD, "cc1");
	scratch_expect("root/etc/xinetd.d/cmonhachk", RECIPE);
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/before"));
}
END_TEST

/* The administrator has replaced our file since. */
START_TEST(replaced_by_hand)
{
	applied_apply(XINETD, "cc1");
	scratch_put("root/etc/xinetd.d/cmonhachk", RECIPE, 0600);
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	scratch_expect("root/etc/xinetd.d/cmonhachk", RECIPE);
	ck_assert_int_eq(scratch_mode("root/etc/xinetd.d/cmonhachk"), 0600);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("changes");
	TCase *cases = tcase_create("changes");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, applied_put_machine, planned_end);
	tcase_add_test(cases, services_line_follows);
	tcase_add_test(cases, no_services_file);
	tcase_add_test(cases, repairs);
	tcase_add_test(cases, comparing_changes_nothing);
	tcase_add_test(cases, foreign_file_is_saved);
	tcase_add_test(cases, foreign_file_is_restored_last);
	tcase_add_test(cases, foreign_file_is_left_alone);
	tcase_add_test(cases, replaced_by_hand);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
