#include "apply/transaction.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/value.h"

#define JOURNAL        STATE_DIRECTORY "/journal"
#define OLD_CONTENTS   STATE_DIRECTORY "/journal.old.%zu"
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
	free(change->target);
	free(change->staged);
	text_free(&change->content);
	text_free(&change->before);
	*change = (struct change){0};
}

/* An absolute link in an image of a machine points into the running one. */
static bool
is_outside_root(const struct machine *machine, const char *path)
{
	char *place = copy_string(path);
	char *root = realpath(machine->root, NULL);
	char *real = NULL;
	bool out = false;

	/* The path itself, or the nearest directory above it that exists. */
	while (root && !(real = realpath(place, NULL)) && strrchr(place, '/') > place)
		*strrchr(place, '/') = '\0';
	if (root && real) {
		size_t length = strlen(root);

		out = strncmp(real, root, length) != 0 ||
		      (real[length] && real[length] != '/');
	}
	if (out)
		log_warnx("%s: points to %s, outside of %s", path, real, machine->root);
	free(place);
	free(root);
	free(real);
	return out;
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
	if (*transaction->machine->root &&
	    is_outside_root(transaction->machine, path)) {
		free(path);
		errno = EXDEV;
		return -1;
	}
	real = realpath(path, NULL);
	/* A link stays a link: what it points to is replaced. */
	*change = (struct change){.target = real ? real : path, .mode = mode};
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
 * The journal names each target and whether and how it existed:
 *	"had MODE OWNER GROUP TARGET" or "new TARGET", in the order of journal.old.N
 */
static int
write_journal(struct transaction *transaction)
{
	struct text journal = {0};
	char *path = machine_path(transaction->machine, JOURNAL);
	int result = -1;

	text_addf(&journal, JOURNAL_HEADER "\n");
	for (size_t i = 0; i < transaction->count; i++) {
		struct change *change = &transaction->changes[i];
		char *old;

		if (!change->existed) {
			text_addf(&journal, "new %s\n", change->target);
			continue;
		}
		text_addf(&journal, "had %o %u %u %s\n", (unsigned)change->mode_before,
		    (unsigned)change->owner, (unsigned)change->group, change->target);
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

static int
remove_journal(const struct machine *machine)
{
	char *path = machine_path(machine, JOURNAL);
	int result = killed() ? -1 : file_remove(path);

	free(path);
	if (result == 0)
		remove_old_contents(machine);
	return result;
}

int
transaction_swap(struct transaction *transaction)
{
	if (write_journal(transaction) < 0) {
		if (!killed())
			remove_journal(transaction->machine);
		return -1;
	}
	if (swap_all(transaction) == 0)
		return 0;
	if (!killed())
		transaction_recover(transaction->machine);
	return -1;
}

int
transaction_finish(struct transaction *transaction)
{
	return remove_journal(transaction->machine);
}

static int
restore_target(const struct machine *machine, size_t number, const char *target,
    unsigned mode, unsigned owner, unsigned group)
{
	char *old = old_content_path(machine, number);
	char *staged = file_staged_name(target);
	struct text content = {0};
	int result = -1;

	if (file_read(old, FILE_LIMIT, &content) < 0)
		log_warn("%s: cannot read, so %s is not restored", old, target);
	else if (file_write(staged, &content, mode, owner, group) == 0)
		result = file_rename(staged, target);
	text_free(&content);
	free(staged);
	free(old);
	return result;
}

/* Undoes one line of the journal. */
static int
undo_line(const struct machine *machine, size_t number, const char *line)
{
	unsigned mode, owner, group;
	int at = 0;

	if (strncmp(line, "new ", 4) == 0) {
		char *staged = file_staged_name(line + 4);
		int result = file_remove(staged) < 0 ? -1 : file_remove(line + 4);

		free(staged);
		return result;
	}
	if (sscanf(line, "had %o %u %u %n", &mode, &owner, &group, &at) == 3 && at > 0)
		return restore_target(machine, number, line + at, mode, owner, group);
	log_warnx("%s%s: line %zu is malformed", machine->root, JOURNAL, number + 2);
	return -1;
}

int
transaction_recover(const struct machine *machine)
{
	char *path = machine_path(machine, JOURNAL);
	struct text journal = {0};
	size_t number = 0;
	int result = 0;
	char *rest, *line;

	if (file_read(path, FILE_LIMIT, &journal) < 0) {
		if (errno != ENOENT && errno != ENOTDIR) {
			log_warn("%s: cannot read", path);
			result = -1;
		} else {
			remove_old_contents(machine);
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
		if (undo_line(machine, number++, line) < 0)
			result = -1;
	if (result == 0)
		result = remove_journal(machine) < 0 ? -1 : 1;
out:
	text_free(&journal);
	free(path);
	return result;
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
