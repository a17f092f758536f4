/*
 * Whether the services really serve what was planned: asked, not assumed. A reload that
 * systemctl calls a success may have changed nothing (PACKAGING.md, section 2).
 */
#ifndef CMONHA_APPLY_VERIFY_H
#define CMONHA_APPLY_VERIFY_H

#include <jansson.h>

#include "plan/plan.h"

/*
 * Asks until the service serves the plan, at most some seconds. 0, or -1 after a
 * message that says what it did instead.
 */
int verify_service(const struct plan *plan, enum service service);

/*
 * Waits, at most some seconds, until the virtual IPs answer, and says so if they do
 * not: no reason to undo anything, since the other nodes may not be ready yet.
 */
void verify_vips(const struct plan *plan);

/*
 * Waits until cmonhachk no longer answers. Under xinetd it would stay where it is:
 * being asked makes it see that its cluster file is gone, and end.
 */
void verify_check_gone(const struct address *address, int port);

/*
 * Waits, at most some seconds, until nobody listens on the port: xinetd lets go of it
 * some time after its reload, and the cmonhachk that it started when it is asked next.
 */
void verify_port_free(int port);

/*
 * What cmonhachk says at /status of this node: a JSON object, or NULL and the reason
 * (static words or errno's) if it does not answer by then. The caller gives it back.
 */
json_t *verify_ask_check(
    const struct address *address, int port, int milliseconds, const char **reason);

#endif
