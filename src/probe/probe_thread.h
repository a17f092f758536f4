/*
 * The probe in a thread of its own, so that the server never waits for a controller.
 * Owns the thread, the probe and the latest verdict; all who want a verdict while a
 * round runs share its result. Never serves clients.
 */
#ifndef CMONHA_PROBE_PROBE_THREAD_H
#define CMONHA_PROBE_PROBE_THREAD_H

#include "probe/probe.h"

struct probe_thread;

/* `ready` is the caller's eventfd: it is written when there is a new verdict. */
struct probe_thread *probe_thread_start(const struct config *config, int ready);
/* Aborts the running round. */
void probe_thread_stop(struct probe_thread *probe_thread);

/* Begins a round unless one runs, or a verdict is ready that was not read yet. */
void probe_thread_request(struct probe_thread *probe_thread);

/* Copies the latest verdict. */
void probe_thread_get(struct probe_thread *probe_thread, struct verdict *verdict);

#endif
