/*
 * A cluster of three nodes, cc1 to cc3 with the virtual IP 10.0.0.200, and what they
 * report at /status.
 *
 *	tcase_add_checked_fixture(cases, reported_begin, reported_end);
 */
#ifndef CMONHA_UNIT_REPORTED_H
#define CMONHA_UNIT_REPORTED_H

#include <jansson.h>

#include "overview/judgement.h"

extern struct cluster *reported_cluster;
extern struct answer *reported_answers;

void reported_begin(void);
void reported_end(void);

/* As of node number `i`; more members as JSON, beginning with a comma, or "". */
void reported_answer(size_t i, bool leads, bool has_vip, const char *rest);
void reported_silence(size_t i, const char *fault);
/* A node whose controller is neither; `claim` is what the controller says of itself. */
void reported_unknown(size_t i, const char *claim, const char *reason);

/* cc1 is the leader, cc2 has the virtual IP. */
void reported_all_is_well(void);

/* For json_decref(). */
json_t *reported_judgement(void);

#endif
