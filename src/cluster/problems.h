/*
 * Every error and warning about a file, not only the first. Each is one line
 * "file:line: [section] key: reason", the form that editors can follow.
 */
#ifndef CMONHA_CLUSTER_PROBLEMS_H
#define CMONHA_CLUSTER_PROBLEMS_H

#include <stddef.h>

#include "base/text.h"

struct problems {
	const char *file;  /* as the operator named it; not owned, not switched */
	struct text lines; /* a line for each problem */
	size_t errors;
	size_t warnings;
};

/* Where a problem is. Line 0: no particular one; section and key may be NULL. */
struct place {
	int line;
	const char *section;
	const char *key;
};

void problem_error(struct problems *problems, struct place place, const char *format,
    ...) PRINTF_LIKE(3, 4);
/* The file is usable, but the operator should know: "warning: " before the reason. */
void problem_warning(struct problems *problems, struct place place, const char *format,
    ...) PRINTF_LIKE(3, 4);

/* Moves all problems of `from`, about another file, to the end; frees `from`. */
void problems_append(struct problems *problems, struct problems *from);

/* Prints all lines to standard error, and removes them; the counts stay. */
void problems_print(struct problems *problems);
void problems_free(struct problems *problems);

#endif
