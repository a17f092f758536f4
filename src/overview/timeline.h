/*
 * What has changed in the cluster, by the nodes' own reports: changes of role, and of
 * keepalived's state. Pure; keeps nothing itself.
 */
#ifndef CMONHA_OVERVIEW_TIMELINE_H
#define CMONHA_OVERVIEW_TIMELINE_H

#include <jansson.h>
#include <stdint.h>

#include "cluster/cluster.h"

#define TIMELINE_MAX  16
#define TIMELINE_TEXT 128

struct event {
	int64_t at;  /* seconds since the Epoch by the clock of that node */
	int64_t ago; /* milliseconds: these do not depend on its clock */
	char node[NAME_LENGTH + 1];
	char text[TIMELINE_TEXT]; /* printable ASCII, e.g. "leader" */
};

/*
 * The latest events of a judgement (see judgement.h), the newest first; returns how
 * many there are.
 */
size_t timeline_make(const json_t *judged, struct event events[static TIMELINE_MAX]);

#endif
