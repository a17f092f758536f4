/*
 * What is true on this node now, as one JSON object: files, services, VIP, role. It is
 * found out once and shown in two ways by `cmonha-ui status`.
 */
#ifndef CMONHA_APPLY_NODE_STATUS_H
#define CMONHA_APPLY_NODE_STATUS_H

#include <jansson.h>

#include "apply/machine.h"

/*
 * A new object, which the caller gives back. "well" in it is true when the node is as
 * the plan wants it and everything serves; "problems" lists in words what is not so.
 */
json_t *status_collect(const struct machine *machine, const struct plan *plan,
    const struct local_addresses *addresses);

#endif
