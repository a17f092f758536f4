/*
 * Applies a plan to the machine, or leaves the machine as it was.
 */
#ifndef CMONHA_APPLY_APPLY_H
#define CMONHA_APPLY_APPLY_H

#include "apply/machine.h"
#include "plan/plan.h"

/*
 * Stages and validates all files, swaps them, reloads the services that read them and
 * verifies that they serve the plan, 5 s each; rolls back if one does not. Without
 * changes nothing is written and nothing reloaded. 0, or -1 after a message.
 */
int apply_plan(const struct machine *machine, const struct plan *plan);

struct difference {
	const char *target;
	const struct text *before; /* NULL: the file does not exist */
	const struct text *after;  /* NULL: the file is to be removed */
};

/*
 * Passes each file of the machine that differs from the plan to `report`. Returns how
 * many, or -1 with errno after a message (EACCES, EPERM: root is needed).
 */
int apply_differences(const struct machine *machine, const struct plan *plan,
    void (*report)(void *context, const struct difference *difference), void *context);

/*
 * Stops the services and removes all that apply_plan() created, except the cluster file
 * and the administrator's templates. Files that were saved are restored. 0, or -1 after
 * a message.
 */
int apply_remove(const struct machine *machine);

#endif
