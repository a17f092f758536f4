/*
 * Private to src/cluster: what must hold between the keys of a cluster file.
 */
#ifndef CMONHA_CLUSTER_RULES_H
#define CMONHA_CLUSTER_RULES_H

#include "cluster/keys.h"

/* Adds what is wrong to `problems`. A key that had an error itself breaks no rule. */
void rules_check(const struct cluster *cluster, const struct key_lines *lines,
    struct problems *problems);

#endif
