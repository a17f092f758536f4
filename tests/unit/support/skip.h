/*
 * Tests that cannot run on this host: tests/run-unit counts them as skipped.
 */
#ifndef CMONHA_UNIT_SKIP_H
#define CMONHA_UNIT_SKIP_H

/* Prints "SKIP: reason"; the test must then return without a failure. */
void skip_test(const char *reason);

#endif
