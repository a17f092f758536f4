/*
 * A fixture: a cluster file's words, and what reading them gives and tells.
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

static struct cluster *cluster;
static struct problems problems;
static struct text source;

static inline void
parsed_begin(void)
{
	cluster = allocate(sizeof(*cluster));
	problems = (struct problems){.file = "f"};
	source = (struct text){0};
}

static inline void
parsed_end(void)
{
	free(cluster);
	problems_free(&problems);
	text_free(&source);
}

static inline int
parse(const char *words)
{
	text_clear(&source);
	text_addf(&source, "%s", words);
	return cluster_parse(&source, cluster, &problems);
}

static inline void
expect(const char *lines)
{
	ck_assert_str_eq(text_string(&problems.lines), lines);
}

#endif
