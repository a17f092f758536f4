#include <sys/wait.h>

#include "apply/apply.h"
#include "apply/transaction.h"
#include "planned.h"
#include "scratch.h"
#include "unit.h"

#define WITH(lines) PLANNED_CLUSTER lines PLANNED_NODES
#define XINETD      WITH("[check]\nserver = xinetd\n")
#define SYSTEMD     WITH("[check]\nserver = systemd\n")

#define SERVICES_BEFORE "# /etc/services\nssh\t\t22/tcp\nhttp\t\t80/tcp\t\twww"
#define RECIPE                                                                         \
	"service cmonhachk\n{\n\tport = 9201\n\tserver = /usr/local/sbin/cmonhachk\n}\n"

/* A machine on which others have been at work. */
static void
put_machine(void)
{
	scratch_empty();
	scratch_put("root/etc/services", SERVICES_BEFORE, 0644);
	scratch_put("root/etc/haproxy/haproxy.cfg", "global\n\tdaemon\n", 0640);
	scratch_put("root/etc/keepalived/keepalived.conf", "! mine\n", 0600);
	scratch_put("root/etc/xinetd.conf", "defaults\n{\n}\n", 0644);
	scratch_put("root/etc/xinetd.d/chargen", "service chargen\n{\n}\n", 0444);
	scratch_put("root/etc/systemd/system/mine.service", "[Unit]\n", 0644);
	scratch_put("root/etc/cmonha-ui/cluster.conf", "whatever", 0604);
	scratch_put("root/etc/cmonha-ui/templates/README", "mine", 0644);
	ck_assert_int_eq(
		file_make_directories(scratch_path("root/var/lib/cmonha-ui")), 0);
	ck_assert_int_eq(chmod(scratch_path("root/etc/xinetd.d"), 0750), 0);
}

/* The recipe's own file where ours will go, with a mode and an owner of its own. */
static void
put_recipe(void)
{
	scratch_put("root/etc/xinetd.d/cmonhachk", RECIPE, 0640);
	if (geteuid() == 0)
		ck_assert_int_eq(
			chown(scratch_path("root/etc/xinetd.d/cmonhachk"), 12, 34), 0);
}

static void
plan(const char *content, const char *node)
{
	if (planned)
		planned_free(planned);
	planned = planned_make(content, node);
}

static void
apply(const char *content, const char *node)
{
	plan(content, node);
	ck_assert_int_eq(apply_plan(&machine, &planned->plan), 0);
}

static void
expect_file(const char *name)
{
	const struct plan_file *file = planned_file(planned, name);
	char *path = format_string("root%s", file->target);

	if (file->wanted) {
		scratch_expect(path, file->content.at);
		ck_assert_msg(scratch_mode(path) == file->mode, "%s has mode %o", path,
			scratch_mode(path));
	} else {
		scratch_expect(path, NULL);
	}
	free(path);
}

/* As `before` was described, but for the directories that apply may have made. */
static void
expect_as_before(char *before)
{
	unlink(scratch_path("root/var/lib/cmonha-ui/lock"));
	rmdir(scratch_path("root/var/lib/cmonha-ui/before"));
	scratch_expect_tree("root", before);
}

START_TEST(applies)
{
	apply(XINETD, "cc1");
	for (size_t i = 0; i < planned->plan.file_count; i++)
		expect_file(planned->plan.files[i].name);
	scratch_expect("root/etc/services", SERVICES_BEFORE
		"\ncmonhachk 9201/tcp\t\t# added by cmonha-ui, with the "
		"newline before it\n");
	ck_assert_int_eq(scratch_mode("root/etc/services"), 0644);
	/* What is others' stays theirs. */
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
		char *path = machine_path(&machine, target);
		struct stat status = {0};

		stat(path, &status);
		text_add(&all, "%s %lu %lld.%ld\n", target,
			(unsigned long)status.st_ino, (long long)status.st_ctim.tv_sec,
			status.st_ctim.tv_nsec);
		free(path);
	}
	return all.at;
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
	int told = 0;

	apply(XINETD, "cc1");
	first = describe_inodes();
	apply(XINETD, "cc1");
	second = describe_inodes();
	ck_assert_str_eq(second, first);
	ck_assert_int_eq(
		apply_differences(&machine, &planned->plan, count_difference, &told),
		0);
	ck_assert_int_eq(told, 0);
	/* Others add to /etc/services: still nothing to do. */
	scratch_put("root/etc/services",
		"cmonhachk 9201/tcp\t\t# added by cmonha-ui\nlater 7777/tcp\n", 0644);
	ck_assert_int_eq(
		apply_differences(&machine, &planned->plan, count_difference, &told),
		0);
	free(first);
	free(second);
}
END_TEST

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
	{WITH("[check]\nserver = xinetd\nquorum = no\n") "roles = proxy\n", "cc3",
		true},
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

START_TEST(server_moves)
{
	char *before = scratch_describe("root"), *first;

	apply(XINETD, "cc1");
	first = scratch_describe("root/etc/xinetd.d");
	ck_assert(scratch_has("root/etc/xinetd.d/cmonhachk"));
	ck_assert(!scratch_has("root/etc/systemd/system/cmonha-ui-check.socket"));
	apply(SYSTEMD, "cc1");
	ck_assert(!scratch_has("root/etc/xinetd.d/cmonhachk"));
	expect_file("cmonha-ui-check.socket");
	expect_file("cmonha-ui-check.service");
	apply(XINETD, "cc1");
	scratch_expect_tree("root/etc/xinetd.d", first);
	ck_assert(!scratch_has("root/etc/systemd/system/cmonha-ui-check.socket"));
	ck_assert(!scratch_has("root/etc/systemd/system/cmonha-ui-check.service"));
	ck_assert_int_eq(apply_remove(&machine), 0);
	expect_as_before(before);
}
END_TEST

START_TEST(role_changes)
{
	apply(XINETD, "cc3");
	ck_assert(scratch_has("root/etc/cmonha-ui/haproxy.cfg"));
	ck_assert(scratch_has("root/etc/cmonha-ui/stats.passwords"));
	apply(XINETD "roles = controller\n", "cc3");
	ck_assert(!scratch_has("root/etc/cmonha-ui/haproxy.cfg"));
	ck_assert(!scratch_has("root/etc/cmonha-ui/keepalived.conf"));
	ck_assert(!scratch_has("root/var/lib/cmonha-ui/haproxy.state"));
	ck_assert(!scratch_has("root/etc/cmonha-ui/stats.passwords"));
	ck_assert(scratch_has("root/etc/xinetd.d/cmonhachk"));
}
END_TEST

START_TEST(password_is_kept)
{
	char *password;

	apply(XINETD, "cc1");
	password = copy_string(planned->site.admin_password);
	apply(WITH("[ui]\nforward = 81:443\n[check]\nserver = xinetd\n"), "cc1");
	ck_assert_str_eq(planned->site.admin_password, password);
	ck_assert_int_eq(scratch_mode("root/etc/cmonha-ui/stats.passwords"), 0600);
	ck_assert_int_eq(scratch_mode("root/etc/cmonha-ui/haproxy.cfg"), 0600);
	free(password);
}
END_TEST

/* The port in /etc/services follows, and `no` takes the line away. */
START_TEST(services_line_follows)
{
	apply(WITH("[check]\nserver = xinetd\nport = 9999\n"), "cc1");
	scratch_expect("root/etc/services", SERVICES_BEFORE
		"\ncmonhachk 9999/tcp\t\t# added by cmonha-ui, with the "
		"newline before it\n");
	apply(WITH("[check]\nserver = xinetd\nservices_line = no\n"), "cc1");
	scratch_expect("root/etc/services", SERVICES_BEFORE);
}
END_TEST

START_TEST(no_services_file)
{
	ck_assert_int_eq(unlink(scratch_path("root/etc/services")), 0);
	apply(XINETD, "cc1");
	ck_assert(!scratch_has("root/etc/services"));
	ck_assert_int_eq(apply_remove(&machine), 0);
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

	text_add(&seen->lines, "%s %s->%s\n", difference->target + strlen(machine.root),
		difference->before ? text_string(difference->before) : "none",
		difference->after ? file_same(difference->after, &seen->file->content)
					    ? "planned"
					    : "other"
				  : "none");
}

/* Edited, lost, mode changed, and one that should not be there: told, then mended. */
START_TEST(mends)
{
	struct seen seen = {{0}, NULL};

	apply(XINETD, "cc1");
	scratch_put("root/etc/cmonha-ui/keepalived.conf", "# Made by cmonha-ui\nhacked",
		0640);
	scratch_put("root/etc/systemd/system/cmonha-ui-check.socket",
		"# Made by cmonha-ui", 0644);
	seen.file = planned_file(planned, "keepalived.conf");
	ck_assert_int_eq(apply_differences(&machine, &planned->plan, see, &seen), 2);
	ck_assert_str_eq(seen.lines.at,
		"/etc/cmonha-ui/keepalived.conf # Made by cmonha-ui\nhacked->planned\n"
		"/etc/systemd/system/cmonha-ui-check.socket # Made by "
		"cmonha-ui->none\n");
	/* Looking has changed nothing. */
	scratch_expect(
		"root/etc/cmonha-ui/keepalived.conf", "# Made by cmonha-ui\nhacked");
	ck_assert_int_eq(unlink(scratch_path("root/etc/cmonha-ui/haproxy.cfg")), 0);
	ck_assert_int_eq(chmod(scratch_path("root/etc/xinetd.d/cmonhachk"), 0666), 0);
	ck_assert_int_eq(apply_plan(&machine, &planned->plan), 0);
	for (size_t i = 0; i < planned->plan.file_count; i++)
		expect_file(planned->plan.files[i].name);
	text_free(&seen.lines);
}
END_TEST

/* `status` may look while an apply is at work: what that has staged is not its own. */
START_TEST(looking_touches_nothing)
{
	int told = 0;

	plan(XINETD, "cc1");
	scratch_put("root/etc/cmonha-ui/.haproxy.cfg.cmonha-new", "staged", 0600);
	ck_assert_int_gt(
		apply_differences(&machine, &planned->plan, count_difference, &told),
		0);
	scratch_expect("root/etc/cmonha-ui/.haproxy.cfg.cmonha-new", "staged");
}
END_TEST

/* Something that cannot be replaced: nothing else is, either. */
static const char *const obstacles[] = {
	"root/etc/cmonha-ui/keepalived.conf",
	"root/etc/xinetd.d/cmonhachk",
	"root/etc/services",
	"root/etc/systemd/system/cmonha-ui-check.socket",
	"root/var/lib/cmonha-ui/before/etc%xinetd.d%cmonhachk",
};

START_TEST(all_or_nothing)
{
	char *before;

	if (strstr(obstacles[_i], "before"))
		put_recipe();
	unlink(scratch_path(obstacles[_i]));
	ck_assert_int_eq(file_make_directories(scratch_path(obstacles[_i])), 0);
	before = scratch_describe("root");
	plan(XINETD, "cc1");
	ck_assert_int_eq(apply_plan(&machine, &planned->plan), -1);
	expect_as_before(before);
	before = scratch_describe("root");
	ck_assert_int_eq(apply_remove(&machine), -1);
	expect_as_before(before);
}
END_TEST

/*
 * The programs that read the files are asked about the staged ones. Only on this
 * machine itself, so the plan is of files in the scratch directory, and it is refused.
 */
START_TEST(validators)
{
	struct machine here = {.root = ""};
	char *seen = copy_string(scratch_path("seen"));
	char *first = copy_string(scratch_path("first"));
	char *second = copy_string(scratch_path("second"));
	const char *const copies[] = {"cp", "{}", seen, NULL};
	const char *const prefixed[] = {"sh", "-c",
		"test -f \"${1#--file=}\" && exit 3", "sh", "--file={}", NULL};
	struct plan own = {.file_count = 2};

	own.files[0] = (struct plan_file){.name = "first",
		.target = first,
		.wanted = true,
		.mode = 0644,
		.service = SERVICES,
		.validator = copies};
	own.files[1] = own.files[0];
	own.files[1].name = "second";
	own.files[1].target = second;
	own.files[1].validator = prefixed;
	/* Only the machine itself is validated, not an image, and only root may. */
	if (geteuid() != 0)
		goto out;
	text_add(&own.files[0].content, "new first");
	text_add(&own.files[1].content, "new second");
	/* Links too: it is what they point to that would be replaced. */
	scratch_put("elsewhere/real", "old first", 0644);
	ck_assert_int_eq(symlink("elsewhere/real", first), 0);
	ck_assert_int_eq(apply_plan(&here, &own), -1);
	scratch_expect("seen", "new first");
	scratch_expect("elsewhere/real", "old first");
	scratch_expect("second", NULL);
	ck_assert(!scratch_has("elsewhere/.real.cmonha-new"));
	ck_assert(!scratch_has(".second.cmonha-new"));
out:
	text_free(&own.files[0].content);
	text_free(&own.files[1].content);
	free(seen);
	free(first);
	free(second);
}
END_TEST

START_TEST(validator_is_missing)
{
	struct machine here = {.root = ""};
	char *target = copy_string(scratch_path("file"));
	const char *const missing[] = {"cmonha-no-such-program", "{}", NULL};
	struct plan own = {.file_count = 1};

	own.files[0] = (struct plan_file){.name = "file",
		.target = target,
		.wanted = true,
		.mode = 0644,
		.service = SERVICES,
		.validator = missing};
	text_add(&own.files[0].content, "new");
	ck_assert_int_eq(apply_plan(&here, &own), -1);
	scratch_expect("file", NULL);
	text_free(&own.files[0].content);
	free(target);
}
END_TEST

static int steps_left;

static bool
die_at_last_step(void)
{
	if (steps_left-- <= 0)
		_exit(1);
	return false;
}

/* In a process of its own that dies before that step. Whether it got so far. */
static bool
dies(int steps, bool removes)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		steps_left = steps;
		transaction_killed_here = die_at_last_step;
		_exit((removes ? apply_remove(&machine)
			       : apply_plan(&machine, &planned->plan)) < 0
				? 2
				: 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 1;
}

/* With units to enable each round takes longer; it is the last steps that differ. */
#define LATE_STEP 14

/* Killed at each step of the first apply; then `remove`: as before. */
START_TEST(killed_then_removed)
{
	int steps;

	put_recipe();
	plan(_i ? SYSTEMD : XINETD, "cc1");
	for (steps = _i ? LATE_STEP : 0;; steps++) {
		char *before;
		bool killed;

		put_machine();
		put_recipe();
		before = scratch_describe("root");
		killed = dies(steps, false);
		ck_assert_int_ge(transaction_recover(&machine), 0);
		ck_assert_int_eq(apply_remove(&machine), 0);
		expect_as_before(before);
		if (!killed)
			break;
	}
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
		killed = dies(steps, false);
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

START_TEST(removal_killed)
{
	int steps;

	plan(_i ? SYSTEMD : XINETD, "cc1");
	for (steps = _i ? LATE_STEP : 0;; steps++) {
		char *before;
		bool killed;

		put_machine();
		put_recipe();
		before = scratch_describe("root");
		ck_assert_int_eq(apply_plan(&machine, &planned->plan), 0);
		killed = dies(steps, true);
		ck_assert_int_ge(transaction_recover(&machine), 0);
		ck_assert_int_eq(apply_remove(&machine), 0);
		expect_as_before(before);
		if (!killed)
			break;
	}
	ck_assert_int_gt(steps, 15);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("apply");
	TCase *cases = tcase_create("apply");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, put_machine, planned_end);
	tcase_add_test(cases, applies);
	tcase_add_test(cases, second_time_changes_nothing);
	tcase_add_loop_test(
		cases, removes_all, 0, sizeof(removals) / sizeof(removals[0]));
	tcase_add_test(cases, removes_nothing_twice);
	tcase_add_test(cases, others_file_is_kept);
	tcase_add_test(cases, others_file_comes_back_last);
	tcase_add_test(cases, others_file_beside_systemd);
	tcase_add_test(cases, replaced_by_hand);
	tcase_add_test(cases, server_moves);
	tcase_add_test(cases, role_changes);
	tcase_add_test(cases, password_is_kept);
	tcase_add_test(cases, services_line_follows);
	tcase_add_test(cases, no_services_file);
	tcase_add_test(cases, mends);
	tcase_add_test(cases, looking_touches_nothing);
	tcase_add_loop_test(
		cases, all_or_nothing, 0, sizeof(obstacles) / sizeof(obstacles[0]));
	tcase_add_test(cases, validators);
	tcase_add_test(cases, validator_is_missing);
	tcase_add_loop_test(cases, killed_then_removed, 0, 2);
	tcase_add_test(cases, killed_then_applied);
	tcase_add_loop_test(cases, removal_killed, 0, 2);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
