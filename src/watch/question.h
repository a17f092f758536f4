/*
 * A command to HAProxy whose answer is awaited without blocking, on a connection of its
 * own: a kept one would still be answered by the old worker after a reload, and would
 * not notice that no new connection is accepted.
 */
#ifndef CMONHA_WATCH_QUESTION_H
#define CMONHA_WATCH_QUESTION_H

#include "base/clock.h"
#include "base/text.h"

enum question_state {
	QUESTION_NONE,    /* none was asked, or the answer was dealt with */
	QUESTION_PENDING, /* asked, and not answered in full */
	QUESTION_ANSWERED,
	QUESTION_FAILED, /* HAProxy does not listen, or it closed without an answer */
};

/* Zeroed, then question_init(): none. */
struct question {
	enum question_state state;
	int fd; /* -1 unless pending */
	clock_ms_t asked;
	struct text answer; /* if answered; kept until the next question */
};

void question_init(struct question *question);

/* Connects to the socket at `path` and sends the command; sets the state. */
void question_ask(struct question *question, const char *path, const char *command);

/* Reads what has come in; the state changes when HAProxy has closed the connection. */
void question_read(struct question *question);

/* Ends it in whatever state; the state becomes QUESTION_NONE. */
void question_drop(struct question *question);

#endif
