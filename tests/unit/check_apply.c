#include "applied.h"
#include "unit.h"

START_TEST(applies)
{
	apply(XINETD, "cc1");
	for (size_t i = 0; i < planned->plan.file_count; i++)
		expect_file(planned->plan.files[i].name);
	scratch_expect("root/etc/services",
	    SERVICES_BEFORE "\ncmonhachk 9201/tcp\t\t# added by cmonha-ui, with the "
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
	int told = 0;

	apply(XINETD, "cc1");
	first = describe_inodes();
	apply(XINETD, "cc1");
	second = describe_inodes();
	ck_assert_str_eq(second, first);
	ck_assert_int_eq(
	    apply_differences(&machine, &planned->plan, count_difference, &told), 0);
	ck_assert_int_eq(told, 0);
	/* Others add to /etc/services: still nothing to do. */
	scratch_put("root/etc/services",
	    "cmonhachk 9201/tcp\t\t# added by cmonha-ui\nlater 7777/tcp\n", 0644);
	ck_assert_int_eq(
	    apply_differences(&machine, &planned->plan, count_difference, &told), 0);
	free(first);
	free(second);
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
	scratch_expect("root/etc/services",
	    SERVICES_BEFORE "\ncmonhachk 9999/tcp\t\t# added by cmonha-ui, with the "
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

	text_addf(&seen->lines, "%s %s->%s\n",
	    difference->target + strlen(machine.root),
	    difference->before ? text_string(difference->before) : "none",
	    difference->after ? text_equal(difference->after, &seen->file->content)
				    ? "planned"
				    : "other"
			      : "none");
}

/* Edited, lost, mode changed, and one that should not be there: told, then mended. */
START_TEST(mends)
{
	struct seen seen = {{0}, NULL};

	apply(XINETD, "cc1");
	scratch_put(
	    "root/etc/cmonha-ui/keepalived.conf", "# Made by cmonha-ui\nhacked", 0640);
	scratch_put("root/etc/systemd/system/cmonha-ui-check.socket",
	    "# Made by cmonha-ui", 0644);
	seen.file = planned_file(planned, "keepalived.conf");
	ck_assert_int_eq(apply_differences(&machine, &planned->plan, see, &seen), 2);
	ck_assert_str_eq(seen.lines.data,
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
	    apply_differences(&machine, &planned->plan, count_difference, &told), 0);
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
	const char *const prefixed[] = {
	    "sh", "-c", "test -f \"${1#--file=}\" && exit 3", "sh", "--file={}", NULL};
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
	text_addf(&own.files[0].content, "new first");
	text_addf(&own.files[1].content, "new second");
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
	text_addf(&own.files[0].content, "new");
	ck_assert_int_eq(apply_plan(&here, &own), -1);
	scratch_expect("file", NULL);
	text_free(&own.files[0].content);
	free(target);
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
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
