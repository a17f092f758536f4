/*
 * The state of this node as one JSON object, collected once for both forms of
 * `cmonha-ui status`: files, services, virtual IPs, role.
 */
#ifndef CMONHA_APPLY_NODE_STATUS_H
#define CMONHA_APPLY_NODE_STATUS_H

#include <jansson.h>

#include "apply/machine.h"
#include "base/network.h"
#include "plan/plan.h"

/*
 * A new object; the caller frees it with json_decref(). Its members, as documented in
 * cmonha-ui(8):
 *
 *	node, version    strings
 *	checksum         string: of the cluster file
 *	well             boolean: whether there are no problems
 *	problems         array of strings
 *	files_differing  array of paths; null if not root, who alone can read them
 *	services         object: unit name -> "active" or "inactive"
 *	vips             array of {address, here, interface (if here)}
 *	check            what cmonhachk reports at /status; absent if it does not answer
 *	haproxy_servers  object: node name -> state; absent if unknown
 *
 * Waits up to 1.5 s each for cmonhachk and HAProxy.
 */
json_t *node_status_collect(const struct machine *machine, const struct plan *plan,
    const struct local_addresses *addresses);

#endif
