/*
 * The cluster as its nodes report it: what is wrong across nodes, as data, and its
 * forms for people, programs and monitoring. Pure; never queries anything (see
 * cluster_query.h).
 */
#ifndef CMONHA_UI_CLUSTER_STATUS_H
#define CMONHA_UI_CLUSTER_STATUS_H

#include <jansson.h>

#include "cluster/cluster.h"
#include "ui/cluster_query.h"

/* Also the exit statuses of a monitoring plugin. */
enum severity { SEVERITY_OK, SEVERITY_WARNING, SEVERITY_CRITICAL };

/*
 * A new object, for json_decref(), as documented in cmonha-ui(8):
 *
 *	nodes     [{name, address, fault, status}]; fault or status is null
 *	problems  [{severity, text}]: "critical" or "warning", the critical ones first
 *	severity  "ok", "warning" or "critical": the highest
 *
 * Text of other machines in `problems` is printable.
 */
json_t *cluster_status_judge(const struct cluster *cluster,
    const struct cluster_answer answers[static NODES_MAX]);

enum severity cluster_status_severity(const json_t *judged);

/* Appends a table of the nodes, and the problems. */
void cluster_status_add_table(struct text *text, const json_t *judged);

/* Appends one line as monitoring plugins print: the result, and performance data. */
void cluster_status_add_plugin(struct text *text, const json_t *judged);

#endif
