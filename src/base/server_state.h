/*
 * HAProxy's server-state file, with which a new process starts from what the old one
 * knew. Management guide, "show servers state", version 1 of the format.
 */
#ifndef CMONHA_BASE_SERVER_STATE_H
#define CMONHA_BASE_SERVER_STATE_H

#include <stdbool.h>

#include "base/paths.h"
#include "base/text.h"

/* From it a new HAProxy process starts; written at each start and reload. */
#define SERVER_STATE_FILE RUNTIME_DIRECTORY "/haproxy.state"

/*
 * Appends `all_down`, the file as rendered from the cluster file, with the health of
 * each server in `live`, the output of the running process. Only the health: `live`
 * also holds addresses and ports, which would override a change of the cluster file.
 *
 * The servers of the first backend are checked, those of the same names in the others
 * track them ("track" in haproxy.cfg): all have the health of that backend (by its
 * number), or of the first that knows the server. HAProxy does not change a server that
 * starts in another state than the one that it tracks before that one's next change.
 */
void server_state_merge(
    const struct text *all_down, const struct text *live, struct text *merged);

/*
 * Whether a server that is up in `before` is down or missing in `now`. False if `now`
 * lists no server at all: then nothing is known.
 */
bool server_state_lost(const struct text *before, const struct text *now);

#endif
