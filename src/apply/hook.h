/*
 * What the units and scripts of this package and keepalived call through `cmonha-ui
 * hook NAME`, as documented in cmonha-ui(8): the state that HAProxy and keepalived
 * exchange over a start, a reload and a stop.
 */
#ifndef CMONHA_APPLY_HOOK_H
#define CMONHA_APPLY_HOOK_H

#include "apply/machine.h"

struct hook {
	const char *name;
	/* Returns the exit status, 0 if all went well; else after a message. */
	int (*run)(const struct machine *machine);
};

/* NULL if there is none of that name. */
const struct hook *hook_find(const char *name);

#endif
