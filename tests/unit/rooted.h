/*
 * A fixture: a machine whose root is in the scratch directory, empty at first.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 */
#ifndef CMONHA_UNIT_ROOTED_H
#define CMONHA_UNIT_ROOTED_H

#include <stdlib.h>

#include "apply/machine.h"
#include "scratch.h"
#include "unit.h"

static struct machine machine;

static inline void
rooted_begin(void)
{
	scratch_empty();
	machine = (struct machine){.root = copy_string(scratch_path("root"))};
}

static inline void
rooted_end(void)
{
	free((char *)machine.root);
}

#endif
