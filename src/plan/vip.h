/*
 * The virtual IPs on the interface of this host: the prefix length of one that was
 * given without it, and whether they are in a subnet of that interface.
 */
#ifndef CMONHA_PLAN_VIP_H
#define CMONHA_PLAN_VIP_H

#include "plan/plan.h"

/*
 * The VIP with a prefix length: its own, or that of the interface's network that has it
 * (the longest, if several have it), or else that of a single address.
 */
struct prefix vip_complete(const struct prefix *vip, const struct host_facts *facts);

/*
 * Adds to `problems`, at `place`, each VIP that no host can have in the interface's own
 * network, or that is in the network of another interface (errors); and each that has
 * another length than its network, or that neither an address nor a route of this node
 * has on the interface (warnings).
 */
void vip_check_subnets(const struct cluster *cluster, const struct host_facts *facts,
    struct place place, struct problems *problems);

/* "https://[", an address, "]:", a port and "/". */
#define VIP_URL_MAX (ADDRESS_TEXT_MAX + 24)

/* Where browsers open the forward: https unless HAProxy forwards plain HTTP. */
const char *vip_url(const struct address *vip, const struct forward *forward,
    char buffer[static VIP_URL_MAX]);

#endif
