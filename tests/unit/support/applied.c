#include "applied.h"

void
applied_put_machine(void)
{
	scratch_empty();
	scratch_put("root/etc/services", SERVICES_BEFORE, 0644);
	scratch_put("root/etc/haproxy/haproxy.cfg", "global\n\tdaemon\n", 0640);
	scratch_put("root/etc/keepalived/keepalived.conf", "! mine\n", 0600);
	scratch_put("root/etc/xinetd.conf", "includedir /etc/xinetd.d\n", 0644);
	scratch_put("root/etc/xinetd.d/chargen", "service chargen\n{\n}\n", 0444);
	scratch_put("root/etc/systemd/system/mine.service", "[Unit]\n", 0644);
	scratch_put("root/etc/cmonha-ui/cluster.conf", "whatever", 0604);
	scratch_put("root/etc/cmonha-ui/templates/README", "mine", 0644);
	ck_assert_int_eq(
	    file_make_directories(scratch_path("root/var/lib/cmonha-ui")), 0);
	ck_assert_int_eq(chmod(scratch_path("root/etc/xinetd.d"), 0750), 0);
}

void
applied_put_recipe(void)
{
	scratch_put("root/etc/xinetd.d/cmonhachk", RECIPE, 0640);
	if (geteuid() == 0)
		ck_assert_int_eq(
		    chown(scratch_path("root/etc/xinetd.d/cmonhachk"), 12, 34), 0);
}

void
applied_plan(const char *content, const char *node)
{
	if (planned)
		planned_free(planned);
	planned = planned_make(content, node);
}

void
applied_apply(const char *content, const char *node)
{
	applied_plan(content, node);
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
}

void
applied_expect(const char *name)
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

void
applied_expect_as_before(char *before)
{
	unlink(scratch_path("root/var/lib/cmonha-ui/lock"));
	rmdir(scratch_path("root/var/lib/cmonha-ui/before"));
	scratch_expect_tree("root", before);
}
