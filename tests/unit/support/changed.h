/*
 * A transaction on the machine in the scratch directory.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 *	tcase_add_checked_fixture(cases, changed_begin, changed_end);
 */
#ifndef CMONHA_UNIT_CHANGED_H
#define CMONHA_UNIT_CHANGED_H

#include "apply/transaction.h"
#include "rooted.h"
#include "scratch.h"
#include "unit.h"

#define CHANGED_JOURNAL "root/var/lib/cmonha-ui/journal"

extern struct transaction changed;

void changed_begin(void);
void changed_end(void);

/* transaction_add(); content NULL: the target is removed. */
int changed_add(const char *target, const char *content, mode_t mode);

/* Recognizes every path below /etc, whatever root is before it. */
char *changed_find(const struct machine *machine, const char *path);

/* Undoes by the journal, and removes it. As journal_undo(). */
int changed_recover(void);

#endif
