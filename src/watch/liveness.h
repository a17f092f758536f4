/*
 * Whether the local HAProxy answers. It is asked every LIVENESS_TICK_MS; it hangs if
 * several questions in a row stay without an answer for LIVENESS_SILENT_MS, and it is
 * well again when it answers twice in a row within that time.
 *
 * That it has exited is not judged here but by its unit, which knows it at once: a
 * question that fails counts as one without an answer, since connections also fail for
 * a moment while a reload replaces the process.
 */
#ifndef CMONHA_WATCH_LIVENESS_H
#define CMONHA_WATCH_LIVENESS_H

#include "watch/question.h"

#define LIVENESS_TICK_MS   100
#define LIVENESS_SILENT_MS 350
/* So many can be open at once: a hung HAProxy is not asked without end. */
#define LIVENESS_QUESTIONS 4

enum liveness { LIVENESS_UNKNOWN, LIVENESS_ANSWERS, LIVENESS_SILENT };

struct liveness_watch {
	enum liveness verdict;
	struct question questions[LIVENESS_QUESTIONS];
	clock_ms_t silent_since; /* the first question without an answer; 0: none */
	clock_ms_t last_tick;    /* 0: none */
	int answers;             /* in a row */
	struct text report;      /* the last answer to LIVENESS_REPORT */
};

void liveness_init(struct liveness_watch *watch);

/*
 * Asks the next question over the socket at `path`; to be called every tick. `full` is
 * set about once a second: the answer is then a report, of the process and its servers.
 * If the calls come late, this process was stopped or starved itself, and that time
 * does not count as HAProxy's silence.
 */
void liveness_ask(struct liveness_watch *watch, const char *path, bool full);

/* Reads the answers that have come in, and judges. Returns whether the verdict changed.
 */
bool liveness_judge(struct liveness_watch *watch);

#endif
