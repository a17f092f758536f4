/*
 * Several files changed as one: all or none, also when the program is killed or the
 * power fails in the middle.
 *
 *	add…       collect the changes; nothing is written yet
 *	stage      write the new contents next to their targets
 *	swap       save the old contents, write the journal, replace every target
 *	finish     remove the journal: the change is final
 *	undo       restore every target; then forget, which removes the journal
 *
 * A journal that exists at the start belongs to a run that was interrupted; recovery.h
 * undoes it. The caller holds the machine's lock throughout.
 */
#ifndef CMONHA_APPLY_TRANSACTION_H
#define CMONHA_APPLY_TRANSACTION_H

#include "apply/machine.h"
#include "plan/plan.h"

#define CHANGES_MAX  32
#define JOURNAL_FILE STATE_DIRECTORY "/journal"

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

/*
 * The target of cmonha-ui that a path in a journal means, allocated; or NULL. Version
 * 0.1.0 wrote paths with the machine's root before them, and links resolved.
 */
typedef char *transaction_find(const struct machine *machine, const char *path);

/* The targets that were restored; free with restored_free(). */
struct restored {
	char *targets[CHANGES_MAX];
	size_t count;
};

/*
 * Undoes the changes in the journal, if there is one, and fills `restored`. Only what
 * `find` recognizes is written or removed. 1: undone, and the journal is still there,
 * so that this can be repeated; 0: there was none; -1 after a message: some could not
 * be undone.
 */
int transaction_undo(
    const struct machine *machine, transaction_find *find, struct restored *restored);
void restored_free(struct restored *restored);

/* Removes the journal of changes that are undone. 0, or -1 after a message. */
int transaction_forget(const struct machine *machine);

/* Whether a journal exists. */
bool transaction_is_left(const struct machine *machine);

/* For the user. */
#define TRANSACTION_INTERRUPTED                                                        \
	"an apply or remove was interrupted, and its changes will be undone at the "   \
	"next boot; run it again to complete it (journal " JOURNAL_FILE ")"

/* Whether a journal exists that no running instance is using. */
bool transaction_is_interrupted(const struct machine *machine);

/* Removes the staged files and frees all. */
void transaction_free(struct transaction *transaction);

/*
 * For tests: called before each step that changes the disk; when it returns true the
 * transaction stops there as if it had been killed (-1, nothing cleaned up).
 */
extern bool (*transaction_killed_here)(void);

#endif
