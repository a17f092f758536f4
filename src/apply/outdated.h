/*
 * HAProxy and keepalived as they run in the units of this package, against what is
 * installed now: the distribution's packages restart only its own units.
 */
#ifndef CMONHA_APPLY_OUTDATED_H
#define CMONHA_APPLY_OUTDATED_H

#include "apply/machine.h"
#include "plan/plan.h"

/*
 * A sentence that names the program or library that was replaced since the unit
 * started, and the command to run. Allocated, and the caller frees it; NULL if the unit
 * runs what is installed, does not run, or may not be looked at. Only of HAProxy and
 * keepalived.
 */
char *outdated_describe(const struct machine *machine, enum service service);

/*
 * Makes both run what is installed: HAProxy is reloaded; keepalived is restarted unless
 * this node has a virtual IP, which would fail over. What does not run is not started.
 * Returns an exit status: 0 too if keepalived was left alone, after a message; else
 * after a message.
 */
int outdated_replace(const struct machine *machine);

#endif
