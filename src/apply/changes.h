/*
 * From a plan to the changes that the machine needs: private to src/apply.
 */
#ifndef CMONHA_APPLY_CHANGES_H
#define CMONHA_APPLY_CHANGES_H

#include "apply/transaction.h"

/*
 * Adds what the plan needs to the transaction. `told` gets, for each service, whether
 * one of its files changes. 0, or -1 after a message.
 */
int changes_for_plan(struct transaction *transaction, const struct plan *plan,
    bool told[SERVICES], bool *units_changed);

/* Adds what takes everything back. */
int changes_for_removal(struct transaction *transaction);

/* Says what of others is kept from now on, once the changes were made. */
void changes_tell_kept(const struct transaction *transaction);

/* Removes what a run that was killed while it staged has left beside the targets. */
void changes_sweep(const struct machine *machine);

#endif
