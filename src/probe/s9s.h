/*
 * The second source: the list of controllers that the s9s client prints.
 */
#ifndef CMONHA_PROBE_S9S_H
#define CMONHA_PROBE_S9S_H

#include "probe/rpc_reply.h"
#include "probe/config.h"

/* What the printed JSON says of this node. Pure. */
void s9s_parse(
    const struct config *config, const char *bytes, size_t length, struct reply *reply);

/* Runs the client, at most so long. False if there is none that could be started. */
bool s9s_query(const struct config *config, int milliseconds, struct reply *reply);

#endif
