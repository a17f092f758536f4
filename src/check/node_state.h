/*
 * What is true on this node besides the role of its controller: the virtual IPs that it
 * has, its units, its cluster files, and the watcher's report. Owns a copy that is
 * made again when it is used after a second, so that clients cost no work each; needs
 * no privileges, and starts no process.
 */
#ifndef CMONHA_CHECK_NODE_STATE_H
#define CMONHA_CHECK_NODE_STATE_H

#include <jansson.h>

#include "probe/config.h"

#define NODE_STATE_LIFE_MS 1000

struct node_state {
	const char *root; /* before all paths; "" but in tests */
	clock_ms_t expires;
	/*
	 * Members of /status: watch, vrrp and haproxy of watch_report.h, and
	 *
	 *	vips      [{address, here, interface}]; interface is null if not here
	 *	units     of units.h; without members on a node that is no proxy
	 *	edited    whether the cluster file differs from the applied one; null if
	 *	          one of them cannot be read
	 *	problems  [{kind, text}]
	 */
	json_t *facts;
};

/* Begins without facts; node_state_clear() frees them. */
void node_state_init(struct node_state *state, const char *root);
void node_state_clear(struct node_state *state);

/* The facts, at most NODE_STATE_LIFE_MS old; owned by `state`. */
const json_t *node_state_get(struct node_state *state, const struct config *config);

/* Appends a problem {kind, text}. The kinds are listed in cmonhachk(8). */
void node_state_add_problem(json_t *problems, const char *kind, const char *text);

#endif
