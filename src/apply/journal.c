#include "apply/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define OLD_CONTENTS   JOURNAL_FILE ".old.%zu"
#define JOURNAL_HEADER "cmonha-ui journal 1"

bool (*journal_killed_here)(void);

bool
journal_stops_here(void)
{
	return journal_killed_here && journal_killed_here();
}

static char *
old_content_path(const struct machine *machine, size_t number)
{
	char *name = format_string(OLD_CONTENTS, number);
	char *path = machine_path(machine, name);

	free(name);
	return path;
}

/*
 * The journal names each target, without the machine's root, and whether and how it
 * existed:
 *	"had MODE OWNER GROUP TARGET" or "new TARGET", in the order of journal.old.N
 */
int
journal_write(
    const struct machine *machine, const struct journal_entry *entries, size_t count)
{
	struct text journal = {0};
	char *path = machine_path(machine, JOURNAL_FILE);
	int result = 0;

	text_addf(&journal, JOURNAL_HEADER "\n");
	for (size_t i = 0; i < count && result == 0; i++) {
		const struct journal_entry *entry = &entries[i];
		char *old;

		if (!entry->content) {
			text_addf(&journal, "new %s\n", entry->target);
			continue;
		}
		text_addf(&journal, "had %o %u %u %s\n", (unsigned)entry->mode,
		    (unsigned)entry->owner, (unsigned)entry->group, entry->target);
		old = old_content_path(machine, i);
		if (journal_stops_here() ||
		    file_write(old, entry->content, 0600, 0, 0) < 0)
			result = -1;
		free(old);
	}
	if (result == 0)
		result = journal_stops_here() ? -1 : file_replace(path, &journal, 0600);
	text_free(&journal);
	free(path);
	return result;
}

/* They are only of use together with a journal. */
static void
remove_old_contents(const struct machine *machine)
{
	for (size_t i = 0; i < CHANGES_MAX; i++) {
		char *path = old_content_path(machine, i);

		if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
			log_warn("%s: cannot remove", path);
		free(path);
	}
}

int
journal_remove(const struct machine *machine)
{
	char *path = machine_path(machine, JOURNAL_FILE);
	int result = journal_stops_here() ? -1 : file_remove(path);

	/* Removed, though not flushed: a loss of power now may bring it back. */
	if (result < 0 && !journal_stops_here() && !file_exists(path))
		result = 0;
	free(path);
	if (result == 0)
		remove_old_contents(machine);
	return result;
}

/* The journal's files are never links: one may lead to a secret. As file_read(). */
static int
read_no_link(const char *path, struct text *content)
{
	struct stat status;

	if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	return file_read(path, FILE_LIMIT, content);
}

/* How a target was before the change. */
struct before {
	mode_t mode;
	uid_t owner;
	gid_t group;
};

/* A file that was not changed may be one that cannot be: immutable, or a mount point.
 */
static bool
is_unchanged(const char *path, const struct text *content, const struct before *before)
{
	struct text present = {0};
	struct stat status;
	bool same =
	    stat(path, &status) == 0 && (status.st_mode & 07777) == before->mode &&
	    (geteuid() != 0 ||
		(status.st_uid == before->owner && status.st_gid == before->group)) &&
	    file_read(path, FILE_LIMIT, &present) == 0 && text_equal(&present, content);

	text_free(&present);
	return same;
}

static int
restore_target(const struct machine *machine, size_t number, const char *path,
    const struct before *before)
{
	char *old = old_content_path(machine, number);
	char *staged = file_staged_name(path);
	struct text content = {0};
	int result = -1;

	if (machine_leads_out(machine, old))
		result = -1;
	else if (read_no_link(old, &content) < 0)
		log_warn("%s: cannot read, so %s is not restored", old, path);
	else if (is_unchanged(path, &content, before))
		result = file_remove(staged);
	else if (file_write(
		     staged, &content, before->mode, before->owner, before->group) == 0)
		result = file_rename(staged, path);
	text_free(&content);
	free(staged);
	free(old);
	return result;
}

static int
remove_target(const char *path)
{
	char *staged = file_staged_name(path);
	int result = file_remove(staged) < 0 ? -1 : file_remove(path);

	free(staged);
	return result;
}

/*
 * Undoes one line of the journal. An image's journal may come from anybody, so the
 * target must be one of cmonha-ui's, and no program becomes setuid.
 */
static int
undo_line(const struct machine *machine, journal_find *find, size_t number,
    const char *line, struct restored *restored)
{
	bool had = strncmp(line, "had ", 4) == 0;
	unsigned mode = 0, owner = 0, group = 0;
	char *target, *path, *real;
	int at = 0, result = -1;

	if (strncmp(line, "new ", 4) == 0)
		at = 4;
	else if (sscanf(line, "had %o %u %u %n", &mode, &owner, &group, &at) != 3)
		at = 0;
	if (!at || number >= CHANGES_MAX || mode > (*machine->root ? 0777 : 07777)) {
		log_warnx("%s%s: line %zu is malformed", machine->root, JOURNAL_FILE,
		    number + 2);
		return -1;
	}
	target = find(machine, line + at);
	if (!target) {
		log_warnx("%s%s: line %zu: %s is not a file of cmonha-ui",
		    machine->root, JOURNAL_FILE, number + 2, line + at);
		return -1;
	}
	path = machine_path(machine, target);
	real = realpath(path, NULL);
	if (!machine_leads_out(machine, path)) {
		struct before before = {mode, owner, group};

		result =
		    had ? restore_target(machine, number, real ? real : path, &before)
			: remove_target(real ? real : path);
	}
	free(real);
	free(path);
	restored->targets[restored->count++] = target;
	return result;
}

int
journal_undo(
    const struct machine *machine, journal_find *find, struct restored *restored)
{
	char *path = machine_path(machine, JOURNAL_FILE);
	struct text journal = {0};
	size_t number = 0;
	int result = 1;
	char *rest, *line;

	*restored = (struct restored){.count = 0};
	if (machine_leads_out(machine, path)) {
		result = -1;
		goto out;
	}
	if (read_no_link(path, &journal) < 0) {
		if (errno != ENOENT && errno != ENOTDIR) {
			log_warn("%s: cannot read", path);
			result = -1;
		} else {
			remove_old_contents(machine);
			result = 0;
		}
		goto out;
	}
	line = strtok_r(journal.data, "\n", &rest);
	if (!line || strcmp(line, JOURNAL_HEADER) != 0) {
		log_warnx("%s: is not a journal of cmonha-ui", path);
		result = -1;
		goto out;
	}
	while ((line = strtok_r(NULL, "\n", &rest)))
		if (undo_line(machine, find, number++, line, restored) < 0)
			result = -1;
out:
	text_free(&journal);
	free(path);
	return result;
}

void
restored_free(struct restored *restored)
{
	for (size_t i = 0; i < restored->count; i++)
		free(restored->targets[i]);
	restored->count = 0;
}

bool
journal_exists(const struct machine *machine)
{
	char *journal = machine_path(machine, JOURNAL_FILE);
	bool left = file_exists(journal);

	free(journal);
	return left;
}

bool
journal_is_interrupted(const struct machine *machine)
{
	char *lock = machine_path(machine, LOCK_FILE);
	bool interrupted = journal_exists(machine);
	int fd = -1;

	/* Whoever may not read the lock file reports what may be a running apply. */
	if (interrupted)
		fd = open(lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		/* It may have ended between the two. */
		interrupted = flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK;
		interrupted = interrupted && journal_exists(machine);
		close(fd);
	}
	free(lock);
	return interrupted;
}
