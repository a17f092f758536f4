/*
 * What is wrong with a file: all of it, not only the first. Each problem is one line
 * "file:line: [section] key: reason", the form that editors and people can follow.
 */
#ifndef CMONHA_CLUSTER_PROBLEMS_H
#define CMONHA_CLUSTER_PROBLEMS_H

#include <stddef.h>

#include "base/text.h"

struct problems {
	const char *file;  /* as the operator named it; not owned */
	struct text lines; /* every problem found, a line each */
	size_t errors;
	size_t warnings;
};

/*
 * Where a problem is: line 0 is the file as a whole; section and key may be NULL.
 */
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

/* Writes all lines to standard error, and forgets them. */
void problems_print(struct problems *problems);
void problems_free(struct problems *problems);

#endif
