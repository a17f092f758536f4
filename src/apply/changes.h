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

/*
 * Adds the changes that restore the state before the first apply: of all targets, or of
 * one, plan_target(number), alone. The same result.
 */
int changes_for_removal(struct transaction *transaction);
int changes_for_removal_of(struct transaction *transaction, size_t number);

/*
 * Adds the change of /etc/services, which nothing depends on: a transaction of its own,
 * see transaction_replace(). `entry` as for services_line_put(). The same result.
 */
int changes_for_services_line(struct transaction *transaction, const char *entry);

/* A journal_find for the files of plans, the saved ones and /etc/services. */
char *changes_find_target(const struct machine *machine, const char *path);

/* Whether the target is a unit file. */
bool changes_is_unit(const char *target);

/* Whether a unit file changes, so that systemd must read its units again. */
bool changes_units(const struct transaction *transaction);

/* Reports which files of others were saved, once the changes are final. */
void changes_report_saved(const struct transaction *transaction);

/* Removes staged files that an interrupted run has left. */
void changes_remove_staged(const struct machine *machine);

#endif
