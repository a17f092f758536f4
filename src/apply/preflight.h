/*
 * Whether a valid cluster file fits this host: what no rule about its keys can check.
 * Used by `check --live`, before anything is changed by `apply`, and by `status`, since
 * hosts change.
 */
#ifndef CMONHA_APPLY_PREFLIGHT_H
#define CMONHA_APPLY_PREFLIGHT_H

#include "apply/facts.h"

/*
 * On a proxy the interface must exist, the virtual IPs must fit its network and be used
 * by no other machine than a peer (up to 0.6 s; only root can find out). Ports must be
 * free, or be those of the applied configuration and used by its programs. The UI of a
 * controller must speak what the forward says and not redirect browsers away from it
 * (up to 4 s for each forward); the controller must have the key of its pin (1 s).
 * xinetd's own file must let it serve the check, and no unit may be masked. Errors, and
 * warnings where it may be intended, are added to `problems` with the line of their
 * key, found in `source`, the cluster file's text. 0, or -1 for errors.
 */
int preflight_check(const struct machine *machine, const struct plan *plan,
    const struct host_facts *facts, const struct text *source,
    struct problems *problems);

#endif
