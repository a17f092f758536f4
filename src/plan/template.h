/*
 * The template language, a subset of Mustache:
 *
 *	{{name}}                 the value of a variable
 *	{{#name}} … {{/name}}    a section: once for each item of a list; once, or not
 *at all, for a variable that is true or false
 *	{{^name}} … {{/name}}    a section if the list is empty or the variable false
 *	{{! words }}             a comment
 *
 * Within a list the variables of the item are searched first, then those outside. A
 * line with nothing but a #, ^, / or ! tag leaves no empty line. Nothing is escaped:
 * the cluster file's parser accepts no value that needs it.
 */
#ifndef CMONHA_PLAN_TEMPLATE_H
#define CMONHA_PLAN_TEMPLATE_H

#include <jansson.h>

#include "base/text.h"
#include "cluster/problems.h"

/* Sections within sections; deeper ones are an error. */
#define TEMPLATE_DEPTH_MAX 16

/*
 * Appends the rendered template to `output`. Variables are strings, integers, booleans
 * and lists of objects. Rendering stops at the first error, which is added to
 * `problems` with its line: an unknown variable, a section that is not closed, an
 * output larger than FILE_LIMIT. 0, or -1 after an error.
 */
int template_render(const struct text *source, json_t *variables, struct text *output,
    struct problems *problems);

#endif
