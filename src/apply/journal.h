/*
 * How the targets of a transaction were before it, on the disk. A journal that exists
 * at the start belongs to a run that was interrupted; recovery.h undoes it. The caller
 * holds the machine's lock, unless it says otherwise.
 */
#ifndef CMONHA_APPLY_JOURNAL_H
#define CMONHA_APPLY_JOURNAL_H

#include "apply/machine.h"
#include "base/text.h"

#define CHANGES_MAX  32
#define JOURNAL_FILE STATE_DIRECTORY "/journal"

struct journal_entry {
	const char *target;         /* without the machine's root */
	const struct text *content; /* NULL: it does not exist */
	mode_t mode;
	uid_t owner;
	gid_t group;
};

/*
 * Saves the contents, then writes the journal, so that it is either complete or not
 * there. 0, or -1 after a message. At most CHANGES_MAX entries.
 */
int journal_write(
    const struct machine *machine, const struct journal_entry *entries, size_t count);

/*
 * The target of cmonha-ui that a path in a journal means, allocated; or NULL. Version
 * 0.1.0 wrote paths with the machine's root before them, and links resolved.
 */
typedef char *journal_find(const struct machine *machine, const char *path);

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
int journal_undo(
    const struct machine *machine, journal_find *find, struct restored *restored);
void restored_free(struct restored *restored);

/* Makes the change, or the undoing, final. 0, or -1 after a message: it is still there.
 */
int journal_remove(const struct machine *machine);

bool journal_exists(const struct machine *machine);

/* For the user. */
#define JOURNAL_INTERRUPTED                                                            \
	"an apply or remove was interrupted, and its changes will be undone at the "   \
	"next boot; run it again to complete it (journal " JOURNAL_FILE ")"

/* Whether one exists that no running instance is using. Needs no lock. */
bool journal_is_interrupted(const struct machine *machine);

/*
 * For tests: called before each step that changes the disk; when it returns true the
 * transaction stops there as if it had been killed (-1, nothing cleaned up).
 */
extern bool (*journal_killed_here)(void);

/* Its answer; false without it. */
bool journal_stops_here(void);

#endif
