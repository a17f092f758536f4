/*
 * The tables of the cluster's page: its nodes, and their last transitions. Pure; what a
 * node reports is made printable and escaped.
 */
#ifndef CMONHA_OVERVIEW_TABLES_H
#define CMONHA_OVERVIEW_TABLES_H

#include <jansson.h>

#include "base/text.h"
#include "cluster/cluster.h"

/* In both `judged` is as by judgement.h. */
void tables_add_nodes(
    struct text *page, const struct cluster *cluster, const json_t *judged);
/* Appends nothing if there are none. */
void tables_add_transitions(struct text *page, const json_t *judged);

#endif
