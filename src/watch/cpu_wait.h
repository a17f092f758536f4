/*
 * How long HAProxy has waited for a processor: a process that could run and is not let
 * does not hang. proc(5): /proc/PID/task/TID/children and schedstat, of Linux with
 * CONFIG_PROC_CHILDREN and CONFIG_SCHED_INFO.
 */
#ifndef CMONHA_WATCH_CPU_WAIT_H
#define CMONHA_WATCH_CPU_WAIT_H

#include "base/clock.h"

/*
 * Milliseconds that all threads of the master and its workers together have waited for
 * a processor since they were started; -1 if that is not known. A reload's new worker
 * counts from its first moment on.
 */
clock_ms_t cpu_wait(const char *root);

#endif
