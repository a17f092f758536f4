/*
 * A machine on which others have been at work, and what apply makes of it.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 *	tcase_add_checked_fixture(cases, put_machine, planned_end);
 */
#ifndef CMONHA_UNIT_APPLIED_H
#define CMONHA_UNIT_APPLIED_H

#include "apply/apply.h"
#include "planned.h"
#include "scratch.h"
#include "unit.h"

#define WITH(lines) PLANNED_CLUSTER lines PLANNED_NODES
#define XINETD      WITH("[check]\nserver = xinetd\n")
#define SYSTEMD     WITH("[check]\nserver = systemd\n")

#define SERVICES_BEFORE "# /etc/services\nssh\t\t22/tcp\nhttp\t\t80/tcp\t\twww"
#define RECIPE                                                                         \
	"service cmonhachk\n{\n\tport = 9201\n\tserver = /usr/local/sbin/cmonhachk\n}\n"

static inline void
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
static inline void
put_recipe(void)
{
	scratch_put("root/etc/xinetd.d/cmonhachk", RECIPE, 0640);
	if (geteuid() == 0)
		ck_assert_int_eq(
		    chown(scratch_path("root/etc/xinetd.d/cmonhachk"), 12, 34), 0);
}

static inline void
plan(const char *content, const char *node)
{
	if (planned)
		planned_free(planned);
	planned = planned_make(content, node);
}

static inline void
apply(const char *content, const char *node)
{
	plan(content, node);
	ck_assert_int_eq(apply_plan(&machine, &planned->plan), 0);
}

static inline void
expect_file(const char *name)
{
	const struct plan_file *file = planned_file(planned, name);
	char *path = format_string("root%s", file->target);

	if (file->wanted) {
		scratch_expect(path, file->content.data);
		ck_assert_msg(scratch_mode(path) == file->mode, "%s has mode %o", path,
		    scratch_mode(path));
	} else {
		scratch_expect(path, NULL);
	}
	free(path);
}

/* As `before` was described, but for the directories that apply may have made. */
static inline void
expect_as_before(char *before)
{
	unlink(scratch_path("root/var/lib/cmonha-ui/lock"));
	rmdir(scratch_path("root/var/lib/cmonha-ui/before"));
	scratch_expect_tree("root", before);
}

#endif
