/*
 * Undoes an apply or a removal that failed or was interrupted: the files by the
 * journal, then the services, which may already run with the new files.
 */
#ifndef CMONHA_APPLY_RECOVERY_H
#define CMONHA_APPLY_RECOVERY_H

#include <signal.h>

#include "apply/machine.h"

enum recovery {
	RECOVERY_FAILED = -1, /* after a message: some files are not restored */
	RECOVERY_NONE,        /* there was nothing to undo */
	RECOVERY_DONE,        /* all is as it was */
	RECOVERY_INCOMPLETE,  /* after a message: the files are, not each service */
};

/*
 * Restores the files of the journal if there is one, reloads the services that read
 * them, stops those that had none, and then removes the journal, so that an interrupted
 * recovery is repeated. The caller holds the machine's lock.
 */
enum recovery recovery_run(const struct machine *machine);

/*
 * The same while HAProxy's unit starts, after a loss of power for instance: HAProxy
 * reads the files in a moment, and the other services are not waited for.
 */
enum recovery recovery_run_at_start(const struct machine *machine);

/*
 * Holds back the signals by which a terminal, a session or a timeout ends a command, so
 * that it does not end with half of the machine changed. They act at the release.
 */
void recovery_hold_signals(sigset_t *before);
void recovery_release_signals(const sigset_t *before);

/* The check's port in the applied configuration; 0 if unknown. */
int recovery_check_port(const struct machine *machine);

#endif
