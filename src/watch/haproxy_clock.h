/*
 * HAProxy's own clock, by which its timers run: it follows the wall clock, and corrects
 * a step of that only if it waits for events at that moment (clock.c of HAProxy 2.2 to
 * 3.0). Seen with 2.6.12: a step of 30 days at another moment moves its clock by as
 * much, and from then on the health checks of its servers do not run, for weeks: from
 * 2^31 ms on, what is overdue counts as due later. A new worker's timers are right.
 */
#ifndef CMONHA_WATCH_HAPROXY_CLOCK_H
#define CMONHA_WATCH_HAPROXY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"

/* Half of those 24.8 days. After a shorter jump timers only run too early, once. */
#define HAPROXY_CLOCK_JUMP_S (12 * 86400)

/* Zeroed at first. */
struct haproxy_clock {
	int64_t pid;    /* of the worker that was last seen; 0: none */
	int64_t uptime; /* that it reported then, in seconds */
	clock_ms_t at;  /* when that was */
};

/*
 * Whether the clock of the worker has jumped since the last call: it reports an uptime
 * that is HAPROXY_CLOCK_JUMP_S more than has passed by clock_now(), which is `now`.
 * `info` has the output of "show info"; nothing is known without it.
 */
bool haproxy_clock_jumped(
    struct haproxy_clock *clock, const struct text *info, clock_ms_t now);

#endif
