/*
 * Every key of the cluster file is a row of one table. The reader, the error messages,
 * `cmonha-ui help config` and the file that `init` writes use it; cmonha-ui.conf(5) is
 * written by hand and must be changed with it.
 */
#ifndef CMONHA_CLUSTER_KEYS_H
#define CMONHA_CLUSTER_KEYS_H

#include "cluster/cluster.h"

enum section { SECTION_CLUSTER, SECTION_UI, SECTION_CHECK, SECTION_NODE, SECTIONS };

struct key;

/*
 * Parses `value`, which it may overwrite, into `field`. NULL, or a static reason; the
 * field is then left as it was.
 */
typedef const char *key_parser(const struct key *key, char *value, void *field);

struct key {
	enum section section;
	const char *name;
	key_parser *parse;
	size_t offset;             /* in struct cluster; SECTION_NODE: in struct node */
	const char *default_value; /* NULL: the key is required */
	const char *default_text;  /* for people, where the default is computed later */
	int low, high;    /* range of the number (durations: ms), or of items */
	const char *form; /* what a value looks like, for people */
	const char *help; /* one or more sentences */
};

extern const struct key keys[];
extern const size_t key_count;

/* "cluster", "ui", "check", "node". */
const char *section_name(enum section section);

/* The section of that name, or SECTIONS. */
enum section section_find(const char *name);

/* "ui"; "node cc1" with a node. Into the buffer, which is returned. */
#define SECTION_LABEL_MAX (NAME_LENGTH + sizeof("cluster "))
const char *section_label(
    enum section section, const struct node *node, char buffer[SECTION_LABEL_MAX]);

/* The row, or NULL. */
const struct key *key_find(enum section section, const char *name);

/*
 * Parses the value into its field of `owner` (a struct cluster or struct node). NULL,
 * or the reason why it is invalid, with the value and what is expected, in `buffer`.
 */
#define KEY_REASON_MAX 512
const char *key_set(
    const struct key *key, const char *value, void *owner, char buffer[KEY_REASON_MAX]);

/* Appends the table, as `cmonha-ui help config` prints it. */
void keys_explain(struct text *text);

/* The lines of a cluster file where headings and keys are; 0: absent. */
#define KEYS_MAX 32
struct key_lines {
	int headings[SECTION_NODE]; /* of a node: struct node.line */
	int keys[KEYS_MAX];         /* by row of the table */
	int node_keys[NODES_MAX][KEYS_MAX];
};

/* The entry of a key, of one node if `node` is not NULL. */
int *key_line_of(struct key_lines *lines, const struct cluster *cluster,
    const struct node *node, const struct key *key);

/*
 * The line to name in a message about a key, which must exist in that section: its own,
 * or else that of the heading.
 */
int key_line(const struct key_lines *lines, const struct cluster *cluster,
    enum section section, const struct node *node, const char *name);

#endif
