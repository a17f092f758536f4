/*
 * The machine that is changed: this one, or an image of one below a directory
 * (`--root DIR`), in which files are written and no service is touched.
 */
#ifndef CMONHA_APPLY_MACHINE_H
#define CMONHA_APPLY_MACHINE_H

#include "base/network.h"
#include "plan/plan.h"

#define STATE_DIRECTORY   "/var/lib/cmonha-ui"
#define CONFIG_DIRECTORY  "/etc/cmonha-ui"
#define RUNTIME_DIRECTORY "/run/cmonha-ui"

struct machine {
	const char *root; /* "" for this one; no slash at its end */
	bool services;    /* systemd runs here, and it is this machine */
};

struct machine machine_at(const char *root);

/* The path of `target` on that machine. Allocated; the caller frees it. */
char *machine_path(const struct machine *machine, const char *target);

/*
 * One at a time: a lock that goes away with the process. -1 if another has it (`wait`:
 * after ten seconds) or after a message; else a descriptor for machine_unlock.
 */
int machine_lock(const struct machine *machine, bool wait);
void machine_unlock(int lock);

/*
 * Finds out what must be known to plan this node. `addresses` are the machine's own.
 * Passwords that do not exist yet are made up if `make_passwords`, else a placeholder
 * stands in for them. What is wrong is added to `problems`; 0, or -1 then.
 */
int facts_gather(const struct machine *machine, const struct cluster *cluster,
    const struct node *self, const struct local_addresses *addresses,
    bool make_passwords, struct host_facts *site, struct problems *problems);
void facts_free(struct host_facts *site);

/*
 * What only this machine can tell: that the VIP lies in a subnet of the interface, and
 * that no other program has the ports. `applied` is what is in force (its ports are
 * ours already), or NULL.
 */
void machine_check(const struct cluster *cluster, const struct host_facts *site,
    const struct local_addresses *addresses, const struct cluster *applied,
    struct problems *problems);

#endif
