#include "apply/recovery.h"

#include <signal.h>
#include <sys/wait.h>

#include "applied.h"
#include "apply/transaction.h"
#include "listening.h"
#include "serving.h"
#include "unit.h"

#define JOURNAL    "root/var/lib/cmonha-ui/journal"
#define OLD        "root/var/lib/cmonha-ui/journal.old.0"
#define HEADER     "cmonha-ui journal 1\n"
#define SOCKET     "cmonha-ui-check.socket"
#define CHECK      "cmonha-ui-check.service"
#define HAPROXY    "cmonha-ui-haproxy.service"
#define KEEPALIVED "cmonha-ui-keepalived.service"
#define WATCH      "cmonha-ui-watch.service"

static void
put_journal(const char *lines)
{
	char *journal = format_string(HEADER "%s", lines);

	scratch_put(JOURNAL, journal, 0600);
	free(journal);
}

/* Files of the scratch directory around the image, which are the running machine's. */
static char *
put_outside(void)
{
	scratch_put("outside/precious", "precious", 0600);
	scratch_put("outside/cmonhachk", "# Made by cmonha-ui", 0644);
	scratch_put("outside/.cmonhachk.cmonha-new", "precious", 0600);
	scratch_put(
	    "outside/state/journal", HEADER "new /etc/xinetd.d/cmonhachk\n", 0600);
	return scratch_describe("outside");
}

static void
put_link(const char *to, const char *name)
{
	unlink(scratch_path(name));
	ck_assert_int_eq(symlink(scratch_path(to), scratch_path(name)), 0);
}

/* What a journal may not do; "OUTSIDE" is replaced. */
static const char *const hostile_lines[] = {
    "new OUTSIDE/precious\n",
    "new OUTSIDE/cmonhachk\n",
    "new /../outside/precious\n",
    "new \n",
    "new /etc/passwd\n",
    "new /etc/cmonha-ui/cluster.conf\n",
    "had 4755 0 0 /etc/xinetd.d/cmonhachk\n",
    "had 2755 0 0 /etc/xinetd.d/cmonhachk\n",
    "had 644 0 0 OUTSIDE/precious\n",
    "had 644 0 0 /etc/passwd\n",
};

START_TEST(hostile_journal)
{
	char *before = put_outside(), *inside, *line;
	const char *place = strstr(hostile_lines[_i], "OUTSIDE");

	scratch_put("root/etc/passwd", "root", 0644);
	scratch_put("root/etc/xinetd.d/cmonhachk", "x", 0644);
	scratch_put(OLD, "a program", 0600);
	line = place ? format_string("%.*s%s%s", (int)(place - hostile_lines[_i]),
			   hostile_lines[_i], scratch_path("outside"), place + 7)
		     : copy_string(hostile_lines[_i]);
	put_journal(line);
	inside = scratch_describe("root");
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_FAILED);
	scratch_expect_tree("outside", before);
	scratch_expect_tree("root", inside);
	free(line);
}
END_TEST

/* Links of the image that lead out of it, with a journal that uses them. */
static const struct {
	const char *to, *name, *line;
} links[] = {
    {"outside", "root/etc/xinetd.d", "new /etc/xinetd.d/cmonhachk\n"},
    {"outside", "root/etc/xinetd.d", "had 644 0 0 /etc/xinetd.d/cmonhachk\n"},
    {"outside/precious", "root/etc/services", "had 644 0 0 /etc/services\n"},
    {"outside/precious", OLD, "had 644 0 0 /etc/xinetd.d/cmonhachk\n"},
    {"outside/nothing", "root/etc/xinetd.d", "had 644 0 0 /etc/xinetd.d/cmonhachk\n"},
    {"outside/state/journal", JOURNAL, NULL},
    {"outside/state", "root/var/lib/cmonha-ui", NULL},
};

START_TEST(hostile_links)
{
	char *before = put_outside();

	if (links[_i].line) {
		scratch_put(OLD, "old", 0600);
		put_journal(links[_i].line);
	} else {
		scratch_put("root/var/lib/x", "", 0600);
		rmdir(scratch_path("root/var/lib/cmonha-ui"));
		if (strcmp(links[_i].name, JOURNAL) == 0)
			scratch_put("root/var/lib/cmonha-ui/x", "", 0600);
	}
	ck_assert_int_eq(file_make_directories(scratch_path("root/etc")), 0);
	put_link(links[_i].to, links[_i].name);
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_FAILED);
	/* Nor does anything else follow them. */
	applied_plan(XINETD, "cc1");
	apply_remove(&rooted_machine);
	apply_plan(&rooted_machine, &planned->plan);
	machine_unlock(machine_lock(&rooted_machine, 0));
	scratch_expect_tree("outside", before);
	ck_assert(!scratch_has("outside/lock"));
}
END_TEST

/* Nor are links inside of the image followed: a secret of it would become readable. */
START_TEST(linked_journal)
{
	const char *const names[] = {OLD, JOURNAL};

	scratch_put("root/etc/services", "x", 0644);
	scratch_put("root/etc/shadow", HEADER "had 644 0 0 /etc/services\n", 0600);
	scratch_put(OLD, "old", 0600);
	put_journal("had 644 0 0 /etc/services\n");
	ck_assert_int_eq(unlink(scratch_path(names[_i])), 0);
	ck_assert_int_eq(symlink("../../../etc/shadow", scratch_path(names[_i])), 0);
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_FAILED);
	scratch_expect("root/etc/services", "x");
}
END_TEST

static int
apply_planned(void)
{
	return apply_plan(&rooted_machine, &planned->plan);
}

/* Leaves the journal of an apply whose files are all in place. */
static void
interrupt_planned(void)
{
	struct transaction transaction = {.machine = &rooted_machine};

	for (size_t i = 0; i < planned->plan.file_count; i++) {
		const struct plan_file *file = &planned->plan.files[i];

		if (file->wanted)
			ck_assert_int_ge(transaction_add(&transaction, file->target,
					     &file->content, file->mode),
			    0);
	}
	ck_assert_int_eq(transaction_stage(&transaction), 0);
	ck_assert_int_eq(transaction_swap(&transaction), 0);
	transaction_free(&transaction);
}

/* The image of a build that was killed is moved, or booted. */
START_TEST(moved_image)
{
	char *before, *moved;
	struct machine machine;

	applied_apply(XINETD, "cc1");
	before = scratch_describe("root");
	applied_plan(WITH("[ui]\nforward = 82:80\n[check]\nserver = xinetd\n"), "cc1");
	interrupt_planned();
	ck_assert_int_eq(rename(scratch_path("root"), scratch_path("moved")), 0);
	moved = copy_string(scratch_path("moved"));
	machine = (struct machine){.root = moved};
	ck_assert_int_eq(recovery_run(&machine), RECOVERY_DONE);
	scratch_expect_tree("moved", before);
	free(moved);
}
END_TEST

/* Version 0.1.0 wrote the root into its journal, wherever the image is now. */
START_TEST(journal_of_an_earlier_version)
{
	const char *const roots[] = {rooted_machine.root, "/mnt/image", ""};
	char *lines = format_string("had 640 0 0 %s/etc/xinetd.d/cmonhachk\n"
				    "new %s/var/lib/cmonha-ui/before/"
				    "etc%%xinetd.d%%cmonhachk\n",
	    roots[_i], roots[_i]);

	scratch_put("root/etc/xinetd.d/cmonhachk", "new", 0644);
	scratch_put("root/var/lib/cmonha-ui/before/etc%xinetd.d%cmonhachk", "x", 0644);
	scratch_put(OLD, "old", 0600);
	put_journal(lines);
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_DONE);
	scratch_expect("root/etc/xinetd.d/cmonhachk", "old");
	ck_assert_int_eq(scratch_mode("root/etc/xinetd.d/cmonhachk"), 0640);
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/before/etc%xinetd.d%cmonhachk"));
	ck_assert(!scratch_has(JOURNAL));
	free(lines);
}
END_TEST

START_TEST(nothing_to_undo)
{
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_NONE);
	ck_assert(!journal_is_interrupted(&rooted_machine));
}
END_TEST

/* A journal that a running instance has is no problem. */
START_TEST(interrupted_or_running)
{
	int lock = machine_lock(&rooted_machine, 0);

	put_journal("new /etc/xinetd.d/cmonhachk\n");
	ck_assert(journal_exists(&rooted_machine));
	ck_assert(!journal_is_interrupted(&rooted_machine));
	machine_unlock(lock);
	ck_assert(journal_is_interrupted(&rooted_machine));
}
END_TEST

static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

START_TEST(signals_are_held)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		sigset_t before;

		signal(held[_i], SIG_DFL);
		recovery_hold_signals(&before);
		raise(held[_i]);
		scratch_put("alive", "", 0644);
		recovery_release_signals(&before);
		scratch_put("too late", "", 0644);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == held[_i]);
	ck_assert(scratch_has("alive"));
	ck_assert(!scratch_has("too late"));
}
END_TEST

/* Services that run with new files, of an apply that was killed before the end. */
static void
kill_after_swap(const char *check_keys)
{
	serving_plan(check_keys, "");
	serving_answers_plan();
	interrupt_planned();
	stand_in_set_active(HAPROXY);
	stand_in_set_active(KEEPALIVED);
	unlink(scratch_path("systemd/log"));
}

/* Of the first apply: nothing is to run. */
START_TEST(first_apply_killed)
{
	char *before = scratch_describe("root/etc");

	kill_after_swap("server = systemd\n");
	stand_in_set_active(SOCKET);
	stand_in_set_active(CHECK);
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_DONE);
	stand_in_expect_calls(
	    "daemon-reload\nstop " WATCH "\nreset-failed " WATCH "\ndisable " WATCH
	    "\nstop " KEEPALIVED "\nreset-failed " KEEPALIVED "\ndisable " KEEPALIVED
	    "\nstop " HAPROXY "\nreset-failed " HAPROXY "\ndisable " HAPROXY
	    "\nstop " SOCKET "\nstop " CHECK "\nreset-failed " SOCKET
	    "\ndisable " SOCKET "\n");
	scratch_expect_tree("root/etc", before);
	ck_assert(!scratch_has(JOURNAL));
}
END_TEST

/* xinetd closes the port of a service that is gone only after some time. */
START_TEST(port_is_free_after_a_first_apply)
{
	kill_after_swap("");
	stand_in_set_active("xinetd.service");
	scratch_put("systemd/on/reload.xinetd.service", "exit 0\n", 0644);
	listening_stop();
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_DONE);
	stand_in_expect_calls(
	    "stop " WATCH "\nreset-failed " WATCH "\ndisable " WATCH
	    "\nstop " KEEPALIVED "\nreset-failed " KEEPALIVED "\ndisable " KEEPALIVED
	    "\nstop " HAPROXY "\nreset-failed " HAPROXY "\ndisable " HAPROXY
	    "\nreload xinetd.service\n");
}
END_TEST

static void
kill_change(void)
{
	serving_plan("", "");
	serving_answers_plan();
	ck_assert_int_eq(apply_planned(), 0);
	serving_check_port = listening_tcp(SERVING_NODE, "check");
	kill_after_swap("");
}

/* Of a change: what runs reads the previous files. */
START_TEST(change_killed)
{
	kill_change();
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_DONE);
	stand_in_expect_calls("reload xinetd.service\nreload " HAPROXY
			      "\nreload " KEEPALIVED "\nreload " WATCH "\n");
}
END_TEST

/* In HAProxy's start HAProxy is left alone, and nothing that is stopped is started. */
START_TEST(change_killed_then_booted)
{
	kill_change();
	unlink(scratch_path("systemd/active/" KEEPALIVED));
	ck_assert_int_eq(recovery_run_at_start(&rooted_machine), RECOVERY_DONE);
	stand_in_expect_calls("reload xinetd.service\nreload " WATCH "\n");
	ck_assert(!scratch_has(JOURNAL));
}
END_TEST

/* The reload is reported as successful, and the new file is still in use. */
START_TEST(haproxy_does_not_follow)
{
	kill_change();
	scratch_put("systemd/on/reload." HAPROXY, "", 0644);
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_INCOMPLETE);
}
END_TEST

START_TEST(service_does_not_follow)
{
	kill_change();
	stand_in_fail("reload", HAPROXY);
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_INCOMPLETE);
	/* The files are restored, so nothing is left to undo. */
	ck_assert(!scratch_has(JOURNAL));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("recovery");
	TCase *cases = tcase_create("files");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, NULL, planned_end);
	tcase_add_loop_test(cases, hostile_journal, 0,
	    sizeof(hostile_lines) / sizeof(hostile_lines[0]));
	tcase_add_loop_test(cases, hostile_links, 0, sizeof(links) / sizeof(links[0]));
	tcase_add_loop_test(cases, linked_journal, 0, 2);
	tcase_add_loop_test(cases, journal_of_an_earlier_version, 0, 3);
	tcase_add_test(cases, nothing_to_undo);
	tcase_add_test(cases, interrupted_or_running);
	tcase_add_loop_test(cases, signals_are_held, 0, sizeof(held) / sizeof(held[0]));
	suite_add_tcase(suite, cases);
	cases = tcase_create("image");
	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, applied_put_machine, planned_end);
	tcase_add_test(cases, moved_image);
	suite_add_tcase(suite, cases);
	cases = tcase_create("services");
	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, serving_begin_applied, serving_end);
	tcase_add_test(cases, first_apply_killed);
	tcase_add_test(cases, port_is_free_after_a_first_apply);
	tcase_add_test(cases, change_killed);
	tcase_add_test(cases, change_killed_then_booted);
	tcase_add_test(cases, haproxy_does_not_follow);
	tcase_add_test(cases, service_does_not_follow);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
