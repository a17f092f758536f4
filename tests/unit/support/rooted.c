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
