/*
 * A process of its own that exits in the middle of a transaction: it leaves on the disk
 * what a process leaves that is killed there.
 */
#ifndef CMONHA_UNIT_KILLED_H
#define CMONHA_UNIT_KILLED_H

#include <stdbool.h>

/*
 * Makes the change (below 0: it failed, which it must not) and exits before step
 * `steps` (0, 1, …) of it. Whether it got so far.
 */
bool killed_run(int (*change)(void), int steps);

#endif
