/*
 * From a plan to the changes that this machine needs: compares, saves the files that
 * were not created by cmonha-ui, restores them. Private to src/apply.
 */
#ifndef CMONHA_APPLY_CHANGES_H
#define CMONHA_APPLY_CHANGES_H

#include "apply/transaction.h"

/*
 * Adds the changes that the plan needs to the transaction; each that is of a planned
 * file points to it, so the plan must outlive them. 0, or -1 with errno after a
 * message.
 */
int changes_for_plan(struct transaction *transaction, const struct plan *plan);

/* Adds the changes that restore the state before the first apply. The same result. */
int changes_for_removal(struct transaction *transaction);

/* Whether a unit file changes, so that systemd must read its units again. */
bool changes_units(const struct transaction *transaction);

/* Reports which files of others were saved, once the changes are final. */
void changes_report_saved(const struct transaction *transaction);

/* Removes staged files that an interrupted run has left. */
void changes_remove_staged(const struct machine *machine);

#endif
