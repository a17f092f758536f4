/*
 * When the node's state changed, and the one line in the log for each change.
 */
#ifndef CMONHA_CHECK_HISTORY_H
#define CMONHA_CHECK_HISTORY_H

#include "probe/verdict.h"

struct history {
	bool begun;
	enum role role;
	enum reason reason;
	clock_ms_t since;
};

/* Says so if the verdict differs from the one before in role or reason. */
void history_take(struct history *history, const struct verdict *verdict);

#endif
