/*
 * The units that run the plan, through systemctl(1). xinetd.service is shared with
 * others: it is started if it does not run, reloaded after a change, and never stopped;
 * apply/xinetd.h enables it. The other units are cmonha-ui's.
 */
#ifndef CMONHA_APPLY_SERVICE_H
#define CMONHA_APPLY_SERVICE_H

#include <stdbool.h>

#include "apply/machine.h"
#include "plan/plan.h"

/* The unit's name. */
const char *service_unit(enum service service);

/* Both are false if that cannot be found out. */
bool service_is_active(enum service service);
bool service_is_inactive(enum service service);

/* Whether systemd starts the unit at boot. A masked one cannot be started at all. */
enum service_state {
	SERVICE_ENABLED, /* also if it is static, or systemd does not know it */
	SERVICE_DISABLED,
	SERVICE_MASKED,
};
enum service_state service_state(enum service service);

/* The process ID of its main process; 0 if it does not run, or none is known. */
int service_main_pid(enum service service);

/*
 * Whether the calls below wait until systemd has done what they request: true at first.
 * A program that a unit runs at its start must not wait for units ordered after it.
 */
void service_set_waiting(bool wait);

/* All that follow return 0, or -1 after a message with systemctl's output. */

/* systemctl daemon-reload. */
int service_reload_units(void);

/*
 * Makes the unit start, or not start, when the machine boots, whether or not systemd
 * runs now: for images and chroots. A unit that is not installed there, and xinetd,
 * are left alone.
 */
int service_enable(const struct machine *machine, enum service service);
int service_disable(const struct machine *machine, enum service service);

/* The same where systemd runs, for any unit. */
int service_set_enabled(enum service service, bool enabled);

/* Starts it now, and, except for xinetd, at every boot. */
int service_start(enum service service);

/*
 * Makes it read its changed files, as gently as it can; starts it if it is known to be
 * inactive, since the start of an active one would change nothing. A socket is bound
 * again, after the service that it has started was stopped, since systemd starts no
 * socket of an active service.
 */
int service_reload(enum service service);

/* Stops and starts it. */
int service_restart(enum service service);

/*
 * Stops the service that a socket has started: the next connection, which waits on the
 * socket meanwhile, starts it with its changed unit file. Starts an inactive socket.
 */
int service_replace(enum service service);

/*
 * Stops and disables a unit of cmonha-ui. xinetd is only reloaded, unless it is known
 * to be inactive, so that it no longer serves a file that was removed.
 */
int service_stop_or_reload(enum service service);

/*
 * Stops cmonha-ui.target, by which an administrator starts and stops both services: an
 * active unit would outlive its file.
 */
void service_stop_target(void);

#endif
