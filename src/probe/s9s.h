/*
 * The second source of the role: the list of controllers that the s9s client prints.
 * Runs the client and interprets its output; owns nothing between two queries, and
 * never connects to a controller itself.
 */
#ifndef CMONHA_PROBE_S9S_H
#define CMONHA_PROBE_S9S_H

#include "probe/rpc_reply.h"
#include "probe/config.h"

/* The role of this node in the printed JSON. Pure. */
void s9s_parse(
    const struct config *config, const char *bytes, size_t length, struct reply *reply);

/* Runs the client, at most so long. False if it cannot be started. */
bool s9s_query(const struct config *config, int milliseconds, struct reply *reply);

#endif
