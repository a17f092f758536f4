/*
 * Time that only goes forward (CLOCK_MONOTONIC), so that a jump of the wall clock can
 * neither shorten nor stretch a deadline. All in milliseconds.
 */
#ifndef CMONHA_BASE_CLOCK_H
#define CMONHA_BASE_CLOCK_H

#include <stdint.h>

typedef int64_t clock_ms_t;

clock_ms_t clock_now(void);

/* Milliseconds left until the deadline, never negative, fit for poll(2). */
int clock_left(clock_ms_t deadline);

/* The wall clock as "2026-11-22T20:21:12.538Z", into a buffer of CLOCK_STAMP_MAX. */
#define CLOCK_STAMP_MAX 32
const char *clock_stamp(char *buffer);

#endif
