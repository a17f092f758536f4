/*
 * The status of the cluster on the terminal, drawn again each second until the user
 * ends it. Glue between survey.h, frame.h and screen.h.
 */
#ifndef CMONHA_UI_CLUSTER_WATCH_H
#define CMONHA_UI_CLUSTER_WATCH_H

#include "cluster/cluster.h"

/* The terminal must be usable, see screen_unusable(). Returns the exit status, 0. */
int cluster_watch(const struct cluster *cluster);

#endif
