/*
 * What every node of the cluster reports at /status, asked at once. Owns the
 * connections and their limits; judges nothing (see judgement.h).
 */
#ifndef CMONHA_OVERVIEW_QUERY_H
#define CMONHA_OVERVIEW_QUERY_H

#include <jansson.h>

#include "cluster/cluster.h"

#define QUERY_LIMIT     (1024 * 1024) /* bytes of an answer */
#define QUERY_FAULT_MAX 128

/* Of the node of the same index. */
struct answer {
	json_t *status;              /* an object; NULL: no usable answer */
	char fault[QUERY_FAULT_MAX]; /* why there is none; printable */
};

/*
 * Queries all nodes, and waits at most `milliseconds` for all together, or until the
 * descriptor `stop` can be read (-1: none). The caller frees the answers with
 * query_free(). Before libcurl 7.84 no two threads may be in it at the same time,
 * unless curl_global_init(3) was called before.
 */
void query_nodes(const struct cluster *cluster, int milliseconds, int stop,
    struct answer answers[static NODES_MAX]);
void query_free(struct answer answers[static NODES_MAX]);

#endif
