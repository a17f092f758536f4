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

#include <poll.h>

#include "watch/question.h"

#define LIVENESS_TICK_MS   150
#define LIVENESS_SILENT_MS 350
/* So much of its silence does not count if it waits for a processor. */
#define LIVENESS_STARVED_MS 2000
/* So many can be open at once: a hung HAProxy is not asked without end. */
#define LIVENESS_QUESTIONS 4

enum liveness { LIVENESS_UNKNOWN, LIVENESS_ANSWERS, LIVENESS_SILENT };

struct liveness_watch {
	const char *root;
	enum liveness verdict;
	struct question questions[LIVENESS_QUESTIONS];
	clock_ms_t silent_since; /* the first question without an answer; 0: none */
	clock_ms_t waited;    /* for a processor, when it was first late; -1: unknown */
	clock_ms_t starved;   /* of the silence, since then; see cpu_wait.h */
	clock_ms_t last_call; /* 0: none */
	int answers;          /* in a row */
	struct text report;   /* the last answer to LIVENESS_REPORT */
};

/* `root` is that of HAProxy's PID file and of /proc, and is kept. */
void liveness_init(struct liveness_watch *watch, const char *root);

/*
 * Asks the next question over the socket at `path`; to be called every tick. `full` is
 * set about once a second: the answer is then a report, of the process and its servers.
 */
void liveness_ask(struct liveness_watch *watch, const char *path, bool full);

/*
 * Sets what poll(2) shall wait for until the next tick. A HAProxy that answers does so
 * within a millisecond: its answer is read at the next tick, which saves a wake-up for
 * each. As long as it has not answered, each answer is awaited.
 */
void liveness_await(
    const struct liveness_watch *watch, struct pollfd fds[LIVENESS_QUESTIONS]);

/* When its silence becomes a hang, which is to be judged then; 0: never, as it is now.
 */
clock_ms_t liveness_due(const struct liveness_watch *watch);

/*
 * Reads the answers that have come in, and judges; to be called every tick before
 * liveness_ask(), when an answer is there and at the moment of liveness_due(). If the
 * calls come late, this process was stopped or starved itself, and that time does not
 * count as HAProxy's silence. Returns whether the verdict changed.
 */
bool liveness_judge(struct liveness_watch *watch);

#endif
