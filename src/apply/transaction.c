#include "apply/transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/value.h"

#define OLD_CONTENTS   JOURNAL_FILE ".old.%zu"
#define JOURNAL_HEADER "cmonha-ui journal 1"

bool (*transaction_killed_here)(void);

static bool
killed(void)
{
	return transaction_killed_here && transaction_killed_here();
}

static char *
old_content_path(const struct machine *machine, size_t number)
{
	char *name = format_string(OLD_CONTENTS, number);
	char *path = machine_path(machine, name);

	free(name);
	return path;
}

/* Reads the present target. 0, or -1 after a message. */
static int
read_present(struct change *change)
{
	struct stat status;

	if (stat(change->target, &status) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		log_warn("%s: cannot stat", change->target);
		return -1;
	}
	if (file_read(change->target, FILE_LIMIT, &change->before) < 0) {
		log_warn("%s: cannot read", change->target);
		return -1;
	}
	change->existed = true;
	change->mode_before = status.st_mode & 07777;
	change->owner = status.st_uid;
	change->group = status.st_gid;
	return 0;
}

static void
clear_change(struct change *change)
{
	free(change->name);
	free(change->target);
	free(change->staged);
	text_free(&change->content);
	text_free(&change->before);
	*change = (struct change){0};
}

/* True after a message. A rename would replace the link, which is not ours. */
static bool
is_link_to_nothing(const char *path)
{
	struct stat status;
	bool is = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);

	if (is)
		log_warnx("%s: is a link to a file that does not exist; create that "
			  "file, or remove the link",
		    path);
	return is;
}

int
transaction_add(struct transaction *transaction, const char *target,
    const struct text *content, mode_t mode)
{
	struct change *change = &transaction->changes[transaction->count];
	char *path = machine_path(transaction->machine, target);
	char *real;
	bool same;

	if (transaction->count == CHANGES_MAX) {
		log_warnx("more than %d files in one change", CHANGES_MAX);
		free(path);
		errno = E2BIG;
		return -1;
	}
	if (machine_leads_out(transaction->machine, path)) {
		free(path);
		errno = EXDEV;
		return -1;
	}
	real = realpath(path, NULL);
	if (!real && content && is_link_to_nothing(path)) {
		free(path);
		errno = ENOENT;
		return -1;
	}
	/* A link stays a link: what it points to is replaced. */
	*change = (struct change){
	    .name = copy_string(target), .target = real ? real : path, .mode = mode};
	if (real)
		free(path);
	if (read_present(change) < 0) {
		clear_change(change);
		return -1;
	}
	if (content)
		same = change->existed && text_equal(&change->before, content) &&
		       change->mode_before == mode;
	else
		same = !change->existed;
	change->staged = file_staged_name(change->target);
	if (same) {
		clear_change(change);
		return 0;
	}
	change->wanted = content != NULL;
	if (content)
		text_add_bytes(&change->content, text_string(content), content->length);
	transaction->count++;
	return 1;
}

struct change *
transaction_last(struct transaction *transaction)
{
	return &transaction->changes[transaction->count - 1];
}

bool
transaction_changes(const struct transaction *transaction, enum service service)
{
	for (size_t i = 0; i < transaction->count; i++) {
		const struct plan_file *file = transaction->changes[i].file;

		if (file && file->service == service)
			return true;
	}
	return false;
}

static int
make_directory_of(const char *target)
{
	char *directory = copy_string(target);
	int result;

	*strrchr(directory, '/') = '\0';
	result = file_make_directories(directory);
	free(directory);
	return result;
}

int
transaction_stage(struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->count; i++) {
		struct change *change = &transaction->changes[i];

		if (!change->wanted)
			continue;
		if (killed() || make_directory_of(change->target) < 0)
			return -1;
		change->is_staged = true;
		if (file_write(change->staged, &change->content, change->mode,
			change->owner, change->group) < 0)
			return -1;
	}
	return 0;
}

/*
 * The journal names each target, without the machine's root, and whether and how it
 * existed:
 *	"had MODE OWNER GROUP TARGET" or "new TARGET", in the order of journal.old.N
 */
static int
write_journal(struct transaction *transaction)
{
	struct text journal = {0};
	char *path = machine_path(transaction->machine, JOURNAL_FILE);
	int result = -1;

	text_addf(&journal, JOURNAL_HEADER "\n");
	for (size_t i = 0; i < transaction->count; i++) {
		struct change *change = &transaction->changes[i];
		char *old;

		if (!change->existed) {
			text_addf(&journal, "new %s\n", change->name);
			continue;
		}
		text_addf(&journal, "had %o %u %u %s\n", (unsigned)change->mode_before,
		    (unsigned)change->owner, (unsigned)change->group, change->name);
		old = old_content_path(transaction->machine, i);
		if (killed() || file_write(old, &change->before, 0600, 0, 0) < 0) {
			free(old);
			goto out;
		}
		free(old);
	}
	if (!killed())
		result = file_replace(path, &journal, 0600);
out:
	text_free(&journal);
	free(path);
	return result;
}

static int
swap_all(struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->count; i++) {
		struct change *change = &transaction->changes[i];
		int result;

		if (killed())
			return -1;
		if (change->wanted)
			result = file_rename(change->staged, change->target);
		else
			result = file_remove(change->target);
		if (result < 0)
			return -1;
	}
	return 0;
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

/* 0, or -1 after a message: the journal is still there. */
static int
remove_journal(const struct machine *machine)
{
	char *path = machine_path(machine, JOURNAL_FILE);
	int result = killed() ? -1 : file_remove(path);

	/* Removed, though not flushed: a loss of power now may bring it back. */
	if (result < 0 && !killed() && !file_exists(path))
		result = 0;
	free(path);
	if (result == 0)
		remove_old_contents(machine);
	return result;
}

/* For a journal that this process has just written. */
static char *
find_any(const struct machine *machine, const char *path)
{
	(void)machine;
	return copy_string(path);
}

int
transaction_swap(struct transaction *transaction)
{
	struct restored restored = {.count = 0};

	if (write_journal(transaction) < 0) {
		if (!killed())
			remove_journal(transaction->machine);
		return -1;
	}
	if (swap_all(transaction) == 0)
		return 0;
	if (!killed() &&
	    transaction_undo(transaction->machine, find_any, &restored) > 0)
		remove_journal(transaction->machine);
	restored_free(&restored);
	return -1;
}

int
transaction_replace(struct transaction *transaction)
{
	return transaction_stage(transaction) < 0 ? -1 : swap_all(transaction);
}

int
transaction_finish(struct transaction *transaction)
{
	return remove_journal(transaction->machine);
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
undo_line(const struct machine *machine, transaction_find *find, size_t number,
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
transaction_undo(
    const struct machine *machine, transaction_find *find, struct restored *restored)
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

int
transaction_forget(const struct machine *machine)
{
	return remove_journal(machine);
}

bool
transaction_is_left(const struct machine *machine)
{
	char *journal = machine_path(machine, JOURNAL_FILE);
	bool left = file_exists(journal);

	free(journal);
	return left;
}

bool
transaction_is_interrupted(const struct machine *machine)
{
	char *lock = machine_path(machine, LOCK_FILE);
	bool interrupted = transaction_is_left(machine);
	int fd = -1;

	/* Whoever may not read the lock file reports what may be a running apply. */
	if (interrupted)
		fd = open(lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		/* It may have ended between the two. */
		interrupted = flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK;
		interrupted = interrupted && transaction_is_left(machine);
		close(fd);
	}
	free(lock);
	return interrupted;
}

void
transaction_free(struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->count; i++) {
		struct change *change = &transaction->changes[i];

		if (change->is_staged && unlink(change->staged) < 0 && errno != ENOENT)
			log_warn("%s: cannot remove", change->staged);
		clear_change(change);
	}
	transaction->count = 0;
}
