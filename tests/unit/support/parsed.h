/*
 * The text of a cluster file, and the cluster and the problems that reading it gives.
 *
 *	tcase_add_checked_fixture(cases, parsed_begin, parsed_end);
 */
#ifndef CMONHA_UNIT_PARSED_H
#define CMONHA_UNIT_PARSED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "unit.h"

#define VIP   "[cluster]\nvip = 10.0.0.200/24\n"
#define CC1   "[node cc1]\naddress = 10.0.0.101\n"
#define CC2   "[node cc2]\naddress = 10.0.0.102\n"
#define CC3   "[node cc3]\naddress = 10.0.0.103\n"
#define NODES CC1 CC2 CC3

extern struct cluster *parsed_cluster;
extern struct text parsed_source; /* what parsed_from() parsed, or the test put there */
extern struct problems parsed_problems; /* of a file named "f" */

void parsed_begin(void);
void parsed_end(void);

/* Parses the text as a whole cluster file; 0 or -1 as cluster_parse(). */
int parsed_from(const char *words);

/* The test fails unless these are all lines of problems so far. */
void parsed_expect(const char *lines);

/* Parses the file; its problems must be these lines, and counts and result fit them. */
void parsed_expect_problems(const char *content, const char *lines);

#endif
