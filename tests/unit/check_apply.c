#include "apply/apply.h"

#include "apply/xinetd.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "applied.h"
#include "apply/recovery.h"
#include "apply/transaction.h"
#include "killed.h"
#include "serving.h"
#include "skip.h"
#include "unit.h"

START_TEST(applies)
{
	applied_apply(XINETD, "cc1");
	for (size_t i = 0; i < planned->plan.file_count; i++)
		applied_expect(planned->plan.files[i].name);
	scratch_expect("root/etc/services",
	    SERVICES_BEFORE "\ncmonhachk 9201/tcp\t\t# added by cmonha-ui");
	ck_assert_int_eq(scratch_mode("root/etc/services"), 0644);
	/* Files of others are not changed. */
	scratch_expect("root/etc/haproxy/haproxy.cfg", "global\n\tdaemon\n");
	scratch_expect("root/etc/keepalived/keepalived.conf", "! mine\n");
	scratch_expect("root/etc/cmonha-ui/cluster.conf", "whatever");
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/journal"));
}
END_TEST

/* Every file's inode and time, which a write of the same bytes would change too. */
static char *
describe_inodes(void)
{
	struct text all = {0};

	for (size_t i = 0; i < plan_target_count() + 1; i++) {
		const char *target =
		    i < plan_target_count() ? plan_target(i) : "/etc/services";
		char *path = machine_path(&rooted_machine, target);
		struct stat status = {0};

		stat(path, &status);
		text_addf(&all, "%s %lu %lld.%ld\n", target,
		    (unsigned long)status.st_ino, (long long)status.st_ctim.tv_sec,
		    status.st_ctim.tv_nsec);
		free(path);
	}
	return all.data;
}

static void
count_difference(void *context, const struct difference *difference)
{
	(void)difference;
	++*(int *)context;
}

START_TEST(second_time_changes_nothing)
{
	char *first, *second;
	int differences = 0;

	applied_apply(XINETD, "cc1");
	first = describe_inodes();
	applied_apply(XINETD, "cc1");
	second = describe_inodes();
	ck_assert_str_eq(second, first);
	ck_assert_int_eq(apply_differences(&rooted_machine, &planned->plan,
			     count_difference, &differences),
	    0);
	ck_assert_int_eq(differences, 0);
	/* Others add to /etc/services: still nothing to do. */
	scratch_put("root/etc/services",
	    "cmonhachk 9201/tcp\t\t# added by cmonha-ui\nlater 7777/tcp\n", 0644);
	ck_assert_int_eq(apply_differences(&rooted_machine, &planned->plan,
			     count_difference, &differences),
	    0);
	free(first);
	free(second);
}
END_TEST

START_TEST(server_moves)
{
	char *before = scratch_describe("root"), *first;

	applied_apply(XINETD, "cc1");
	first = scratch_describe("root/etc/xinetd.d");
	ck_assert(scratch_has("root/etc/xinetd.d/cmonhachk"));
	ck_assert(!scratch_has("root/etc/systemd/system/cmonha-ui-check.socket"));
	applied_apply(SYSTEMD, "cc1");
	ck_assert(!scratch_has("root/etc/xinetd.d/cmonhachk"));
	applied_expect("cmonha-ui-check.socket");
	applied_expect("cmonha-ui-check.service");
	applied_apply(XINETD, "cc1");
	scratch_expect_tree("root/etc/xinetd.d", first);
	ck_assert(!scratch_has("root/etc/systemd/system/cmonha-ui-check.socket"));
	ck_assert(!scratch_has("root/etc/systemd/system/cmonha-ui-check.service"));
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	applied_expect_as_before(before);
}
END_TEST

START_TEST(role_changes)
{
	applied_apply(XINETD, "cc3");
	ck_assert(scratch_has("root/etc/cmonha-ui/haproxy.cfg"));
	ck_assert(scratch_has("root/etc/cmonha-ui/stats.passwords"));
	applied_apply(XINETD "roles = controller\n", "cc3");
	ck_assert(!scratch_has("root/etc/cmonha-ui/haproxy.cfg"));
	ck_assert(!scratch_has("root/etc/cmonha-ui/keepalived.conf"));
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/haproxy.state"));
	/* It may come back. */
	ck_assert(scratch_has("root/etc/cmonha-ui/stats.passwords"));
	ck_assert(scratch_has("root/etc/xinetd.d/cmonhachk"));
}
END_TEST

START_TEST(password_is_kept)
{
	char *password;

	applied_apply(XINETD, "cc1");
	password = copy_string(planned->site.passwords.admin);
	applied_apply(
	    WITH("[ui]\nforward = 81:443\n[check]\nserver = xinetd\n"), "cc1");
	ck_assert_str_eq(planned->site.passwords.admin, password);
	ck_assert_int_eq(scratch_mode("root/etc/cmonha-ui/stats.passwords"), 0600);
	ck_assert_int_eq(scratch_mode("root/etc/cmonha-ui/haproxy.cfg"), 0600);
	free(password);
}
END_TEST

/* Without the page the administrator's file is not needed, and not ours to remove. */
START_TEST(passwords_survive_without_the_page)
{
	static const char content[] = "# mine\nstats b c\nadmin a\n";
	const char *path = "root/etc/cmonha-ui/stats.passwords";

	applied_apply(XINETD, "cc1");
	scratch_put(path, content, 0640);
	ck_assert_int_eq(chmod(scratch_path(path), 0640), 0);
	applied_apply(
	    WITH("[ui]\nforward = 81:80\nstats = off\n[check]\nserver = xinetd\n"),
	    "cc1");
	scratch_expect(path, content);
	ck_assert_int_eq(scratch_mode(path), 0640);
	applied_apply(XINETD, "cc1");
	scratch_expect(path, content);
	ck_assert_int_eq(scratch_mode(path), 0640);
	ck_assert_str_eq(planned->site.passwords.stats, "b c");
	/* Nobody else may read it, whoever has allowed it. */
	ck_assert_int_eq(chmod(scratch_path(path), 0644), 0);
	applied_apply(XINETD, "cc1");
	ck_assert_int_eq(scratch_mode(path), 0640);
	ck_assert_int_eq(apply_remove(&rooted_machine), APPLY_DONE);
	scratch_expect(path, NULL);
}
END_TEST

/* Something that cannot be replaced: nothing else is, either. */
static const char *const obstacles[] = {
    "root/etc/cmonha-ui/keepalived.conf",
    "root/etc/xinetd.d/cmonhachk",
    "root/etc/systemd/system/cmonha-ui-check.socket",
    "root/var/lib/cmonha-ui/before/etc%xinetd.d%cmonhachk",
};

START_TEST(all_or_nothing)
{
	char *before;

	if (strstr(obstacles[_i], "before"))
		applied_put_recipe();
	unlink(scratch_path(obstacles[_i]));
	ck_assert_int_eq(file_make_directories(scratch_path(obstacles[_i])), 0);
	before = scratch_describe("root");
	applied_plan(XINETD, "cc1");
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), -1);
	applied_expect_as_before(before);
	before = scratch_describe("root");
	ck_assert_int_eq(apply_remove(&rooted_machine), APPLY_INCOMPLETE);
	applied_expect_as_before(before);
}
END_TEST

/* A file that root cannot replace, as chattr +i makes it: a mount point. */
static bool
make_immutable(const char *name)
{
	const char *path = scratch_path(name);

	if (unshare(CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) == 0 &&
	    mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0 &&
	    mount(path, path, NULL, MS_BIND, NULL) == 0)
		return true;
	skip_test("nothing can be mounted here");
	return false;
}

static char *
messages_of(enum apply_result (*change)(void), enum apply_result expected)
{
	char *path = copy_string(scratch_path("err"));
	struct text messages = {0};

	ck_assert_ptr_nonnull(freopen(path, "w", stderr));
	ck_assert_int_eq(change(), expected);
	fflush(stderr);
	ck_assert_int_eq(file_read(path, FILE_LIMIT, &messages), 0);
	free(path);
	return messages.data ? messages.data : copy_string("");
}

static enum apply_result
apply_planned(void)
{
	return apply_plan(&rooted_machine, &planned->plan);
}

static enum apply_result
remove_all(void)
{
	return apply_remove(&rooted_machine);
}

/* Nothing depends on its line: apply and remove do all else, and say so. */
START_TEST(services_file_cannot_be_replaced)
{
	char *messages;

	applied_plan(XINETD, "cc1");
	if (_i) {
		ck_assert_int_eq(unlink(scratch_path("root/etc/services")), 0);
		ck_assert_int_eq(mkdir(scratch_path("root/etc/services"), 0755), 0);
	} else if (!make_immutable("root/etc/services")) {
		return;
	}
	messages = messages_of(apply_planned, APPLY_DONE);
	ck_assert_ptr_nonnull(strstr(messages, "services_line = no"));
	free(messages);
	applied_expect("xinetd");
	applied_expect("haproxy.cfg");
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/journal"));
	messages = messages_of(remove_all, APPLY_DONE);
	if (_i)
		ck_assert_ptr_nonnull(strstr(messages, "is not changed"));
	free(messages);
	ck_assert(!scratch_has("root/etc/xinetd.d/cmonhachk"));
	ck_assert(!scratch_has("root/etc/.services.cmonha-new"));
}
END_TEST

/* Its line can be added, and then not be removed. */
START_TEST(services_line_cannot_be_removed)
{
	char *messages;

	applied_apply(XINETD, "cc1");
	if (!make_immutable("root/etc/services"))
		return;
	messages = messages_of(remove_all, APPLY_DONE);
	ck_assert_ptr_nonnull(strstr(messages, "/etc/services is not changed"));
	free(messages);
	ck_assert(!scratch_has("root/etc/xinetd.d/cmonhachk"));
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/journal"));
}
END_TEST

/* One of the files stays; all others go, and the administrator's come back. */
START_TEST(file_cannot_be_removed)
{
	char *messages;

	applied_put_recipe();
	applied_apply(XINETD, "cc1");
	if (!make_immutable("root/etc/cmonha-ui/keepalived.conf"))
		return;
	messages = messages_of(remove_all, APPLY_INCOMPLETE);
	ck_assert_ptr_nonnull(strstr(messages, "keepalived.conf remains"));
	free(messages);
	ck_assert(scratch_has("root/etc/cmonha-ui/keepalived.conf"));
	ck_assert(!scratch_has("root/etc/cmonha-ui/haproxy.cfg"));
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/cluster.conf"));
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/journal"));
	scratch_expect("root/etc/xinetd.d/cmonhachk", RECIPE);
	scratch_expect("root/etc/services", SERVICES_BEFORE);
}
END_TEST

/* A change of a file that cannot be replaced: what was replaced before it is undone. */
START_TEST(file_cannot_be_replaced)
{
	char *before, *messages;

	applied_apply(XINETD, "cc1");
	before = scratch_describe("root");
	applied_plan(WITH("[ui]\nforward = 82:80\n[check]\nserver = xinetd\nport = "
			  "9202\n"),
	    "cc1");
	if (!make_immutable("root/etc/xinetd.d/cmonhachk"))
		return;
	messages = messages_of(apply_planned, APPLY_FAILED);
	free(messages);
	scratch_expect_tree("root", before);
}
END_TEST

/*
 * The programs that read the files test the staged ones, here of a plan of two files.
 * One refuses its file.
 */
START_TEST(validators)
{
	char *seen = copy_string(scratch_path("seen"));
	const char *const copies[] = {"cp", "{}", seen, NULL};
	const char *const prefixed[] = {
	    "sh", "-c", "test -f \"${1#--file=}\" && exit 3", "sh", "--file={}", NULL};
	struct plan own = {.file_count = 2};

	own.files[0] = (struct plan_file){.name = "first",
	    .target = "/etc/first",
	    .wanted = true,
	    .mode = 0644,
	    .service = SERVICES,
	    .validator = copies};
	own.files[1] = own.files[0];
	own.files[1].name = "second";
	own.files[1].target = "/etc/second";
	own.files[1].validator = prefixed;
	text_addf(&own.files[0].content, "new first");
	text_addf(&own.files[1].content, "new second");
	rooted_machine.validate = true;
	/* Links too: it is what they point to that would be replaced. */
	scratch_put("root/elsewhere/real", "old first", 0644);
	ck_assert_int_eq(
	    symlink("../elsewhere/real", scratch_path("root/etc/first")), 0);
	ck_assert_int_eq(apply_plan(&rooted_machine, &own), -1);
	scratch_expect("seen", "new first");
	scratch_expect("root/elsewhere/real", "old first");
	scratch_expect("root/etc/second", NULL);
	ck_assert(!scratch_has("root/elsewhere/.real.cmonha-new"));
	ck_assert(!scratch_has("root/etc/.second.cmonha-new"));
	/* An image is not validated. */
	rooted_machine.validate = false;
	ck_assert_int_eq(apply_plan(&rooted_machine, &own), 0);
	scratch_expect("root/etc/second", "new second");
	text_free(&own.files[0].content);
	text_free(&own.files[1].content);
	free(seen);
}
END_TEST

START_TEST(validator_is_missing)
{
	const char *const missing[] = {"cmonha-no-such-program", "{}", NULL};
	struct plan own = {.file_count = 1};

	own.files[0] = (struct plan_file){.name = "file",
	    .target = "/etc/file",
	    .wanted = true,
	    .mode = 0644,
	    .service = SERVICES,
	    .validator = missing};
	text_addf(&own.files[0].content, "new");
	rooted_machine.validate = true;
	ck_assert_int_eq(apply_plan(&rooted_machine, &own), -1);
	scratch_expect("root/etc/file", NULL);
	text_free(&own.files[0].content);
}
END_TEST

/* Each plan that can be applied when all is removed. */
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
		applied_put_recipe();
	before = scratch_describe("root");
	applied_apply(removals[_i].content, removals[_i].node);
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	applied_expect_as_before(before);
}
END_TEST

START_TEST(removes_nothing_twice)
{
	char *before = scratch_describe("root");

	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	applied_apply(XINETD, "cc1");
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	applied_expect_as_before(before);
}
END_TEST

/* With units to enable each round is slower; only the last steps differ. */
#define LATE_STEP 14

/*
 * The first apply, or (applied) the removal after it, is killed before that step; then
 * `remove`: as before. Whether it got so far.
 */
static bool
killed_leaves_nothing(int steps, bool applied)
{
	char *before;
	bool killed;

	applied_put_machine();
	applied_put_recipe();
	before = scratch_describe("root");
	if (applied)
		ck_assert_int_eq(apply_planned(), 0);
	killed = killed_run(
	    applied ? (int (*)(void))remove_all : (int (*)(void))apply_planned, steps);
	ck_assert_int_ge(recovery_run(&rooted_machine), 0);
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	applied_expect_as_before(before);
	return killed;
}

/* Killed at each step of the first apply; then `remove`: as before. */
START_TEST(killed_then_removed)
{
	int steps = _i ? LATE_STEP : 0;

	applied_put_recipe();
	applied_plan(_i ? SYSTEMD : XINETD, "cc1");
	while (killed_leaves_nothing(steps, false))
		steps++;
	ck_assert_int_gt(steps, 15);
}
END_TEST

/* Killed at each step of a change; then the new or the old plan is applied. */
START_TEST(killed_then_applied)
{
	char *wanted[2], *found;
	struct planned *first, *second;
	int steps;

	applied_apply(XINETD, "cc1");
	first = planned;
	planned = NULL;
	wanted[1] = scratch_describe("root");
	applied_apply(
	    WITH("[ui]\nforward = 82:80\n[check]\nserver = systemd\nport = 9202\n"),
	    "cc1");
	second = planned;
	wanted[0] = scratch_describe("root");
	for (steps = 0;; steps++) {
		bool killed, back = steps % 2;

		applied_put_machine();
		ck_assert_int_eq(apply_plan(&rooted_machine, &first->plan), 0);
		killed = killed_run(apply_planned, steps);
		ck_assert_int_ge(recovery_run(&rooted_machine), 0);
		ck_assert_int_eq(
		    apply_plan(&rooted_machine, &(back ? first : second)->plan), 0);
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

	applied_plan(_i ? SYSTEMD : XINETD, "cc1");
	while (killed_leaves_nothing(steps, true))
		steps++;
	ck_assert_int_gt(steps, 15);
}
END_TEST

#define SOCKET      "cmonha-ui-check.socket"
#define CHECK       "cmonha-ui-check.service"
#define HAPROXY     "cmonha-ui-haproxy.service"
#define KEEPALIVED  "cmonha-ui-keepalived.service"
#define WATCH       "cmonha-ui-watch.service"
#define START(unit) "reset-failed " unit "\nenable " unit "\nstart " unit "\n"
#define STOP(unit)  "stop " unit "\nreset-failed " unit "\ndisable " unit "\n"

static void
serve_plan(const char *check_keys, const char *node_keys)
{
	serving_plan(check_keys, node_keys);
	serving_answers_plan();
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
}

START_TEST(starts_services)
{
	serve_plan("", "");
	stand_in_expect_calls(
	    "reset-failed xinetd.service\nstart xinetd.service\n" START(HAPROXY)
		START(KEEPALIVED) START(WATCH));
	/* Nothing changed: nothing is written or reloaded. */
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	stand_in_expect_calls("");
	/* Nor is a service left stopped. */
	ck_assert_int_eq(unlink(scratch_path("systemd/active/" HAPROXY)), 0);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	stand_in_expect_calls(START(HAPROXY));
}
END_TEST

/* Made explicit in the cluster file; the node's xinetd does not start at boot. */
static void
put_disabled_xinetd(void)
{
	ck_assert_int_eq(unlink(scratch_path("root/etc/rc3.d/S01xinetd")), 0);
	scratch_put("systemd/on/enable.xinetd.service",
	    ": >../root/etc/rc3.d/S01xinetd\n", 0644);
	scratch_put("systemd/on/disable.xinetd.service",
	    "rm ../root/etc/rc3.d/S01xinetd\n", 0644);
}

START_TEST(enables_xinetd)
{
	char *before;

	put_disabled_xinetd();
	before = scratch_describe("root/etc");
	serve_plan("server = xinetd\n", "");
	stand_in_expect_calls(
	    "enable xinetd.service\nreset-failed xinetd.service\n"
	    "start xinetd.service\n" START(HAPROXY) START(KEEPALIVED) START(WATCH));
	ck_assert(scratch_has("root/etc/rc3.d/S01xinetd"));
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	stand_in_expect_calls("");
	/* It is not needed any more. */
	serve_plan("server = systemd\n", "");
	ck_assert(!scratch_has("root/etc/rc3.d/S01xinetd"));
	serve_plan("server = xinetd\n", "");
	ck_assert(scratch_has("root/etc/rc3.d/S01xinetd"));
	ck_assert_int_eq(apply_remove(&rooted_machine), APPLY_DONE);
	scratch_expect_tree("root/etc", before);
	ck_assert(!scratch_has("root" XINETD_ENABLED_FILE));
}
END_TEST

/* A first apply that fails leaves xinetd disabled. */
START_TEST(rolls_back_xinetd)
{
	char *before;

	put_disabled_xinetd();
	before = scratch_describe("root/etc/rc3.d");
	serving_plan("server = xinetd\n", "");
	stand_in_fail("start", HAPROXY);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), APPLY_FAILED);
	scratch_expect_tree("root/etc/rc3.d", before);
	ck_assert(!scratch_has("root" XINETD_ENABLED_FILE));
}
END_TEST

START_TEST(reloads_what_changed)
{
	serve_plan("", "");
	stand_in_expect_calls(
	    "reset-failed xinetd.service\nstart xinetd.service\n" START(HAPROXY)
		START(KEEPALIVED) START(WATCH));
	/* keepalived.conf alone. */
	scratch_put("root/etc/cmonha-ui/keepalived.conf", "changed", 0640);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	stand_in_expect_calls("reload " KEEPALIVED "\n");
	/* xinetd is not needed any more: it closes the port before the socket gets
	 * it. */
	serve_plan("server = systemd\n", "");
	stand_in_expect_calls("daemon-reload\nreload xinetd.service\n" START(
	    SOCKET) "reload " HAPROXY "\nreload " KEEPALIVED "\n");
	stand_in_set_active(CHECK);
	/* And back: the socket and its service stop first. */
	serve_plan("", "");
	stand_in_expect_calls(
	    "daemon-reload\nstop " SOCKET "\nstop " CHECK "\nreset-failed " SOCKET
	    "\ndisable " SOCKET "\nreload xinetd.service\nreload " HAPROXY
	    "\nreload " KEEPALIVED "\n");
	/* A node that is no proxy any more: the watcher and keepalived stop first. */
	serve_plan("", "roles = controller\n");
	stand_in_expect_calls(STOP(WATCH) STOP(KEEPALIVED) STOP(HAPROXY));
}
END_TEST

/* D1: units of the check that change under a running cmonhachk. */
START_TEST(check_units_change)
{
	static const char *const files[] = {
	    "root/etc/systemd/system/" SOCKET, "root/etc/systemd/system/" CHECK};
	static const char *const calls[] = {
	    "daemon-reload\nrestart " SOCKET "\n", "daemon-reload\nstop " CHECK "\n"};

	serve_plan("server = systemd\n", "");
	stand_in_set_active(CHECK);
	unlink(scratch_path("systemd/log"));
	scratch_put(files[_i], "# Made by cmonha-ui\n", 0644);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), APPLY_DONE);
	stand_in_expect_calls(calls[_i]);
	ck_assert(stand_in_is_active(SOCKET));
}
END_TEST

/* xinetd leaves cmonhachk running; its cluster file's new time makes it exit. */
START_TEST(xinetd_file_changes)
{
	struct stat before, after;

	serve_plan("", "");
	ck_assert_int_eq(
	    stat(scratch_path("root/var/lib/cmonha-ui/cluster.conf"), &before), 0);
	unlink(scratch_path("systemd/log"));
	scratch_put("root/etc/xinetd.d/cmonhachk", "# Made by cmonha-ui\n", 0644);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), APPLY_DONE);
	stand_in_expect_calls("reload xinetd.service\n");
	ck_assert_int_eq(
	    stat(scratch_path("root/var/lib/cmonha-ui/cluster.conf"), &after), 0);
	ck_assert(before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
		  before.st_mtim.tv_nsec != after.st_mtim.tv_nsec);
}
END_TEST

/* What was verified is final: nothing is left to undo while the VIP is waited for. */
START_TEST(final_when_served)
{
	clock_ms_t deadline = clock_now() + 20000;
	pid_t child;
	int status;

	serving_plan("", "");
	serving_answers_plan();
	/* Nothing answers at the VIP. */
	planned->cluster.forwards.at[0].listen = 1;
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(
		    apply_plan(&rooted_machine, &planned->plan) == APPLY_DONE ? 0 : 1);
	while (!stand_in_is_active(KEEPALIVED) ||
	       scratch_has("root/var/lib/cmonha-ui/journal")) {
		ck_assert_int_gt(clock_left(deadline), 0);
		ck_assert_int_eq(waitpid(child, &status, WNOHANG), 0);
		poll(NULL, 0, 5);
	}
	/* The hang-up comes in these five seconds. */
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(recovery_run(&rooted_machine), RECOVERY_NONE);
	applied_expect("haproxy.cfg");
}
END_TEST

/* A hang-up before that: the apply goes on to its end. */
START_TEST(signals_wait_for_the_end)
{
	char *words = format_string("kill -HUP $(cat '%s')\n", scratch_path("pid"));
	pid_t child;
	int status;

	serving_plan("", "");
	serving_answers_plan();
	scratch_put("systemd/on/start." HAPROXY, words, 0644);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		char *pid = format_string("%d", (int)getpid());

		signal(SIGHUP, SIG_DFL);
		scratch_put("pid", pid, 0644);
		apply_plan(&rooted_machine, &planned->plan);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/journal"));
	for (size_t i = 0; i < planned->plan.file_count; i++)
		applied_expect(planned->plan.files[i].name);
	ck_assert(stand_in_is_active(KEEPALIVED));
	free(words);
}
END_TEST

#define RELOADS "reload xinetd.service\nreload " HAPROXY "\nreload " KEEPALIVED "\n"

/* A reload that fails once, and all calls: forward to there, then of the rollback. */
static const struct {
	const char *unit, *calls;
} failures[] = {
    {"xinetd.service", "reload xinetd.service\n" RELOADS "reload " WATCH "\n"},
    {HAPROXY,
	"reload xinetd.service\nreload " HAPROXY "\n" RELOADS "reload " WATCH "\n"},
    {KEEPALIVED, RELOADS RELOADS "reload " WATCH "\n"},
};

START_TEST(rolls_back)
{
	char *before, *path = copy_string(scratch_path("err"));
	struct text messages = {0};
	struct planned *first;

	serve_plan("", "");
	first = planned;
	planned = NULL;
	before = scratch_describe("root");
	unlink(scratch_path("systemd/log"));
	/* The port is in the files of all three. */
	serving_check_port = listening_tcp(SERVING_NODE, "check");
	serving_plan("", "priority = 77\n");
	serving_answers_plan();
	stand_in_fail_once("reload", failures[_i].unit);
	ck_assert_ptr_nonnull(freopen(path, "w", stderr));
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), APPLY_FAILED);
	fflush(stderr);
	ck_assert_int_eq(file_read(path, FILE_LIMIT, &messages), 0);
	ck_assert_ptr_nonnull(
	    strstr(messages.data, "rolled back to the previous configuration\n"));
	stand_in_expect_calls(failures[_i].calls);
	scratch_expect_tree("root", before);
	/* The old plan needs nothing. */
	planned_free(planned);
	planned = first;
	serving_answers_plan();
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	stand_in_expect_calls("");
	text_free(&messages);
	free(path);
}
END_TEST

/* What cannot be undone is named, and nothing else is claimed. */
START_TEST(rollback_is_incomplete)
{
	char *before, *messages, *expected;

	serve_plan("", "");
	before = scratch_describe("root");
	serving_check_port = listening_tcp(SERVING_NODE, "check");
	serving_plan("", "priority = 77\n");
	serving_answers_plan();
	stand_in_fail("reload", failures[_i].unit);
	expected = format_string("%s still uses the new files", failures[_i].unit);
	messages = messages_of(apply_planned, APPLY_INCOMPLETE);
	ck_assert_ptr_null(strstr(messages, "rolled back to the previous"));
	ck_assert_ptr_nonnull(strstr(messages, expected));
	scratch_expect_tree("root", before);
	free(messages);
	free(expected);
}
END_TEST

/* The first apply: there is nothing to reload, so what was started is stopped. */
START_TEST(rolls_back_to_nothing)
{
	char *before = scratch_describe("root");

	serving_plan("server = systemd\n", "");
	serving_answers_plan();
	stand_in_fail("start", KEEPALIVED);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), -1);
	stand_in_expect_calls("daemon-reload\n" START(SOCKET) START(HAPROXY)
		START(KEEPALIVED) "daemon-reload\n" STOP(WATCH) STOP(KEEPALIVED)
		    STOP(HAPROXY) "stop " SOCKET "\nstop " CHECK
				  "\nreset-failed " SOCKET "\ndisable " SOCKET "\n");
	applied_expect_as_before(before);
}
END_TEST

/* A service that systemctl could reload, but that still has the old configuration.
 */
START_TEST(rolls_back_what_does_not_serve)
{
	char *before;

	serve_plan("", "");
	before = scratch_describe("root");
	serving_plan("", "priority = 77\n");
	/* The check and HAProxy still answer as of the first plan. */
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), -1);
	scratch_expect_tree("root", before);
}
END_TEST

START_TEST(removes_services)
{
	char *before = scratch_describe("root");

	serve_plan("server = systemd\n", "");
	stand_in_set_active("xinetd.service");
	stand_in_set_active(CHECK);
	unlink(scratch_path("systemd/log"));
	ck_assert_int_eq(apply_remove(&rooted_machine), 0);
	/* keepalived before HAProxy; xinetd, which serves others, when its file is
	 * gone.
	 */
	stand_in_expect_calls(STOP(WATCH) STOP(KEEPALIVED) STOP(
	    HAPROXY) "stop " SOCKET "\nstop " CHECK "\nreset-failed " SOCKET
		     "\ndisable " SOCKET
		     "\nstop cmonha-ui.target\ndaemon-reload\nreload xinetd.service\n");
	applied_expect_as_before(before);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("apply");
	TCase *cases = tcase_create("apply");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, applied_put_machine, planned_end);
	tcase_add_test(cases, applies);
	tcase_add_test(cases, second_time_changes_nothing);
	tcase_add_test(cases, server_moves);
	tcase_add_test(cases, role_changes);
	tcase_add_test(cases, password_is_kept);
	tcase_add_test(cases, passwords_survive_without_the_page);
	tcase_add_loop_test(
	    cases, all_or_nothing, 0, sizeof(obstacles) / sizeof(obstacles[0]));
	tcase_add_loop_test(cases, services_file_cannot_be_replaced, 0, 2);
	tcase_add_test(cases, services_line_cannot_be_removed);
	tcase_add_test(cases, file_cannot_be_removed);
	tcase_add_test(cases, file_cannot_be_replaced);
	tcase_add_test(cases, validators);
	tcase_add_test(cases, validator_is_missing);
	tcase_add_loop_test(
	    cases, removes_all, 0, sizeof(removals) / sizeof(removals[0]));
	tcase_add_test(cases, removes_nothing_twice);
	tcase_add_loop_test(cases, killed_then_removed, 0, 2);
	tcase_add_test(cases, killed_then_applied);
	tcase_add_loop_test(cases, removal_killed, 0, 2);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	cases = tcase_create("services");
	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, serving_begin_applied, serving_end);
	tcase_add_test(cases, starts_services);
	tcase_add_test(cases, enables_xinetd);
	tcase_add_test(cases, rolls_back_xinetd);
	tcase_add_test(cases, reloads_what_changed);
	tcase_add_loop_test(
	    cases, rolls_back, 0, sizeof(failures) / sizeof(failures[0]));
	tcase_add_loop_test(
	    cases, rollback_is_incomplete, 0, sizeof(failures) / sizeof(failures[0]));
	tcase_add_loop_test(cases, check_units_change, 0, 2);
	tcase_add_test(cases, xinetd_file_changes);
	tcase_add_test(cases, final_when_served);
	tcase_add_test(cases, signals_wait_for_the_end);
	tcase_add_test(cases, rolls_back_to_nothing);
	tcase_add_test(cases, rolls_back_what_does_not_serve);
	tcase_add_test(cases, removes_services);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
