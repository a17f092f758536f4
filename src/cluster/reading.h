/*
 * Private to src/cluster: a cluster while it is read, with the line of everything that
 * was said, so that a rule that is broken can name the place.
 */
#ifndef CMONHA_CLUSTER_READING_H
#define CMONHA_CLUSTER_READING_H

#include "cluster/keys.h"

#define KEYS_MAX 32

struct reading {
	struct cluster *cluster;
	struct problems *problems;
	int lines[KEYS_MAX];                 /* of each key, by its row; 0: not given */
	int node_lines[NODES_MAX][KEYS_MAX]; /* the same for each node */
	int section_lines[SECTIONS];         /* of each heading */
	enum section section;                /* where we are; SECTIONS: nowhere known */
	struct node *node;                   /* where we are, in a [node] */
};

/* The line of a key (of a node, if not NULL), or of its section when it is absent. */
int
reading_line(const struct reading *reading, const struct node *node, const char *key);

/* Adds what is wrong between the fields, once each field for itself is right. */
void rules_check(struct reading *reading);

#endif
