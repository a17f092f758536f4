/*
 * Several files changed as one: all or none, also when the program is killed or the
 * power fails in the middle.
 *
 *	add…       collect the changes; nothing is written yet
 *	stage      write the new contents next to their targets
 *	swap       save the old contents, write the journal, replace every target
 *	finish     remove the journal: the change is final
 *	recover    restore every target, remove the journal
 *
 * A journal that exists at the start belongs to a run that was interrupted:
 * transaction_recover() undoes it. The caller holds the machine's lock throughout.
 */
#ifndef CMONHA_APPLY_TRANSACTION_H
#define CMONHA_APPLY_TRANSACTION_H

#include "apply/machine.h"
#include "plan/plan.h"

#define CHANGES_MAX 32

struct change {
	const struct plan_file *file; /* set by the caller: the planned file, or NULL */
	const char *saves; /* set by the caller: whose earlier file this is, or NULL */
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
 * leads out of the machine's root).
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

/* Makes the change final. */
int transaction_finish(struct transaction *transaction);

/*
 * Undoes the changes in the journal, if there is one. 1: undone, 0: there was none, -1
 * after a message: some could not be undone, and the journal stays.
 */
int transaction_recover(const struct machine *machine);

/* Removes the staged files and frees all. */
void transaction_free(struct transaction *transaction);

/*
 * For tests: called before each step that changes the disk; when it returns true the
 * transaction stops there as if it had been killed (-1, nothing cleaned up).
 */
extern bool (*transaction_killed_here)(void);

#endif
