#include "changed.h"
#include "killed.h"
#include "unit.h"

static bool
stop_here(void)
{
	return true;
}

static void
put_old_tree(void)
{
	scratch_empty();
	scratch_put("root/etc/a", "old a", 0640);
	scratch_put("root/etc/c", "old c", 0604);
	scratch_put("root/etc/e", "kept", 0600);
	scratch_put("root/srv/real", "old real", 0644);
	ck_assert_int_eq(symlink("../srv/real", scratch_path("root/etc/link")), 0);
	ck_assert_int_eq(
	    file_make_directories(scratch_path("root/var/lib/cmonha-ui")), 0);
	ck_assert_int_eq(file_make_directories(scratch_path("root/etc/d.d")), 0);
}

/* Every kind of change: 0 if all went well. */
static int
change_tree(void)
{
	bool failed =
	    add("/etc/a", "new a", 0644) != 1 || add("/etc/b", "new b", 0600) != 1 ||
	    add("/etc/c", NULL, 0) != 1 || add("/etc/d.d/d", "new d", 0755) != 1 ||
	    add("/etc/e", "kept", 0600) != 0 ||
	    add("/etc/link", "new real", 0644) != 1 ||
	    transaction_stage(&transaction) < 0 || transaction_swap(&transaction) < 0 ||
	    transaction_finish(&transaction) < 0;

	return failed ? -1 : 0;
}

/* Without what is staged beside the targets: apply_plan() sweeps that. */
static char *
describe_targets(void)
{
	char *all = scratch_describe("root");
	struct text rest = {0};

	for (char *line = strtok(all, "\n"); line; line = strtok(NULL, "\n"))
		if (!strstr(line, ".cmonha-new"))
			text_addf(&rest, "%s\n", line);
	free(all);
	return rest.data;
}

START_TEST(all_or_none)
{
	char *old, *new, *now;
	int steps = 0, undone = 0;

	put_old_tree();
	old = describe_targets();
	ck_assert(!killed_run(change_tree, 1000));
	new = describe_targets();
	ck_assert_str_ne(old, new);
	for (;; steps++) {
		int result;

		put_old_tree();
		bool killed = killed_run(change_tree, steps);

		result = transaction_recover(&machine);
		now = describe_targets();
		if (!killed) {
			ck_assert_int_eq(result, 0);
			ck_assert_str_eq(now, new);
			free(now);
			break;
		}
		ck_assert_int_ge(result, 0);
		undone += result;
		ck_assert_msg(
		    strcmp(now, old) == 0, "killed at step %d: %s", steps, now);
		ck_assert_int_eq(transaction_recover(&machine), 0);
		free(now);
	}
	/* 4 staged, 3 kept, the journal, 5 swapped, the journal's end. */
	ck_assert_int_eq(steps, 4 + 3 + 1 + 5 + 1);
	/* From the journal on there was something to undo. */
	ck_assert_int_eq(undone, 5 + 1);
	free(old);
	free(new);
}
END_TEST

/* Who undoes may be killed too: the next one finishes it. */
START_TEST(undoing_is_killed)
{
	char *old, *now;

	put_old_tree();
	old = describe_targets();
	ck_assert(killed_run(change_tree, 13));
	transaction_killed_here = stop_here;
	ck_assert_int_eq(transaction_recover(&machine), -1);
	transaction_killed_here = NULL;
	ck_assert(scratch_has(JOURNAL));
	ck_assert_int_eq(transaction_recover(&machine), 1);
	now = describe_targets();
	ck_assert_str_eq(now, old);
	free(old);
	free(now);
}
END_TEST

/* What was staged and what was kept of a run that died is gone after its undoing. */
START_TEST(undoing_tidies_up)
{
	char *old;

	put_old_tree();
	old = scratch_describe("root");
	/* Killed after the journal: every new file is still staged. */
	ck_assert(killed_run(change_tree, 8));
	ck_assert(scratch_has("root/etc/.b.cmonha-new"));
	ck_assert_int_eq(transaction_recover(&machine), 1);
	scratch_expect_tree("root", old);
	/* Killed before it: old contents are kept, and there is no journal. */
	put_old_tree();
	ck_assert(killed_run(change_tree, 7));
	ck_assert(scratch_has("root/var/lib/cmonha-ui/journal.old.0"));
	ck_assert_int_eq(transaction_recover(&machine), 0);
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/journal.old.0"));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("killed transaction");
	TCase *cases = tcase_create("killed transaction");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, changed_begin, changed_end);
	tcase_add_test(cases, all_or_none);
	tcase_add_test(cases, undoing_is_killed);
	tcase_add_test(cases, undoing_tidies_up);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
