/*
 * Whether a machine that is no node of the cluster uses a virtual IP.
 */
#ifndef CMONHA_APPLY_VIP_HOLDER_H
#define CMONHA_APPLY_VIP_HOLDER_H

#include "plan/plan.h"

/*
 * Adds each such VIP to `problems`, at `place`: an error, or a warning if it may be a
 * node that is not on the link of the VIPs' interface. Nodes of the `applied` cluster
 * count, too (NULL: none). Waits up to 0.6 s; without CAP_NET_RAW nothing is found.
 */
void vip_holder_check(const struct cluster *cluster, const struct cluster *applied,
    const struct host_facts *facts, struct place place, struct problems *problems);

#endif
