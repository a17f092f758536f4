/*
 * The body of /metrics: the numbers of /status in the OpenMetrics text format, version
 * 1.0. cmonhachk(8) has a table of the metrics. Owns their names and nothing else.
 */
#ifndef CMONHA_CHECK_METRICS_H
#define CMONHA_CHECK_METRICS_H

#include <jansson.h>

#include "base/text.h"

#define METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Appends all metrics of an object of status_json_make(). What is null is left out. */
void metrics_add(struct text *body, const json_t *status);

#endif
