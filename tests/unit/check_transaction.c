#include <signal.h>
#include <sys/resource.h>

#include "changed.h"
#include "killed.h"
#include "skip.h"
#include "unit.h"

/* Each way in which a target is found, and what is wanted of it. */
static const struct {
	const char *before, *wanted;
	mode_t mode_before, mode;
	int added;
} additions[] = {
    {"x", "x", 0644, 0644, 0},
    {"x", "y", 0644, 0644, 1},
    {"x", "", 0644, 0644, 1},
    {"", "", 0644, 0644, 0},
    {"x", "x", 0644, 0600, 1},
    {"x", "x", 04644, 0644, 1},
    {"x", NULL, 0644, 0, 1},
    {NULL, "x", 0, 0644, 1},
    {NULL, "", 0, 0644, 1},
    {NULL, NULL, 0, 0, 0},
};

START_TEST(adds_what_differs)
{
	if (additions[_i].before)
		scratch_put(
		    "root/etc/a", additions[_i].before, additions[_i].mode_before);
	ck_assert_int_eq(
	    changed_add("/etc/a", additions[_i].wanted, additions[_i].mode),
	    additions[_i].added);
	ck_assert_uint_eq(changed.count, additions[_i].added);
	/* Nothing was written yet. */
	scratch_expect("root/etc/a", additions[_i].before);
	ck_assert(!scratch_has("root/etc/.a.cmonha-new"));
	ck_assert(!scratch_has(CHANGED_JOURNAL));
}
END_TEST

START_TEST(carries_out)
{
	scratch_put("root/etc/a", "old a", 0640);
	scratch_put("root/etc/c", "old c", 0600);
	ck_assert_int_eq(changed_add("/etc/a", "new a", 0644), 1);
	ck_assert_int_eq(changed_add("/etc/b", "new b", 0600), 1);
	ck_assert_int_eq(changed_add("/etc/c", NULL, 0), 1);
	ck_assert_int_eq(changed_add("/etc/new/directory/d", "new d", 0755), 1);
	ck_assert_int_eq(transaction_stage(&changed), 0);
	scratch_expect("root/etc/a", "old a");
	scratch_expect("root/etc/.a.cmonha-new", "new a");
	ck_assert_int_eq(scratch_mode("root/etc/.a.cmonha-new"), 0644);
	ck_assert_int_eq(transaction_swap(&changed), 0);
	ck_assert(scratch_has(CHANGED_JOURNAL));
	ck_assert_int_eq(scratch_mode(CHANGED_JOURNAL), 0600);
	ck_assert_int_eq(transaction_finish(&changed), 0);
	scratch_expect("root/etc/a", "new a");
	scratch_expect("root/etc/b", "new b");
	scratch_expect("root/etc/c", NULL);
	scratch_expect("root/etc/new/directory/d", "new d");
	ck_assert_int_eq(scratch_mode("root/etc/a"), 0644);
	ck_assert_int_eq(scratch_mode("root/etc/b"), 0600);
	ck_assert_int_eq(scratch_mode("root/etc/new/directory/d"), 0755);
	scratch_expect_tree("root/var/lib/cmonha-ui", copy_string(""));
	ck_assert_int_eq(changed_recover(), 0);
	scratch_expect("root/etc/a", "new a");
}
END_TEST

START_TEST(freeing_removes_what_is_staged)
{
	char *before;

	scratch_put("root/etc/a", "old", 0644);
	before = scratch_describe("root");
	ck_assert_int_eq(changed_add("/etc/a", "new", 0644), 1);
	ck_assert_int_eq(changed_add("/etc/b", "new", 0644), 1);
	ck_assert_int_eq(transaction_stage(&changed), 0);
	transaction_free(&changed);
	scratch_expect_tree("root", before);
}
END_TEST

START_TEST(owner_stays)
{
	struct stat status;

	if (geteuid() != 0) {
		skip_test("only root can change the owner of a file");
		return;
	}
	scratch_put("root/etc/a", "old", 0640);
	ck_assert_int_eq(chown(scratch_path("root/etc/a"), 12, 34), 0);
	ck_assert_int_eq(changed_add("/etc/a", "new", 0640), 1);
	ck_assert_int_eq(transaction_stage(&changed), 0);
	ck_assert_int_eq(transaction_swap(&changed), 0);
	ck_assert_int_eq(stat(scratch_path("root/etc/a"), &status), 0);
	ck_assert_uint_eq(status.st_uid, 12);
	ck_assert_uint_eq(status.st_gid, 34);
	/* And again when it is undone. */
	ck_assert_int_eq(chown(scratch_path("root/etc/a"), 0, 0), 0);
	ck_assert_int_eq(changed_recover(), 1);
	ck_assert_int_eq(stat(scratch_path("root/etc/a"), &status), 0);
	ck_assert_uint_eq(status.st_uid, 12);
	ck_assert_uint_eq(status.st_gid, 34);
	ck_assert_int_eq(scratch_mode("root/etc/a"), 0640);
}
END_TEST

START_TEST(link_stays_a_link)
{
	struct stat status;

	scratch_put("root/srv/real", "old", 0644);
	ck_assert_int_eq(symlink("../srv/real", scratch_path("root/etc/a")), 0);
	ck_assert_int_eq(changed_add("/etc/a", "new", 0644), 1);
	ck_assert_int_eq(transaction_stage(&changed), 0);
	ck_assert_int_eq(transaction_swap(&changed), 0);
	ck_assert_int_eq(lstat(scratch_path("root/etc/a"), &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
	scratch_expect("root/srv/real", "new");
	ck_assert_int_eq(changed_recover(), 1);
	ck_assert_int_eq(lstat(scratch_path("root/etc/a"), &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
	scratch_expect("root/srv/real", "old");
}
END_TEST

/* It would be replaced, and what it was made for lost. */
START_TEST(link_to_nothing)
{
	scratch_put("root/etc/b", "b", 0644);
	ck_assert_int_eq(symlink("/srv/later", scratch_path("root/etc/a")), 0);
	errno = 0;
	ck_assert_int_eq(changed_add("/etc/a", "new", 0644), -1);
	ck_assert_int_eq(errno, EXDEV);
	free((char *)rooted_machine.root);
	rooted_machine.root = copy_string("");
	ck_assert_int_eq(changed_add(scratch_path("root/etc/a"), "new", 0644), -1);
	ck_assert_int_eq(errno, ENOENT);
	/* To remove what it leads to is done already. */
	ck_assert_int_eq(changed_add(scratch_path("root/etc/a"), NULL, 0), 0);
}
END_TEST

/* An image's absolute links point into the real machine, which is not to be changed. */
START_TEST(links_out_of_the_root)
{
	scratch_put("outside/file", "precious", 0644);
	ck_assert_int_eq(
	    symlink(scratch_path("outside/file"), scratch_path("root/etc/a")), 0);
	ck_assert_int_eq(
	    symlink(scratch_path("outside"), scratch_path("root/etc/directory")), 0);
	ck_assert_int_eq(changed_add("/etc/a", "new", 0644), -1);
	ck_assert_int_eq(changed_add("/etc/directory/file", NULL, 0), -1);
	ck_assert_int_eq(changed_add("/etc/directory/new", "new", 0644), -1);
	ck_assert_int_eq(changed_add("/etc/directory/new/file", "new", 0644), -1);
	ck_assert_uint_eq(changed.count, 0);
	/* "root2" begins like "root" and is another place. */
	scratch_put("root2/file", "precious", 0644);
	ck_assert_int_eq(
	    symlink(scratch_path("root2/file"), scratch_path("root/etc/b")), 0);
	ck_assert_int_eq(changed_add("/etc/b", "new", 0644), -1);
}
END_TEST

START_TEST(refuses_odd_targets)
{
	char name[32];

	ck_assert_int_eq(mkdir(scratch_path("root/etc/directory"), 0755), 0);
	ck_assert_int_eq(mkfifo(scratch_path("root/etc/fifo"), 0600), 0);
	scratch_put("root/etc/file", "x", 0644);
	scratch_put("root/etc/large", "x", 0644);
	ck_assert_int_eq(truncate(scratch_path("root/etc/large"), FILE_LIMIT + 1), 0);
	ck_assert_int_eq(changed_add("/etc/directory", "x", 0644), -1);
	ck_assert_int_eq(changed_add("/etc/fifo", "x", 0644), -1);
	ck_assert_int_eq(changed_add("/etc/large", "x", 0644), -1);
	ck_assert_uint_eq(changed.count, 0);
	/* Nothing can be below a file; to remove it is no change. */
	ck_assert_int_eq(changed_add("/etc/file/below", NULL, 0), 0);
	for (int i = 0; i < CHANGES_MAX; i++) {
		snprintf(name, sizeof(name), "/etc/f%d", i);
		ck_assert_int_eq(changed_add(name, "x", 0644), 1);
	}
	ck_assert_int_eq(changed_add("/etc/more", "x", 0644), -1);
	ck_assert_uint_eq(changed.count, CHANGES_MAX);
}
END_TEST

/* A disk that is full: nothing that is larger than `bytes` can be written. */
static void
limit_files_to(rlim_t bytes)
{
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(full_when_staging)
{
	char *before;

	scratch_put("root/etc/a", "old", 0644);
	before = scratch_describe("root");
	ck_assert_int_eq(changed_add("/etc/a", "new", 0644), 1);
	ck_assert_int_eq(changed_add("/etc/b", "much more than fits", 0644), 1);
	limit_files_to(10);
	ck_assert_int_eq(transaction_stage(&changed), -1);
	transaction_free(&changed);
	limit_files_to(RLIM_INFINITY);
	scratch_expect_tree("root", before);
}
END_TEST

START_TEST(full_when_keeping)
{
	char *before;

	scratch_put("root/etc/a", "old", 0644);
	scratch_put("root/etc/b", "much more than fits", 0644);
	before = scratch_describe("root");
	ck_assert_int_eq(changed_add("/etc/a", "new", 0644), 1);
	ck_assert_int_eq(changed_add("/etc/b", "new", 0644), 1);
	limit_files_to(10);
	ck_assert_int_eq(transaction_stage(&changed), 0);
	ck_assert_int_eq(transaction_swap(&changed), -1);
	transaction_free(&changed);
	limit_files_to(RLIM_INFINITY);
	scratch_expect_tree("root", before);
}
END_TEST

/* One of the renames fails: those before it are undone. */
START_TEST(swap_fails_in_the_middle)
{
	char *before;

	scratch_put("root/etc/a", "old", 0600);
	scratch_put("root/etc/c", "old", 0600);
	before = scratch_describe("root");
	ck_assert_int_eq(changed_add("/etc/a", "new", 0644), 1);
	ck_assert_int_eq(changed_add("/etc/b", "new", 0644), 1);
	ck_assert_int_eq(changed_add("/etc/c", "new", 0644), 1);
	ck_assert_int_eq(changed_add("/etc/d", "new", 0644), 1);
	ck_assert_int_eq(transaction_stage(&changed), 0);
	ck_assert_int_eq(unlink(scratch_path("root/etc/.c.cmonha-new")), 0);
	ck_assert_int_eq(transaction_swap(&changed), -1);
	transaction_free(&changed);
	scratch_expect_tree("root", before);
	ck_assert_int_eq(changed_recover(), 0);
}
END_TEST

START_TEST(no_journal)
{
	ck_assert_int_eq(changed_recover(), 0);
	ck_assert_int_eq(rmdir(scratch_path("root/var/lib/cmonha-ui")), 0);
	ck_assert_int_eq(changed_recover(), 0);
	scratch_put("root/var/lib/cmonha-ui", "a file", 0644);
	ck_assert_int_eq(changed_recover(), 0);
}
END_TEST

/* A journal that is not ours or not whole: nothing is touched, and it stays. */
static const char *const journals[] = {
    "",
    "\n",
    "cmonha-ui journal 2\nnew ROOT/etc/a\n",
    "something else\n",
};

START_TEST(strange_journal)
{
	scratch_put(CHANGED_JOURNAL, journals[_i], 0600);
	scratch_put("root/etc/a", "x", 0644);
	ck_assert_int_eq(changed_recover(), -1);
	scratch_expect(CHANGED_JOURNAL, journals[_i]);
	scratch_expect("root/etc/a", "x");
}
END_TEST

START_TEST(damaged_journal)
{
	char *a = copy_string(scratch_path("root/etc/a"));
	char *b = copy_string(scratch_path("root/etc/b"));
	char *c = copy_string(scratch_path("root/etc/c"));
	char *words = format_string(
	    "cmonha-ui journal 1\nhad 644 0 0 %s\nwhat?\nnew %s\nhad x y z %s\n", a, b,
	    c);

	scratch_put("root/etc/a", "new", 0644);
	scratch_put("root/etc/b", "new", 0644);
	scratch_put(CHANGED_JOURNAL, words, 0600);
	/* The old content of the first is missing; what can be undone is. */
	ck_assert_int_eq(changed_recover(), -1);
	scratch_expect("root/etc/a", "new");
	scratch_expect("root/etc/b", NULL);
	ck_assert(scratch_has(CHANGED_JOURNAL));
	free(words);
	free(a);
	free(b);
	free(c);
}
END_TEST

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
	bool failed = changed_add("/etc/a", "new a", 0644) != 1 ||
		      changed_add("/etc/b", "new b", 0600) != 1 ||
		      changed_add("/etc/c", NULL, 0) != 1 ||
		      changed_add("/etc/d.d/d", "new d", 0755) != 1 ||
		      changed_add("/etc/e", "kept", 0600) != 0 ||
		      changed_add("/etc/link", "new real", 0644) != 1 ||
		      transaction_stage(&changed) < 0 ||
		      transaction_swap(&changed) < 0 ||
		      transaction_finish(&changed) < 0;

	return failed ? -1 : 0;
}

/* Without staged files, which apply_plan() removes. */
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

		result = changed_recover();
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
		ck_assert_int_eq(changed_recover(), 0);
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

/* The undoing may be killed too: the next one finishes it. */
START_TEST(undoing_is_killed)
{
	char *old, *now;

	put_old_tree();
	old = describe_targets();
	ck_assert(killed_run(change_tree, 13));
	journal_killed_here = stop_here;
	ck_assert_int_eq(changed_recover(), -1);
	journal_killed_here = NULL;
	ck_assert(scratch_has(CHANGED_JOURNAL));
	ck_assert_int_eq(changed_recover(), 1);
	now = describe_targets();
	ck_assert_str_eq(now, old);
	free(old);
	free(now);
}
END_TEST

/* Staged files and old contents of a killed run are removed by its undoing. */
START_TEST(undoing_tidies_up)
{
	char *old;

	put_old_tree();
	old = scratch_describe("root");
	/* Killed after the journal: every new file is still staged. */
	ck_assert(killed_run(change_tree, 8));
	ck_assert(scratch_has("root/etc/.b.cmonha-new"));
	ck_assert_int_eq(changed_recover(), 1);
	scratch_expect_tree("root", old);
	/* Killed before it: old contents are kept, and there is no journal. */
	put_old_tree();
	ck_assert(killed_run(change_tree, 7));
	ck_assert(scratch_has("root/var/lib/cmonha-ui/journal.old.0"));
	ck_assert_int_eq(changed_recover(), 0);
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/journal.old.0"));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("transaction");
	TCase *cases = tcase_create("transaction");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, changed_begin, changed_end);
	tcase_add_loop_test(
	    cases, adds_what_differs, 0, sizeof(additions) / sizeof(additions[0]));
	tcase_add_test(cases, carries_out);
	tcase_add_test(cases, freeing_removes_what_is_staged);
	tcase_add_test(cases, owner_stays);
	tcase_add_test(cases, link_stays_a_link);
	tcase_add_test(cases, link_to_nothing);
	tcase_add_test(cases, links_out_of_the_root);
	tcase_add_test(cases, refuses_odd_targets);
	tcase_add_test(cases, full_when_staging);
	tcase_add_test(cases, full_when_keeping);
	tcase_add_test(cases, swap_fails_in_the_middle);
	tcase_add_test(cases, no_journal);
	tcase_add_loop_test(
	    cases, strange_journal, 0, sizeof(journals) / sizeof(journals[0]));
	tcase_add_test(cases, damaged_journal);
	tcase_add_test(cases, all_or_none);
	tcase_add_test(cases, undoing_is_killed);
	tcase_add_test(cases, undoing_tidies_up);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
