/*
 * The differences between the machine and a plan, as diff -u prints them.
 */
#ifndef CMONHA_UI_DIFF_H
#define CMONHA_UI_DIFF_H

#include "ui/context.h"

/*
 * Prints them, and counts the files in `differences`. 0, or the exit status after a
 * message: EX_NOPERM if a file can only be read by root, else EX_UNAVAILABLE.
 */
int diff_plan(struct context *context, int *differences);

#endif
