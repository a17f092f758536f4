/*
 * Time in milliseconds by CLOCK_MONOTONIC, so that setting the clock changes no
 * deadline; and a time stamp for people.
 */
#ifndef CMONHA_BASE_CLOCK_H
#define CMONHA_BASE_CLOCK_H

#include <stdint.h>

typedef int64_t clock_ms_t;

clock_ms_t clock_now(void);

/* Milliseconds until the deadline, 0 to INT_MAX, as poll(2) expects. */
int clock_left(clock_ms_t deadline);

/* The wall clock as "2026-11-22T20:21:12.538Z", into a buffer of CLOCK_STAMP_MAX. */
#define CLOCK_STAMP_MAX 32
const char *clock_stamp(char *buffer);

#endif
