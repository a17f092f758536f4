#include "rooted.h"

struct machine rooted_machine;

void
rooted_begin(void)
{
	scratch_empty();
	rooted_machine = (struct machine){.root = copy_string(scratch_path("root"))};
}

void
rooted_end(void)
{
	free((char *)rooted_machine.root);
}

void
rooted_put_xinetd(void)
{
	scratch_put("root/usr/sbin/xinetd", "", 0755);
	scratch_put("root/etc/rc3.d/S01xinetd", "", 0755);
	scratch_put("root/etc/xinetd.conf", "includedir /etc/xinetd.d\n", 0644);
}
