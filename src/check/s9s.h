/*
 * The second source: the list of controllers that the s9s client prints.
 */
#ifndef CMONHA_CHECK_S9S_H
#define CMONHA_CHECK_S9S_H

#include "check/reply.h"
#include "check/setup.h"

/* What the printed JSON says of this node. Pure. */
void s9s_read(const struct check_setup *setup, const char *bytes, size_t length,
    struct reply *reply);

/* Runs the client, at most so long. False if there is none that could be started. */
bool s9s_ask(const struct check_setup *setup, int milliseconds, struct reply *reply);

#endif
