/*
 * The probe in a thread of its own, so that who answers never waits for who is asked.
 * However many want a verdict while a round runs, they share it.
 */
#ifndef CMONHA_CHECK_PROBER_H
#define CMONHA_CHECK_PROBER_H

#include <stdbool.h>

#include "check/probe.h"

struct prober;

/* `ready` is an eventfd of the caller's: it is written when a verdict is there. */
struct prober *prober_start(const struct check_setup *setup, int ready);
/* Breaks off a round that runs. */
void prober_stop(struct prober *prober);

/* Begins a round unless one runs, or a verdict is ready that was not taken yet. */
void prober_want(struct prober *prober);

/* Copies the latest verdict. */
void prober_take(struct prober *prober, struct verdict *verdict);

/* How long one round may take: the rest of the deadline is for request and answer. */
int prober_round_ms(const struct check_setup *setup);

#endif
