#include "apply/upgrade.h"

#include "apply/apply.h"
#include "serving.h"
#include "unit.h"

#define HAPROXY    "cmonha-ui-haproxy.service"
#define KEEPALIVED "cmonha-ui-keepalived.service"
#define SOCKET     "cmonha-ui-check.socket"

static void
begin(void)
{
	serving_begin();
	rooted_put_xinetd();
}

/* The plan's files are on the machine; no service runs. */
static void
put_applied(const char *check_keys)
{
	serving_plan(check_keys, "");
	serving_answers_plan();
	rooted_machine.services = false;
	rooted_machine.keep_enabled = true;
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	rooted_machine.services = true;
}

/* As a new version, whose files differ. */
static void
upgrade(const char *check_keys)
{
	unlink(scratch_path("systemd/log"));
	serving_plan(check_keys, "priority = 77\n");
	serving_answers_plan();
	for (size_t i = 0; i < planned->plan.file_count; i++)
		if (planned->plan.files[i].wanted)
			text_addf(&planned->plan.files[i].content, "# new\n");
	rooted_machine.left_alone = upgrade_inactive();
	upgrade_limit(&rooted_machine, &planned->plan);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	for (size_t i = 0; i < planned->plan.file_count; i++) {
		const struct plan_file *file = &planned->plan.files[i];
		char *path = format_string("root%s", file->target);

		scratch_expect(path, file->wanted ? file->content.data : NULL);
		free(path);
	}
}

START_TEST(all_run)
{
	put_applied("");
	stand_in_set_active("xinetd.service");
	stand_in_set_active(HAPROXY);
	stand_in_set_active(KEEPALIVED);
	upgrade("");
	stand_in_expect_calls(
	    "reload xinetd.service\nreload " HAPROXY "\nreload " KEEPALIVED "\n");
	ck_assert(!stand_in_is_enabled(HAPROXY));
}
END_TEST

/* Nothing is called for what does not run, not even a verification. */
static const struct {
	const char *active, *calls;
} some[] = {
    {NULL, ""},
    {"xinetd.service", "reload xinetd.service\n"},
    {HAPROXY, "reload " HAPROXY "\n"},
    {KEEPALIVED, "reload " KEEPALIVED "\n"},
};

START_TEST(some_run)
{
	put_applied("");
	if (some[_i].active)
		stand_in_set_active(some[_i].active);
	upgrade("");
	stand_in_expect_calls(some[_i].calls);
	ck_assert(!stand_in_is_enabled(HAPROXY));
	ck_assert(!stand_in_is_enabled(KEEPALIVED));
	ck_assert_int_eq(stand_in_is_active(HAPROXY),
	    some[_i].active && strcmp(some[_i].active, HAPROXY) == 0);
}
END_TEST

/* What did not run before is not started by the rollback either. */
START_TEST(rolls_back)
{
	put_applied("");
	stand_in_set_active(KEEPALIVED);
	unlink(scratch_path("systemd/log"));
	serving_plan("", "priority = 77\n");
	stand_in_fail_once("reload", KEEPALIVED);
	rooted_machine.left_alone = upgrade_inactive();
	upgrade_limit(&rooted_machine, &planned->plan);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), APPLY_FAILED);
	stand_in_expect_calls("reload " KEEPALIVED "\nreload " KEEPALIVED "\n");
	ck_assert(!stand_in_is_active(HAPROXY));
}
END_TEST

/* A stop that has begun is not cancelled: its job is waited for. */
START_TEST(waits_for_stop)
{
	put_applied("");
	stand_in_set_active("xinetd.service");
	stand_in_set_active(HAPROXY);
	stand_in_set_active(KEEPALIVED);
	scratch_put("systemd/on/show." HAPROXY,
	    "if [ -e job ]; then rm -f job active/" HAPROXY "\n"
	    "elif [ -e active/" HAPROXY " ]; then : >job; echo 1234\nelse echo; fi\n",
	    0644);
	upgrade("");
	stand_in_expect_calls("reload xinetd.service\nreload " KEEPALIVED "\n");
	ck_assert(!stand_in_is_active(HAPROXY));
}
END_TEST

/* xinetd was purged meanwhile, say, or its key was made explicit. */
START_TEST(check_moves)
{
	put_applied("server = xinetd\n");
	stand_in_set_active("xinetd.service");
	upgrade("server = systemd\n");
	ck_assert(stand_in_is_active(SOCKET));
	ck_assert(stand_in_is_enabled(SOCKET));
	ck_assert(!stand_in_is_active(HAPROXY));
}
END_TEST

START_TEST(check_moves_back)
{
	put_applied("server = systemd\n");
	stand_in_set_active(SOCKET);
	upgrade("server = xinetd\n");
	ck_assert(!stand_in_is_active(SOCKET));
	ck_assert(stand_in_is_active("xinetd.service"));
}
END_TEST

/* The xinetd of others runs; the check's socket was stopped. */
START_TEST(check_stays_stopped)
{
	put_applied("server = systemd\n");
	ck_assert_int_eq(unlink(scratch_path("systemd/enabled/" SOCKET)), 0);
	stand_in_set_active("xinetd.service");
	upgrade("server = systemd\n");
	ck_assert(!stand_in_is_active(SOCKET));
	ck_assert(!stand_in_is_enabled(SOCKET));
	stand_in_expect_calls("daemon-reload\n");
}
END_TEST

/* Without systemd: enabled or disabled stays as it is. */
START_TEST(keeps_enabled)
{
	scratch_put("root/usr/lib/systemd/system/" HAPROXY, "", 0644);
	serving_plan("", "");
	rooted_machine.services = false;
	rooted_machine.keep_enabled = true;
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	stand_in_expect_calls("");
}
END_TEST

/*
 * Without systemd the check moves to a socket, whose unit did not exist before, and
 * back: the link of a unit that is removed would stay.
 */
START_TEST(check_moves_in_an_image)
{
	rooted_machine.services = false;
	rooted_machine.keep_enabled = true;
	serving_plan("server = xinetd\n", "");
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	stand_in_expect_calls("");
	serving_plan("server = systemd\n", "");
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	ck_assert(stand_in_is_enabled(SOCKET));
	/* An administrator has disabled it. */
	ck_assert_int_eq(unlink(scratch_path("systemd/enabled/" SOCKET)), 0);
	serving_plan("server = systemd\n", "priority = 77\n");
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	ck_assert(!stand_in_is_enabled(SOCKET));
	scratch_put("systemd/enabled/" SOCKET, "", 0644);
	serving_plan("server = xinetd\n", "");
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	ck_assert(!stand_in_is_enabled(SOCKET));
}
END_TEST

static const struct {
	const char *file, *content, *name;
} nodes[] = {
    {"var/lib/cmonha-ui/node", "cc1\n", "cc1"},
    {"var/lib/cmonha-ui/node", "cc-1", "cc-1"},
    {"var/lib/cmonha-ui/node", "", NULL},
    {"var/lib/cmonha-ui/node", "../x\n", NULL},
    {"etc/cmonha-ui/haproxy.cfg", "# Made by cmonha-ui for node cc2: x\n", "cc2"},
    {"etc/cmonha-ui/keepalived.conf", "# Made by cmonha-ui for node c: x", "c"},
    {"etc/cmonha-ui/haproxy.cfg", "# Made by cmonha-ui for node ", NULL},
    {"etc/xinetd.d/cmonhachk", "\tserver_args = --end-with-parent --node cc3\n", "cc3"},
    {"etc/systemd/system/cmonha-ui-check.service", "ExecStart=/x --node n4\n", "n4"},
    {"var/lib/cmonha-ui/cluster.conf", "# use --node x\n", NULL},
    {"etc/cmonha-ui/haproxy.cfg",
	"Made by cmonha-ui for node "
	"a123456789012345678901234567890123456789012345678901234567890123\n",
	NULL},
};

START_TEST(finds_node)
{
	char *path = format_string("root/%s", nodes[_i].file);
	char *name;

	scratch_put(path, nodes[_i].content, 0644);
	name = upgrade_applied_node(&rooted_machine);
	if (nodes[_i].name)
		ck_assert_str_eq(name, nodes[_i].name);
	else
		ck_assert_ptr_null(name);
	free(name);
	free(path);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("upgrade");
	TCase *cases = tcase_create("running");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, begin, serving_end);
	tcase_add_test(cases, all_run);
	tcase_add_loop_test(cases, some_run, 0, sizeof(some) / sizeof(some[0]));
	tcase_add_test(cases, rolls_back);
	tcase_add_test(cases, waits_for_stop);
	tcase_add_test(cases, check_moves);
	tcase_add_test(cases, check_moves_back);
	tcase_add_test(cases, check_stays_stopped);
	tcase_add_test(cases, keeps_enabled);
	tcase_add_test(cases, check_moves_in_an_image);
	suite_add_tcase(suite, cases);
	cases = tcase_create("node");
	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_loop_test(cases, finds_node, 0, sizeof(nodes) / sizeof(nodes[0]));
	suite_add_tcase(suite, cases);
	return suite;
}
