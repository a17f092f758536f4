/*
 * When a running keepalived must be told that the network is another one. Seen with
 * keepalived 2.1 to 2.3: an instance whose address was missing stays in the state FAULT
 * when the address comes, until a reload; and one whose interface was deleted and made
 * again says BACKUP, but neither hears nor sends, until a restart.
 */
#ifndef CMONHA_WATCH_KEEPALIVED_CARE_H
#define CMONHA_WATCH_KEEPALIVED_CARE_H

#include <stdbool.h>

#include "base/clock.h"

enum care { CARE_NONE, CARE_RELOAD, CARE_RESTART };

/* What is known at a moment. */
struct care_facts {
	bool is_fit;      /* nothing of this node's own keeps it from the virtual IP */
	bool is_running;  /* the interface is up, with a carrier */
	bool is_fault;    /* keepalived says FAULT */
	unsigned number;  /* of the interface now; 0: there is none */
	unsigned started; /* of the interface when keepalived was started; 0: unknown */
};

/* Zeroed at first. */
struct keepalived_care {
	clock_ms_t wrong_since; /* 0: nothing is wrong */
	clock_ms_t last_time;   /* of the last reload or restart */
	int times;              /* since something is wrong */
};

/*
 * What is to be done now; to be called every tick. It is done after a moment in which
 * the network may still change, and again with growing pauses, up to a minute, as long
 * as it does not help.
 */
enum care keepalived_care_judge(
    struct keepalived_care *care, const struct care_facts *facts, clock_ms_t now);

#endif
