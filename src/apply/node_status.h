/*
 * The state of this node as one JSON object, collected once for both forms of
 * `cmonha-ui status`: files, services, virtual IPs, role.
 */
#ifndef CMONHA_APPLY_NODE_STATUS_H
#define CMONHA_APPLY_NODE_STATUS_H

#include <jansson.h>

#include "apply/facts.h"

/*
 * A new object; the caller frees it with json_decref(). Its members, as documented in
 * cmonha-ui(8):
 *
 *	node, version    strings
 *	checksum         string: of the cluster file
 *	well             boolean: whether there are no problems
 *	problems         array of strings
 *	warnings         array of strings: what may be intended, see apply/preflight.h
 *	files_differing  array of paths; null if not root, who alone can read them
 *	services         object: unit name -> "active" or "inactive"
 *	vips             array of {address, here, interface (if here)}
 *	urls             array of strings: where users open the UI
 *	check            what cmonhachk reports at /status; absent if it does not answer
 *	haproxy_servers  object: node name -> state; absent if unknown
 *	leader           node name of the server that is up, null if none is; absent if
 *	                 unknown. That there is no leader is no problem of this node
 *
 * `source` is the cluster file's text; `found` has its name, and what was found wrong
 * before, and is freed. Waits up to 1.5
 *s each for cmonhachk and HAProxy, and as long as preflight_check().
 */
json_t *node_status_collect(const struct machine *machine, const struct plan *plan,
    const struct host_facts *facts, const struct text *source, struct problems *found);

#endif
