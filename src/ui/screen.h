/*
 * The terminal while a command redraws it: the alternate screen, keys without Enter and
 * without echo. Owns the terminal's settings and gives them back however the program
 * ends, but for SIGKILL; never decides what is drawn (see frame.h).
 */
#ifndef CMONHA_UI_SCREEN_H
#define CMONHA_UI_SCREEN_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/text.h"

/* NULL, or why standard input and output are no terminal that can be redrawn. */
const char *screen_unusable(void);

/*
 * From here on SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP and SIGWINCH are blocked and
 * handled by screen_wait(), for all threads that are started later.
 */
void screen_open(void);
/* Does nothing if it is not open. */
void screen_close(void);

/* Of the terminal now; 80 and 24 if it does not know. */
void screen_size(int *columns, int *rows);

/* Whether colours are wanted: no NO_COLOR in the environment (no-color.org). */
bool screen_has_colours(void);

/* Replaces what is shown. False if the terminal is gone. */
bool screen_draw(const struct text *frame);

enum screen_event {
	SCREEN_TIMEOUT,
	SCREEN_READY,   /* the descriptor can be read */
	SCREEN_RESIZED, /* or shown again: it must be drawn */
	SCREEN_END,     /* q, Ctrl-C or the end of the input */
};

/*
 * Waits for any of these. Ctrl-Z stops the program as in other ones; a signal that ends
 * it does so here, when the terminal is restored.
 */
enum screen_event screen_wait(int descriptor, clock_ms_t deadline);

#endif
