/*
 * What every node of the cluster reports at /status, asked at once. Owns the
 * connections and their limits; judges nothing (see cluster_status.h).
 */
#ifndef CMONHA_UI_CLUSTER_QUERY_H
#define CMONHA_UI_CLUSTER_QUERY_H

#include <jansson.h>

#include "cluster/cluster.h"

#define CLUSTER_QUERY_LIMIT (1024 * 1024) /* bytes of an answer */
#define CLUSTER_QUERY_FAULT 128

/* Of the node of the same index. */
struct cluster_answer {
	json_t *status;                  /* an object; NULL: no usable answer */
	char fault[CLUSTER_QUERY_FAULT]; /* why there is none; printable */
};

/*
 * Queries all nodes, and waits at most `milliseconds` for all together. The caller
 * frees the answers with cluster_query_free().
 */
void cluster_query(const struct cluster *cluster, int milliseconds,
    struct cluster_answer answers[static NODES_MAX]);
void cluster_query_free(struct cluster_answer answers[static NODES_MAX]);

#endif
