/*
 * Whether a valid cluster file fits this host: what no rule about its keys can check.
 * Used by `check --live` and, before anything is changed, by `apply`.
 */
#ifndef CMONHA_APPLY_PREFLIGHT_H
#define CMONHA_APPLY_PREFLIGHT_H

#include "apply/facts.h"

/*
 * On a proxy the virtual IPs must be in a subnet of the interface; ports must be free,
 * or be those of the applied configuration; and the UI of a controller must not
 * redirect browsers away from a forwarded port (up to 2 s for each plain forward).
 * Errors are added to `problems` with the line of their key, found in `source`, the
 * cluster file's text. 0, or -1 if there were errors.
 */
int preflight_check(const struct machine *machine, const struct plan *plan,
    const struct host_facts *facts, const struct text *source,
    struct problems *problems);

#endif
