/*
 * Carries a plan out on the machine, or takes everything back.
 */
#ifndef CMONHA_APPLY_APPLY_H
#define CMONHA_APPLY_APPLY_H

#include "apply/machine.h"

/*
 * Makes the machine as planned: stages and validates all files, swaps them, tells the
 * services that read them, and asks whether these serve. Nothing is written or told
 * where nothing changed. 0; or -1 after a message, and then the machine is as before.
 */
int apply_plan(const struct machine *machine, const struct plan *plan);

/*
 * The files of the plan that differ from the machine's, passed to `tell` one by one
 * with the present content (NULL: there is none). Returns how many, or -1 after a
 * message.
 */
struct difference {
	const char *target;
	const struct text *before; /* NULL: not there */
	const struct text *after;  /* NULL: to be removed */
};
int apply_differences(const struct machine *machine, const struct plan *plan,
    void (*tell)(void *context, const struct difference *difference), void *context);

/*
 * Stops our services and takes away all that apply_plan() made, except the cluster file
 * and the templates, which are the administrator's. What stood in the place of our
 * files before is put back. 0, or -1 after a message.
 */
int apply_remove(const struct machine *machine);

#endif
