/*
 * Applies a plan to the machine, or leaves the machine as it was.
 */
#ifndef CMONHA_APPLY_APPLY_H
#define CMONHA_APPLY_APPLY_H

#include "apply/machine.h"
#include "plan/plan.h"

enum apply_result {
	APPLY_INCOMPLETE =
	    -2,            /* after a message: neither applied nor all rolled back */
	APPLY_FAILED = -1, /* after a message: all is as it was before */
	APPLY_DONE = 0,
};

/*
 * Stages and validates all files, swaps them, reloads the services that read them and
 * verifies that they serve the plan, 5 s each; rolls back if one does not. What was
 * verified is final; only then /etc/services is changed, and the virtual IPs are waited
 * for, neither of which can fail. Without changes nothing is written and nothing
 * reloaded.
 */
enum apply_result apply_plan(const struct machine *machine, const struct plan *plan);

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
 * and the administrator's templates. Files that were saved are restored. What cannot be
 * removed is left after a message, and all else is removed. APPLY_INCOMPLETE if a
 * service or a file is left, which the line in /etc/services is not.
 */
enum apply_result apply_remove(const struct machine *machine);

#endif
