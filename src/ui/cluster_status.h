/*
 * The forms of a judgement (see overview/judgement.h) for people in a shell and for
 * monitoring. Pure.
 */
#ifndef CMONHA_UI_CLUSTER_STATUS_H
#define CMONHA_UI_CLUSTER_STATUS_H

#include "overview/judgement.h"

/* Appends a table of the nodes, and the problems. */
void cluster_status_add_table(struct text *text, const json_t *judged);

/* Appends one line as monitoring plugins print: the result, and performance data. */
void cluster_status_add_plugin(struct text *text, const json_t *judged);

#endif
