/*
 * What the cluster file cannot say and only this machine can: do its promises hold
 * here?
 */
#ifndef CMONHA_APPLY_PREFLIGHT_H
#define CMONHA_APPLY_PREFLIGHT_H

#include "apply/machine.h"

/*
 * VIPs lie in the interface's subnet, ports are free (or ours), and the UI behind each
 * plain forward does not send browsers away from it. 0, or -1 after messages.
 */
int preflight_check(const struct machine *machine, const struct plan *plan,
    const struct host_facts *site, const struct local_addresses *addresses);

#endif
