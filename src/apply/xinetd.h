/*
 * xinetd as a service of this machine that others use too: whether it will serve the
 * check, and that it starts at boot while the check depends on it.
 */
#ifndef CMONHA_APPLY_XINETD_H
#define CMONHA_APPLY_XINETD_H

#include "apply/machine.h"
#include "cluster/problems.h"

/* Exists while xinetd is enabled only because xinetd_enable() has done it. */
#define XINETD_ENABLED_FILE STATE_DIRECTORY "/xinetd-enabled"

/* These return 1: yes, 0: no, or -1 after a message: it cannot be found out. */

/* Whether /usr/sbin/xinetd is a program. */
int xinetd_is_installed(const struct machine *machine);

/*
 * Whether it starts at boot, by its links: of systemd, or of an init script (S01xinetd
 * in /etc/rcN.d). Not if it is masked. systemd need not run.
 */
int xinetd_is_enabled(const struct machine *machine);

/*
 * Whether it is both, and its defaults let it serve the check. Not if they cannot be
 * read, which is added as a warning: systemd's socket then serves it.
 */
int xinetd_is_usable(const struct machine *machine, struct problems *problems);

/*
 * Adds, each as an error, what in /etc/xinetd.conf keeps it from serving the check (see
 * xinetd_conf.h), or that the file cannot be read.
 */
void xinetd_check_defaults(const struct machine *machine, struct problems *problems);

/*
 * Enables xinetd if it is not, and remembers that it was not; where systemd runs. 0, or
 * -1 after a message.
 */
int xinetd_enable(const struct machine *machine);

/* Disables xinetd if xinetd_enable() has enabled it. 0, or -1 after a message. */
int xinetd_restore(const struct machine *machine);

#endif
