/*
 * The services that carry the plan out, through systemctl(1). xinetd is the machine's
 * own and serves others too: it is started where it does not run, told of a change, and
 * never stopped. The others are ours.
 */
#ifndef CMONHA_APPLY_SERVICE_H
#define CMONHA_APPLY_SERVICE_H

#include <stdbool.h>

#include "plan/plan.h"

/* The unit's name. */
const char *service_unit(enum service service);

bool service_is_active(enum service service);

/* Each 0, or -1 after a message that holds what systemctl said. */
int service_reload_units(void);
/*
 * Makes it start, or not start, at every boot of the machine below `root` ("" for this
 * one), whether or not systemd runs: for images and chroots. A unit that is not
 * installed there is left out.
 */
int service_enable(enum service service, const char *root);
int service_disable(enum service service, const char *root);
/* Starts it now and at every boot. */
int service_start(enum service service);
/* Makes it take in its changed files with as little harm as it can. */
int service_reload(enum service service);
/* Stops it, now and for later boots; xinetd is told to look at its files again. */
int service_stop(enum service service);

#endif
