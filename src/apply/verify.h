/*
 * Whether the services serve what was planned. They are queried, because a reload that
 * systemctl reports as successful may have left an old process serving.
 */
#ifndef CMONHA_APPLY_VERIFY_H
#define CMONHA_APPLY_VERIFY_H

#include <jansson.h>

#include "apply/machine.h"
#include "plan/plan.h"

/*
 * Queries the service until it serves the plan, at most for `milliseconds`. 0, or -1
 * after a message with the reason.
 */
int verify_service(const struct machine *machine, const struct plan *plan,
    enum service service, int milliseconds);

/*
 * Waits, at most for `milliseconds`, until every virtual IP accepts a connection, and
 * reports if one does not: no reason to roll back, since the other nodes may not have
 * been applied yet.
 */
void verify_vips(const struct plan *plan, int milliseconds);

/*
 * Waits, at most for `milliseconds`, until cmonhachk no longer answers. xinetd leaves
 * it running; a request makes it notice that its cluster file is gone, and exit.
 */
void verify_check_stopped(const struct address *address, int port, int milliseconds);

/*
 * Waits, at most for `milliseconds`, until nothing listens on the port: xinetd closes
 * it some time after its reload, and the cmonhachk that it started after the next
 * request. Port 0: returns at once.
 */
void verify_port_free(int port, int milliseconds);

/*
 * What cmonhachk reports at /status: a JSON object, which the caller frees with
 * json_decref(); or NULL, and `reason` (a static string, or strerror's) if it does not
 * answer within `milliseconds`.
 */
json_t *verify_query_check(
    const struct address *address, int port, int milliseconds, const char **reason);

#endif
