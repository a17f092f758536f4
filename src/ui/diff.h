/*
 * Shows differences between files the way people know them.
 */
#ifndef CMONHA_UI_DIFF_H
#define CMONHA_UI_DIFF_H

#include "apply/apply.h"

/* Prints one as diff -u does; fits apply_differences(). */
void diff_print(void *context, const struct difference *difference);

#endif
