/*
 * Queries and judgements of the cluster in a thread of their own, so that its owner
 * never waits for a node. Owns the thread and the latest judgement; queries only when
 * it is asked to, and one at a time.
 */
#ifndef CMONHA_OVERVIEW_SURVEY_H
#define CMONHA_OVERVIEW_SURVEY_H

#include <jansson.h>

#include "cluster/cluster.h"

struct survey;

/*
 * `ready` is the caller's eventfd: it is written when there is a new judgement. The
 * cluster must outlive the survey; its `deadline` bounds how long the nodes are waited
 * for, see SURVEY_EXTRA_MS. The thread inherits the signal mask.
 */
struct survey *survey_start(const struct cluster *cluster, int ready);
/* Does not wait for the nodes. NULL is allowed. */
void survey_stop(struct survey *survey);

/* How much longer than the deadline of a node's own answer all nodes are waited for. */
#define SURVEY_EXTRA_MS 400

/* Begins a query unless one runs. */
void survey_request(struct survey *survey);

/* The latest judgement (see judgement.h), for json_decref(); NULL: none since the last
 * call. */
json_t *survey_take(struct survey *survey);

#endif
