/*
 * The variables that templates can use: the cluster as one node sees it. Documented for
 * administrators in cmonha-ui.conf(5).
 */
#ifndef CMONHA_PLAN_VARIABLES_H
#define CMONHA_PLAN_VARIABLES_H

#include <jansson.h>

#include "plan/plan.h"

/* A new JSON object; the caller frees it with json_decref(). */
json_t *variables_make(const struct cluster *cluster, const struct host_facts *facts);

#endif
