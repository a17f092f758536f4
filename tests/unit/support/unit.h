/*
 * Every Check program defines one suite; unit.c runs it.
 */
#ifndef CMONHA_UNIT_H
#define CMONHA_UNIT_H

#include <check.h>

Suite *unit_suite(void);

#endif
