/*
 * Programs of the machine replaced by scripts of the test, in a directory that comes
 * first in PATH. systemctl(1) keeps the state of each unit as a file:
 *
 *	scratch/systemd/log           each call, a line
 *	scratch/systemd/active/UNIT   exists while the unit is active
 *	scratch/systemd/enabled/UNIT  exists while it is enabled
 *	scratch/systemd/masked/UNIT   exists while it is masked
 *	scratch/systemd/fail/VERB.UNIT  put there by the test: the call fails
 *	scratch/systemd/on/VERB.UNIT    put there by the test: a script that it runs
 *	scratch/systemd/before/VERB.UNIT  the same, before the state changes
 */
#ifndef CMONHA_UNIT_STAND_IN_H
#define CMONHA_UNIT_STAND_IN_H

#include <stdbool.h>

/* systemctl; haproxy and keepalived, which accept every file. */
void stand_in_begin(void);

/* A program of that name, with this body of a shell script. */
void stand_in_program(const char *name, const char *body);

void stand_in_set_active(const char *unit);
bool stand_in_is_active(const char *unit);
bool stand_in_is_enabled(const char *unit);
void stand_in_mask(const char *unit);
void stand_in_fail(const char *verb, const char *unit);
void stand_in_fail_once(const char *verb, const char *unit);

/* The calls of systemctl since the last time, without --quiet; is-active and show left
 * out. */
void stand_in_expect_calls(const char *lines);

#endif
