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
 * Changes the plan so that apply_plan() neither starts, enables, reloads nor verifies a
 * service that is not active now; its files are still written. The check is an
 * exception when it moves between xinetd and systemd: the one follows the other.
 */
void upgrade_limit_to_running(const struct machine *machine, struct plan *plan);

#endif
