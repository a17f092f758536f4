/*
 * Whether the services serve what was planned. They are queried, because a reload that
 * systemctl reports as successful may have left an old process serving.
 */
#ifndef CMONHA_APPLY_VERIFY_H
#define CMONHA_APPLY_VERIFY_H

#include <jansson.h>
#include <sys/types.h>

#include "apply/machine.h"
#include "plan/plan.h"

/*
 * The process that answers for the service, by which a later one can be told from it: a
 * HAProxy that cannot bind a port goes on with its old worker. 0 if there is none, it
 * is not known, or the service's process stays when it reads a change (keepalived).
 * `check_port`: where cmonhachk listens now.
 */
pid_t verify_process(const struct machine *machine, const struct plan *plan,
    enum service service, int check_port);

/*
 * Queries the service until it serves the plan, at most for `milliseconds`, by a
 * process other than `before` (0: by any). A warning says if an administrator's
 * template has removed what proves it. 0, or -1 after a message with the reason.
 */
int verify_service(const struct machine *machine, const struct plan *plan,
    enum service service, pid_t before, int milliseconds);

/*
 * Waits, at most for `milliseconds`, until HAProxy reports the description in its file
 * `target`, if that has one. 0, or -1 without a message.
 */
int verify_haproxy_file(
    const struct machine *machine, const char *target, int milliseconds);

/*
 * Waits, at most for `milliseconds`, until every virtual IP accepts a connection, and
 * reports if one does not: no reason to roll back, since the other nodes may not have
 * been applied yet.
 */
void verify_vips(const struct plan *plan, int milliseconds);

/*
 * Waits, at most for `milliseconds`, until cmonhachk no longer answers. xinetd leaves
 * it running; a request makes it notice that its cluster file is gone, and exit. 0, or
 * -1 after a message if it goes on.
 */
int verify_check_stopped(const struct address *address, int port, int milliseconds);

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
