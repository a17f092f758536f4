/*
 * A fixture: an IPv4 address of this machine that is not a loopback address.
 */
#ifndef CMONHA_UNIT_LOCAL_ADDRESS_H
#define CMONHA_UNIT_LOCAL_ADDRESS_H

#include <stdbool.h>

#include "base/address.h"

/* False, and the test must return, if there is none; then it is counted as skipped. */
bool local_address_find(char text[ADDRESS_TEXT_MAX]);

#endif
