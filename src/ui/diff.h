/*
 * The differences between the machine and a plan, as diff -u prints them.
 */
#ifndef CMONHA_UI_DIFF_H
#define CMONHA_UI_DIFF_H

#include "ui/context.h"

/*
 * Makes the plan of this node, prints the differences and counts their files in
 * `differences`. 0, or the exit status after a message: that of a step of context.h,
 * EX_NOPERM if a file can only be read by root, else EX_UNAVAILABLE.
 */
int diff_plan(struct context *context, int *differences);

#endif
