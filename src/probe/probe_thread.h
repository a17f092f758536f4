/*
 * The probe in a thread of its own, so that who answers never waits for who is asked.
 * However many want a verdict while a round runs, they share it.
 */
#ifndef CMONHA_PROBE_PROBE_THREAD_H
#define CMONHA_PROBE_PROBE_THREAD_H

#include <stdbool.h>

#include "probe/probe.h"

struct probe_thread;

/* `ready` is an eventfd of the caller's: it is written when a verdict is there. */
struct probe_thread *probe_thread_start(const struct config *config, int ready);
/* Breaks off a round that runs. */
void probe_thread_stop(struct probe_thread *probe_thread);

/* Begins a round unless one runs, or a verdict is ready that was not taken yet. */
void probe_thread_request(struct probe_thread *probe_thread);

/* Copies the latest verdict. */
void probe_thread_get(struct probe_thread *probe_thread, struct verdict *verdict);

/* How long one round may take: the rest of the deadline is for request and answer. */
int probe_thread_round_ms(const struct config *config);

#endif
