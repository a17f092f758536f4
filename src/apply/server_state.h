/*
 * HAProxy's server-state file, by which a new process begins with what the one before
 * knew. Management guide, "show servers state", version 1 of the format.
 */
#ifndef CMONHA_APPLY_SERVER_STATE_H
#define CMONHA_APPLY_SERVER_STATE_H

#include <stdbool.h>

#include "base/text.h"

/*
 * Appends `all_down`, the file as rendered from the cluster file, with the health of
 * each server that `live`, the words of the running process, tells of by the same
 * names. Only the health: `live` also holds addresses and ports, and they would come
 * back from there after the cluster file has changed them.
 */
void server_state_merge(
    const struct text *all_down, const struct text *live, struct text *merged);

/*
 * Whether a server that is up in `before` is down or missing in `now`. False where
 * `now` tells of no server at all: then nothing is known.
 */
bool server_state_lost(const struct text *before, const struct text *now);

#endif
