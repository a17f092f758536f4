/*
 * What `status --cluster --watch` shows at one moment: the table, the problems, the
 * latest transitions, cut to the terminal, with what has just changed marked. Owns the
 * lines of the frame before; never touches a terminal (see screen.h).
 */
#ifndef CMONHA_UI_FRAME_H
#define CMONHA_UI_FRAME_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"

#define FRAME_MARK_MS 5000 /* how long a new line is marked */

struct frame_line {
	char *text;
	bool marked; /* it may be: it was not in the first frame */
	clock_ms_t since;
};

/* A zeroed one is empty. */
struct frame {
	struct frame_line *lines; /* of the table and the problems; owned */
	size_t count;
	bool drawn;
};

struct frame_form {
	int columns, rows; /* of the terminal */
	bool colours;
	clock_ms_t now;
	int64_t second; /* now by the wall clock, since the Epoch */
};

/*
 * Appends the control sequences and the text of a whole screen. `judged` as by
 * judgement.h; NULL: nothing is known yet.
 */
void frame_add(struct text *text, struct frame *frame, const json_t *judged,
    const struct frame_form *form);

void frame_free(struct frame *frame);

#endif
