/*
 * Several files changed as one: all or none, also when the program is killed or the
 * power fails in the middle.
 *
 *	add…       collect the changes; nothing is written yet
 *	stage      write the new contents next to their targets
 *	swap       save the old contents, write the journal, replace every target
 *	finish     remove the journal: the change is final
 *
 * The caller holds the machine's lock throughout.
 */
#ifndef CMONHA_APPLY_TRANSACTION_H
#define CMONHA_APPLY_TRANSACTION_H

#include "apply/journal.h"
#include "plan/plan.h"

struct change {
	const struct plan_file *file; /* set by the caller: the planned file, or NULL */
	const char *saves; /* set by the caller: whose earlier file this is, or NULL */
	char *name;        /* the target as it was added */
	char *target;      /* the file itself: with the machine's root, no link */
	char *staged;      /* the new content, in the same directory */
	bool is_staged;    /* writing it has begun */
	bool wanted;       /* false: the target is removed */
	struct text content; /* the new one */
	struct text before;  /* the old one */
	bool existed;
	mode_t mode; /* the new one's */
	mode_t mode_before;
	uid_t owner; /* of the new one */
	gid_t group;
};

struct transaction {
	const struct machine *machine;
	struct change changes[CHANGES_MAX];
	size_t count;
};

/*
 * Gives the target this content and mode, or (content NULL) removes it. An existing
 * file keeps its owner. `target` is without the machine's root. Returns 1 if a change
 * was added, 0 if none is needed, or -1 with errno after a message (EXDEV: a link that
 * leads out of the machine's root; ENOENT: a link to nothing).
 */
int transaction_add(struct transaction *transaction, const char *target,
    const struct text *content, mode_t mode);

/* The change that was added last, so that the caller can complete it. */
struct change *transaction_last(struct transaction *transaction);

/* Whether a planned file changes that the service reads. */
bool transaction_changes(const struct transaction *transaction, enum service service);

/* Each 0, or -1 after a message; after -1 no target is changed. */
int transaction_stage(struct transaction *transaction);
int transaction_swap(struct transaction *transaction);

/*
 * Without a journal: stages all, then replaces one after the other, each atomically. 0,
 * or -1 after a message, with some replaced.
 */
int transaction_replace(struct transaction *transaction);

/* Makes the change final. 0, or -1 after a message: the journal is still there. */
int transaction_finish(struct transaction *transaction);

/* Removes the staged files and frees all. */
void transaction_free(struct transaction *transaction);

#endif
