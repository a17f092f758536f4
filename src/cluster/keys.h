/*
 * Every key of the cluster file is a row of one table. The reader, the texts of errors,
 * `cmonha-ui help config`, the file that `init` writes and the manual page come from
 * it.
 */
#ifndef CMONHA_CLUSTER_KEYS_H
#define CMONHA_CLUSTER_KEYS_H

#include "cluster/cluster.h"

enum section { SECTION_CLUSTER, SECTION_UI, SECTION_CHECK, SECTION_NODE, SECTIONS };

struct key;

/* Reads `value` into `field`. NULL, or a reason. May write to `value`. */
typedef const char *key_reader(const struct key *key, char *value, void *field);

struct key {
	enum section section;
	const char *name;
	key_reader *read;
	size_t offset; /* in struct cluster, or struct node for SECTION_NODE */
	const char
	    *default_value; /* the value when it is absent; NULL: must be given */
	const char
	    *default_text; /* in words, when it is not a value but worked out later */
	long low, high;    /* of numbers, ports and durations (milliseconds) */
	const char *form;  /* what a value looks like, for people */
	const char *help;  /* one or more sentences */
};

extern const struct key keys[];
extern const size_t key_count;

/* "cluster", "ui", "check", "node". */
const char *section_name(enum section section);

/* The row, or NULL. */
const struct key *key_find(enum section section, const char *name);

/* The section that the word names, or SECTIONS. */
enum section section_find(const char *name);

/*
 * Reads the value into its field of `owner` (a struct cluster or struct node).
 * NULL, or the reason why it cannot be, with the range or the form in it, written to
 * `buffer`.
 */
const char *key_set(
    const struct key *key, const char *value, void *owner, char *buffer, size_t size);

/* Appends the table, as `cmonha-ui help config` prints it. */
void keys_explain(struct text *text);

#endif
