/*
 * A machine whose root is in the scratch directory, empty at first.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 */
#ifndef CMONHA_UNIT_ROOTED_H
#define CMONHA_UNIT_ROOTED_H

#include "apply/machine.h"
#include "scratch.h"
#include "unit.h"

extern struct machine rooted_machine;

void rooted_begin(void);
void rooted_end(void);

/* xinetd is installed there, and an init script starts it at boot. */
void rooted_put_xinetd(void);

#endif
