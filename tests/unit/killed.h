/*
 * A process of its own that dies in the middle of a transaction: it leaves on the disk
 * what one leaves that is killed there.
 */
#ifndef CMONHA_UNIT_KILLED_H
#define CMONHA_UNIT_KILLED_H

#include <sys/wait.h>
#include <unistd.h>

#include "apply/transaction.h"
#include "unit.h"

static int killed_steps_left;

static inline bool
killed_at_last_step(void)
{
	if (killed_steps_left-- <= 0)
		_exit(1);
	return false;
}

/*
 * Makes the change (below 0: it failed, which it must not) and dies before step `steps`
 * (0, 1, …) of it. Whether it got so far.
 */
static inline bool
killed_run(int (*change)(void), int steps)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		killed_steps_left = steps;
		transaction_killed_here = killed_at_last_step;
		_exit(change() < 0 ? 2 : 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 1;
}

#endif
