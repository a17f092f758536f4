/*
 * Finds out the role of this node: queries its controller and, if that says leader,
 * checks the web interface and queries the peers. One round makes one verdict. Owns the
 * connections, and what is remembered of the peers between rounds; never serves
 * clients.
 *
 * Belongs to one thread; probe_wake() and probe_stop() may be called from others.
 */
#ifndef CMONHA_PROBE_PROBE_H
#define CMONHA_PROBE_PROBE_H

#include <stdbool.h>

#include "probe/config.h"
#include "probe/verdict.h"

struct probe;

struct probe *probe_create(const struct config *config);
void probe_free(struct probe *probe);

/* How long one round may take: the rest of the deadline is for request and response. */
int probe_round_ms(const struct config *config);

/* One round, at most until the deadline. False, and no verdict, after probe_stop(). */
bool probe_round(struct probe *probe, clock_ms_t deadline, struct verdict *verdict);

/* Between rounds: handles late replies until probe_wake() is called. */
void probe_idle(struct probe *probe);

void probe_wake(struct probe *probe);
/* Aborts the running round, and all later ones. */
void probe_stop(struct probe *probe);

/*
 * Whether this machine accepts connections to the port. The kernel's table of listeners
 * is read first; a connection is made only if it has none, or cannot be read: one per
 * check would fill the log of a web interface that speaks TLS.
 */
bool probe_port_is_open(const struct address *address, int port, clock_ms_t deadline);

#endif
