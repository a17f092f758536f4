/*
 * The template language, small enough to learn from one example:
 *
 *	{{name}}                 the value of a variable
 *	{{#name}} … {{/name}}    the part once for each item of a list; or once, or not
 *	                         at all, for a variable that is true or false
 *	{{^name}} … {{/name}}    the part if the list is empty or the variable false
 *	{{! words }}             a comment
 *
 * Within a list the variables of the item come first, then those outside. A line that
 * holds nothing but a #, ^, / or ! tag leaves no empty line behind. Nothing is escaped:
 * the variables come from a cluster file that was checked.
 */
#ifndef CMONHA_PLAN_TEMPLATE_H
#define CMONHA_PLAN_TEMPLATE_H

#include <jansson.h>

#include "base/text.h"
#include "cluster/problems.h"

/* Sections within sections; more is an error. */
#define TEMPLATE_DEPTH_MAX 16

/*
 * Appends the rendered template to `output`. Strings, whole numbers and booleans can be
 * variables; lists hold objects. An unknown variable or a section that does not close
 * is added to `problems` as "file:line: reason"; so is one that lists within lists make
 * larger than FILE_LIMIT. 0, or -1 when there were such.
 */
int template_render(const struct text *source, json_t *variables, struct text *output,
    struct problems *problems);

#endif
