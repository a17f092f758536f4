/*
 * The syntax of the cluster file: sections, keys, values, comments. Knows no names.
 *
 *	[section] or [section label]
 *	key = value          # a comment, from the line's start or after a blank
 */
#ifndef CMONHA_CLUSTER_INI_H
#define CMONHA_CLUSTER_INI_H

#include "base/text.h"
#include "cluster/problems.h"

/* A longer line is an error, not two lines. */
#define INI_LINE_MAX 4096

struct ini_line {
	int number;
	const char *section; /* as written, blanks squeezed: "node cc1" */
	const char *kind;    /* its first word: "node" */
	const char *label;   /* the rest, or "" */
	const char *key;     /* NULL: the section's heading itself */
	const char *value;
};

typedef void ini_handler(void *context, const struct ini_line *line);

/*
 * Calls `handle` for each heading and each key in turn; the strings are valid until it
 * returns. Lines that do not have this syntax are added to `problems`.
 */
void ini_parse(const struct text *content, struct problems *problems,
    ini_handler *handle, void *context);

#endif
