/*
 * Whole messages over a connected, non-blocking socket, by a deadline.
 */
#ifndef CMONHA_BASE_STREAM_H
#define CMONHA_BASE_STREAM_H

#include "base/clock.h"
#include "base/text.h"

/* Writes all of it. 0, or -1 with errno (ETIMEDOUT at the deadline). */
int stream_write(int fd, const struct text *message, clock_ms_t deadline);

/* Appends all that comes until the other side closes. EMSGSIZE: over the limit. */
int stream_read(int fd, size_t limit, clock_ms_t deadline, struct text *message);

#endif
