/*
 * The virtual IPs on the interface of this host: the prefix length of one that was
 * given without it, and whether they are in a subnet of that interface.
 */
#ifndef CMONHA_PLAN_VIP_H
#define CMONHA_PLAN_VIP_H

#include "plan/plan.h"

/*
 * The VIP with a prefix length: its own, or that of the interface's first subnet of the
 * family (IPv6: other than link-local), or the longest if there is none.
 */
struct prefix vip_complete(const struct prefix *vip, const struct host_facts *facts);

/* Adds each VIP that is in no subnet of the interface to `problems`, at `place`. */
void vip_check_subnets(const struct cluster *cluster, const struct host_facts *facts,
    struct place place, struct problems *problems);

#endif
