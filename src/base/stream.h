/*
 * Whole messages over a connected socket, until a deadline.
 */
#ifndef CMONHA_BASE_STREAM_H
#define CMONHA_BASE_STREAM_H

#include "base/clock.h"
#include "base/text.h"

/* Returns when poll(2) reports one of `events`, or an error of the socket: 0; or -1
 * with errno (ETIMEDOUT: the deadline has passed). */
int stream_wait(int fd, short events, clock_ms_t deadline);

/* Sends all of it. 0, or -1 with errno (ETIMEDOUT: the deadline has passed). */
int stream_write(int fd, const struct text *message, clock_ms_t deadline);

/* Appends all bytes until the peer closes. 0, or -1: EMSGSIZE above `limit` bytes. */
int stream_read(int fd, size_t limit, clock_ms_t deadline, struct text *message);

#endif
