/*
 * A network namespace of the test's own, so that it can have interfaces, addresses and
 * neighbours which this host has not. It goes away with the test's process.
 */
#ifndef CMONHA_UNIT_OWN_NETWORK_H
#define CMONHA_UNIT_OWN_NETWORK_H

#include <stdbool.h>

#include "base/log.h"

/* With lo up. False, and the test must return, if not allowed; counted as skipped. */
bool own_network_enter(void);

/*
 * The same, with the interface t0 (10.9.0.1/24, fd00:9::1/64), and at its other end a
 * machine with the MAC address 02:00:00:00:00:0b, which has 10.9.0.2, 10.9.0.200 and
 * fd00:9::2.
 */
bool own_network_enter_with_peer(void);

/* Runs ip(8) with these words; the test fails if it does. */
void own_network_ip(const char *words, ...) PRINTF_LIKE(1, 2);

#endif
