#include <sysexits.h>

#include "planned.h"
#include "scratch.h"
#include "ui/context.h"
#include "unit.h"

static struct arguments arguments;
static struct context *context;

static void
begin(void)
{
	arguments = (struct arguments){.root = rooted_machine.root};
	scratch_put(
	    "root/etc/cmonha-ui/cluster.conf", PLANNED_CLUSTER PLANNED_NODES, 0644);
	context = context_create(&arguments);
}

static void
end(void)
{
	context_free(context);
}

static void
create_again(void)
{
	context_free(context);
	context = context_create(&arguments);
}

START_TEST(file)
{
	char *wanted = copy_string(scratch_path("root/etc/cmonha-ui/cluster.conf"));

	ck_assert_str_eq(context->file, wanted);
	arguments.config = "other.conf";
	create_again();
	ck_assert_str_eq(context->file, "other.conf");
	arguments = (struct arguments){0};
	create_again();
	ck_assert_str_eq(context->file, CLUSTER_FILE);
	free(wanted);
}
END_TEST

/* Of the root directory itself as little as without --root. */
START_TEST(root)
{
	uid_t own = geteuid();

	ck_assert_int_eq(context_require_root(context, "apply"), 0);
	arguments.root = NULL;
	create_again();
	if (own == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(context_require_root(context, "apply"), EX_NOPERM);
	arguments.root = "/";
	create_again();
	ck_assert_int_eq(context_require_root(context, "apply"), EX_NOPERM);
	ck_assert_int_eq(seteuid(own), 0);
}
END_TEST

START_TEST(locks)
{
	int lock;

	ck_assert_int_eq(context_lock(context, &lock), 0);
	ck_assert_int_ge(lock, 0);
	machine_unlock(lock);
	/* No state directory is not another instance. */
	ck_assert_int_eq(unlink(scratch_path("root/var/lib/cmonha-ui/lock")), 0);
	ck_assert_int_eq(rmdir(scratch_path("root/var/lib/cmonha-ui")), 0);
	scratch_put("root/var/lib/cmonha-ui", "a file", 0644);
	ck_assert_int_eq(context_lock(context, &lock), EX_CANTCREAT);
	ck_assert_int_eq(lock, -1);
}
END_TEST

START_TEST(finds_self)
{
	ck_assert_int_eq(context_read(context), 0);
	/* As `apply --wait` does when the file has changed. */
	ck_assert_int_eq(context_read(context), 0);
	ck_assert_uint_eq(context->cluster.node_count, 3);
	arguments.node = "cc2";
	create_again();
	ck_assert_int_eq(context_find_self(context), 0);
	ck_assert_str_eq(context->self->name, "cc2");
	arguments.node = "cc9";
	create_again();
	ck_assert_int_eq(context_find_self(context), EX_CONFIG);
	arguments.config = "/nonexistent";
	create_again();
	ck_assert_int_eq(context_read(context), EX_CONFIG);
}
END_TEST

START_TEST(plans)
{
	arguments.node = "cc1";
	arguments.templates = "conf/templates";
	create_again();
	ck_assert_int_eq(context_find_self(context), 0);
	/* Again, for another node: nothing of the first is left. */
	ck_assert_int_eq(context_plan(context, context->self, false), 0);
	ck_assert_int_eq(
	    context_plan(context, cluster_node(&context->cluster, "cc2"), false), 0);
	ck_assert_str_eq(context->plan.self->name, "cc2");
	arguments.templates = "/nonexistent";
	create_again();
	ck_assert_int_eq(context_find_self(context), 0);
	ck_assert_int_eq(context_plan(context, context->self, false), EX_CONFIG);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("context");
	TCase *cases = tcase_create("context");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, file);
	tcase_add_test(cases, root);
	tcase_add_test(cases, locks);
	tcase_add_test(cases, finds_self);
	tcase_add_test(cases, plans);
	suite_add_tcase(suite, cases);
	return suite;
}
