/*
 * Steps of the wall clock, from which HAProxy derives its timers: seen with 2.6.12,
 * after steps of 30 days, forwards or there and back, the health checks of some or of
 * all servers do not run any more; 70 steps of an hour did no harm. A process that is
 * started after the step has right timers.
 */
#ifndef CMONHA_WATCH_WALL_CLOCK_H
#define CMONHA_WATCH_WALL_CLOCK_H

#include <stdbool.h>

#include "base/clock.h"

#define WALL_CLOCK_STEP_MS   (24 * 3600 * 1000)
#define WALL_CLOCK_SETTLE_MS 2000

/* Zeroed at first. */
struct wall_clock {
	bool is_known;
	int64_t ahead;  /* of CLOCK_MONOTONIC, ms */
	clock_ms_t due; /* when a step is to be acted on; 0: there was none */
};

/*
 * Whether a step of WALL_CLOCK_STEP_MS or more is to be acted on now: once, when no
 * other has followed for WALL_CLOCK_SETTLE_MS. `real` is the wall clock in ms and `now`
 * clock_now(); to be called every tick. Logs each step.
 */
bool wall_clock_judge(struct wall_clock *clock, int64_t real, clock_ms_t now);

#endif
