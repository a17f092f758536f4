/*
 * The upgrade of the package on a node that may be in maintenance: for which node the
 * files were applied, and a plan that leaves alone what does not run.
 */
#ifndef CMONHA_APPLY_UPGRADE_H
#define CMONHA_APPLY_UPGRADE_H

#include "apply/machine.h"
#include "plan/plan.h"

/*
 * The name of the node that the files of this machine were applied for: from NODE_FILE,
 * or, after version 0.1.0, from the files themselves. NULL if it is unknown. Allocated;
 * the caller frees it.
 */
char *upgrade_applied_node(const struct machine *machine);

/*
 * The services that are not active, as bits of enum service, after the jobs that
 * systemd has begun for them.
 */
unsigned upgrade_inactive(void);

/*
 * Changes the plan so that apply_plan() neither starts, enables, reloads nor verifies a
 * service of machine->left_alone; its files are still written. The check is an
 * exception when it moves between xinetd and systemd: the one follows the other, and is
 * no longer left alone.
 */
void upgrade_limit(struct machine *machine, struct plan *plan);

#endif
