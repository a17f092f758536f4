/*
 * The syntax of the cluster file: sections, keys, values, comments. Knows no names.
 *
 *	[section] or [section label]
 *	key = value          # a comment, from the line's start or after a blank
 *
 * Outside of comments and paths all is ASCII. What a web page or a word processor put
 *in place of plain characters is named in the error, and what to type.
 */
#ifndef CMONHA_CLUSTER_INI_H
#define CMONHA_CLUSTER_INI_H

#include "base/text.h"
#include "cluster/problems.h"

/* A longer line is an error, not two lines. */
#define INI_LINE_MAX 4096

struct ini {
	/* The current heading or key; valid until the next call. */
	int number;                 /* of the line */
	char section[INI_LINE_MAX]; /* as written, with one blank: "node cc1" */
	char kind[INI_LINE_MAX];    /* its first word: "node" */
	char label[INI_LINE_MAX];   /* the rest, or "" */
	const char *key;            /* NULL: it is a heading */
	const char *value;

	/* Private. */
	struct problems *problems;
	const char *at, *end;
	bool in_section;
	bool skipping; /* below a heading that could not be parsed */
	char line[INI_LINE_MAX];
};

/* Starts to parse `content`, which must stay. No memory needs to be freed. */
void ini_begin(struct ini *ini, const struct text *content, struct problems *problems);

/*
 * Proceeds to the next heading or key; false at the end. Lines that have not this
 * syntax are added to `problems` and skipped.
 */
bool ini_next(struct ini *ini);

#endif
