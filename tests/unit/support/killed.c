#include "killed.h"

#include <sys/wait.h>
#include <unistd.h>

#include "apply/transaction.h"
#include "unit.h"

static int steps_left;

static bool
die_at_last_step(void)
{
	if (steps_left-- <= 0)
		_exit(1);
	return false;
}

bool
killed_run(int (*change)(void), int steps)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		steps_left = steps;
		journal_killed_here = die_at_last_step;
		_exit(change() < 0 ? 2 : 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 1;
}
