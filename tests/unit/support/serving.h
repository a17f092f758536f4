/*
 * A node that serves: rooted_machine with services, whose programs are stand-ins, a
 * check on 127.0.0.2 and HAProxy's socket below the root. `planned` is its plan; the
 * nodes are on 127.0.0.2, the virtual IP is 127.0.0.1.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 *	tcase_add_checked_fixture(cases, serving_begin, serving_end);
 */
#ifndef CMONHA_UNIT_SERVING_H
#define CMONHA_UNIT_SERVING_H

#include "listening.h"
#include "planned.h"
#include "scratch.h"
#include "stand_in.h"
#include "unit.h"

extern int serving_check_port; /* of the check */
extern int serving_ui_port;    /* of HAProxy at the VIP: only a listener */

#define SERVING_NODE "127.0.0.2"
#define SERVING_VIP  "127.0.0.1"

void serving_begin(void);
/* On the machine of applied_put_machine(), where xinetd is installed. */
void serving_begin_applied(void);
void serving_end(void);

/*
 * Plans cc1 from a cluster file with these keys in [check] and in [node cc1], with the
 * ports above.
 */
void serving_plan(const char *check_keys, const char *node_keys);

/* What the check answers from now on: a JSON object in an HTTP response. */
void serving_check_answers(const char *json);
/* As a check and a HAProxy that use `planned`. */
void serving_answers_plan(void);
void serving_haproxy_answers(const char *output);

#endif
