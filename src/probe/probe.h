/*
 * Finds out what this node is: asks its controller and, if that says leader, looks at
 * the web interface and asks the peers. One round is one verdict. What it remembers
 * from round to round is when each peer last answered, and its connections.
 *
 * Belongs to one thread; probe_wake() and probe_stop() may be called from others.
 */
#ifndef CMONHA_PROBE_PROBE_H
#define CMONHA_PROBE_PROBE_H

#include <stdbool.h>

#include "probe/config.h"
#include "probe/verdict.h"

/*
 * How old an answer may be, from the moment at which it came: so the own controller is
 * never asked twice within that time, however late it was. Silence is counted from the
 * beginning of its round, and by its end is given to those who waited and to nobody
 * else: a controller that stalled once is asked again before its node is given up. The
 * s9s client is a process of its own that costs some 100 ms of a processor: it is asked
 * less often.
 */
#define VERDICT_LIFE_MS 150
#define S9S_LIFE_MS     1000

struct probe;

struct probe *probe_create(const struct config *config);
void probe_free(struct probe *probe);

/* One round, at most until the deadline. False, and no verdict, after probe_stop(). */
bool probe_round(struct probe *probe, clock_ms_t deadline, struct verdict *verdict);

/* Between rounds: takes late replies until probe_wake() is called. */
void probe_idle(struct probe *probe);

void probe_wake(struct probe *probe);
/* Breaks off a round that runs, and all later ones. */
void probe_stop(struct probe *probe);

#endif
