/*
 * The cluster as its nodes report it: what is wrong across nodes, as data. Pure; never
 * queries anything (see query.h), and prints nothing.
 */
#ifndef CMONHA_OVERVIEW_JUDGEMENT_H
#define CMONHA_OVERVIEW_JUDGEMENT_H

#include <jansson.h>

#include "cluster/cluster.h"
#include "overview/query.h"

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
json_t *judgement_make(
    const struct cluster *cluster, const struct answer answers[static NODES_MAX]);

enum severity judgement_severity(const json_t *judged);

#endif
