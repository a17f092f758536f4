#include "apply/transaction.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/journal.h"
#include "base/file.h"

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
		if (journal_stops_here() || make_directory_of(change->target) < 0)
			return -1;
		change->is_staged = true;
		if (file_write(change->staged, &change->content, change->mode,
			change->owner, change->group) < 0)
			return -1;
	}
	return 0;
}

/* Writes the journal: how every target is now. */
static int
save(const struct transaction *transaction)
{
	struct journal_entry entries[CHANGES_MAX];

	for (size_t i = 0; i < transaction->count; i++) {
		const struct change *change = &transaction->changes[i];

		entries[i] = (struct journal_entry){change->name,
		    change->existed ? &change->before : NULL, change->mode_before,
		    change->owner, change->group};
	}
	return journal_write(transaction->machine, entries, transaction->count);
}

static int
swap_all(struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->count; i++) {
		struct change *change = &transaction->changes[i];
		int result;

		if (journal_stops_here())
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

	if (save(transaction) < 0) {
		if (!journal_stops_here())
			journal_remove(transaction->machine);
		return -1;
	}
	if (swap_all(transaction) == 0)
		return 0;
	if (!journal_stops_here() &&
	    journal_undo(transaction->machine, find_any, &restored) > 0)
		journal_remove(transaction->machine);
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
	return journal_remove(transaction->machine);
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
