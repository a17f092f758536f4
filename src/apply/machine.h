/*
 * The machine that is changed: this one, or an image of one below a directory
 * (`--root DIR`), in which files are written and no service is touched. Every path of
 * src/apply goes through machine_path().
 */
#ifndef CMONHA_APPLY_MACHINE_H
#define CMONHA_APPLY_MACHINE_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/paths.h"
#include "cluster/cluster.h"

#define LOCK_FILE STATE_DIRECTORY "/lock"

/* Independent facts, so that a test can have services below a scratch root. */
struct machine {
	const char *root;    /* "" for this one; no slash at its end; not owned */
	bool services;       /* systemd runs there and can be called */
	bool validate;       /* the programs that read the files can test them */
	unsigned left_alone; /* bits of enum service: not to be started or reloaded */
	bool keep_enabled;   /* no unit is enabled that was there before */
};

/* This machine if `root` is NULL, "" or "/". */
struct machine machine_at(const char *root);

/* The path of `target` on that machine. Allocated; the caller frees it. */
char *machine_path(const struct machine *machine, const char *target);

/*
 * The cluster file as it was applied. 0, or -1 without a message if there is none, and
 * `applied` is left as it was, or if it has errors, and what could be parsed is set.
 */
int machine_read_applied(const struct machine *machine, struct cluster *applied);

/*
 * Whether links in an image lead from this path of machine_path() out of it: an
 * absolute link there points into the running machine. True after a message, with errno
 * EXDEV; also for a link to nothing, which cannot be judged. Never for this machine.
 */
bool machine_leads_out(const struct machine *machine, const char *path);

/*
 * Whether that is so of a file in cmonha-ui's directories, where what is read is put
 * into files of the image. To be called before anything is read.
 */
bool machine_has_links_out(const struct machine *machine);

/*
 * One instance at a time: flock(2) on a file of the state directory, which is created,
 * but never outside of an image; the lock goes away with the process. Waits up to
 * `milliseconds` for another instance. Returns a descriptor for machine_unlock(); or
 * -1, with errno EWOULDBLOCK and no message if another instance holds it, with another
 * errno after a message.
 */
int machine_lock(const struct machine *machine, int milliseconds);
/* -1 is ignored. */
void machine_unlock(int lock);

#endif
