/*
 * Several files changed as one: all or none, also when the program is killed or the
 * power fails in the middle.
 *
 *	add…       the changes, nothing written yet
 *	stage      new contents written beside their targets
 *	swap       old contents kept, journal written, then every target replaced
 *	finish     journal removed: the change stands
 *	undo       every target as it was, journal removed
 *
 * A journal that is found later belongs to one that died: transaction_recover() undoes
 * it. The caller holds the machine's lock throughout.
 */
#ifndef CMONHA_APPLY_TRANSACTION_H
#define CMONHA_APPLY_TRANSACTION_H

#include "apply/machine.h"

#define CHANGES_MAX 32

struct change {
	char *name;          /* of the target, as it was asked for */
	char *target;        /* the file itself: with the machine's root, no link */
	char *staged;        /* beside it */
	bool is_staged;      /* written, or begun */
	bool wanted;         /* false: the target is to go */
	struct text content; /* the new one */
	struct text before;  /* the old one */
	bool existed;
	mode_t mode; /* the new one's */
	mode_t mode_before;
	uid_t owner;
	gid_t group;
};

struct transaction {
	const struct machine *machine;
	struct change changes[CHANGES_MAX];
	size_t count;
};

/*
 * The target shall have this content and mode, or (content NULL) not be there. Adds
 * nothing if it is so already. An existing file keeps its owner. `target` is without
 * the machine's root. 1: a change was added, 0: none needed, -1: after a message.
 */
int transaction_add(struct transaction *transaction, const char *target,
    const struct text *content, mode_t mode);

/* The file that was added last shall belong to them. */
void transaction_own(struct transaction *transaction, uid_t owner, gid_t group);

/* Each 0, or -1 after a message; after -1 nothing is changed. */
int transaction_stage(struct transaction *transaction);
int transaction_swap(struct transaction *transaction);

/* Makes the change final. */
int transaction_finish(struct transaction *transaction);

/* Undoes what the journal tells of, if there is one. 1: undone, 0: none, -1: failed. */
int transaction_recover(const struct machine *machine);

/* Removes what is staged and frees all. */
void transaction_free(struct transaction *transaction);

/*
 * For tests: called before each step that changes the disk; when it returns true the
 * transaction stops there as if it had been killed (-1, nothing tidied up).
 */
extern bool (*transaction_killed_here)(void);

#endif
