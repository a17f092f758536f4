#include "apply/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/services_line.h"
#include "base/file.h"

/* Where a file that was not created by cmonha-ui is saved until `remove` restores it.
 */
#define SAVED_DIRECTORY STATE_DIRECTORY "/before"

#define UNIT_DIRECTORY "/etc/systemd/system/"

static bool
is_below(const char *target, const char *directory)
{
	return strncmp(target, directory, strlen(directory)) == 0;
}

/* In these directories every file was created by cmonha-ui. */
static bool
is_in_own_directory(const char *target)
{
	return is_below(target, CONFIG_DIRECTORY "/") ||
	       is_below(target, STATE_DIRECTORY "/");
}

static char *
saved_name(const char *target)
{
	char *name = format_string(SAVED_DIRECTORY "/%s", target + 1);

	for (char *at = name + strlen(SAVED_DIRECTORY) + 1; *at; at++)
		if (*at == '/')
			*at = '%';
	return name;
}

/* Reads a file of the machine. 1: read, 0: does not exist, -1: after a message. */
static int
read_if_present(const struct machine *machine, const char *target, struct text *content,
    struct stat *status)
{
	char *path = machine_path(machine, target);
	int result = 1;

	if (machine_leads_out(machine, path))
		result = -1;
	else if (file_read(path, FILE_LIMIT, content) < 0) {
		result = errno == ENOENT || errno == ENOTDIR ? 0 : -1;
		if (result < 0)
			log_warn("%s: cannot read", path);
	} else if (status && stat(path, status) < 0) {
		log_warn("%s: cannot stat", path);
		result = -1;
	}
	free(path);
	return result;
}

/* The same content, mode and owner, at another path. As transaction_add(). */
static int
add_copy(struct transaction *transaction, const char *target,
    const struct text *content, const struct stat *status)
{
	int result =
	    transaction_add(transaction, target, content, status->st_mode & 07777);

	if (result > 0) {
		transaction_last(transaction)->owner = status->st_uid;
		transaction_last(transaction)->group = status->st_gid;
	}
	return result;
}

/* Saves a file that is in the place of a planned one: the manual setup's, say. */
static int
save_foreign(struct transaction *transaction, const char *target)
{
	struct text content = {0};
	char *saved = saved_name(target);
	struct stat status;
	int result = read_if_present(transaction->machine, target, &content, &status);

	if (result > 0 && !strstr(text_string(&content), PLAN_MARK)) {
		result = add_copy(transaction, saved, &content, &status);
		if (result > 0)
			transaction_last(transaction)->saves = target;
	}
	text_free(&content);
	free(saved);
	return result < 0 ? -1 : 0;
}

/*
 * Removes a file that is not wanted, unless someone else has replaced it meanwhile.
 * With `restore` the one that was saved takes its place. While the package is in use it
 * does not: the manual setup's check would want the same port. As transaction_add().
 */
static int
add_removal(struct transaction *transaction, const char *target, bool restore)
{
	struct text content = {0}, present = {0};
	char *saved = saved_name(target);
	struct stat status;
	int was_saved, result = -1;

	was_saved = read_if_present(transaction->machine, saved, &content, &status);
	if (was_saved < 0 ||
	    read_if_present(transaction->machine, target, &present, NULL) < 0)
		goto out;
	if (!is_in_own_directory(target) && present.length &&
	    !strstr(present.data, PLAN_MARK)) {
		result = 0;
	} else if (was_saved && restore) {
		result = add_copy(transaction, target, &content, &status);
		if (result >= 0)
			result = transaction_add(transaction, saved, NULL, 0);
	} else {
		result = transaction_add(transaction, target, NULL, 0);
	}
out:
	text_free(&content);
	text_free(&present);
	free(saved);
	return result;
}

int
changes_for_services_line(struct transaction *transaction, const char *entry)
{
	struct text before = {0}, after = {0};
	struct stat status;
	int result =
	    read_if_present(transaction->machine, SERVICES_FILE, &before, &status);

	if (result > 0) {
		services_line_put(&before, entry, &after);
		result = transaction_add(
		    transaction, SERVICES_FILE, &after, status.st_mode & 07777);
	}
	text_free(&before);
	text_free(&after);
	return result < 0 ? -1 : 0;
}

int
changes_for_plan(struct transaction *transaction, const struct plan *plan)
{
	for (size_t i = 0; i < plan->file_count; i++) {
		const struct plan_file *file = &plan->files[i];
		int added;

		if (file->wanted && !is_in_own_directory(file->target) &&
		    save_foreign(transaction, file->target) < 0)
			return -1;
		if (file->wanted)
			added = transaction_add(
			    transaction, file->target, &file->content, file->mode);
		else if (file->kept)
			added = 0;
		else
			added = add_removal(transaction, file->target, false);
		if (added < 0)
			return -1;
		if (added)
			transaction_last(transaction)->file = file;
	}
	return 0;
}

int
changes_for_removal_of(struct transaction *transaction, size_t number)
{
	return add_removal(transaction, plan_target(number), true) < 0 ? -1 : 0;
}

int
changes_for_removal(struct transaction *transaction)
{
	for (size_t i = 0; i < plan_target_count(); i++)
		if (changes_for_removal_of(transaction, i) < 0)
			return -1;
	return 0;
}

bool
changes_is_unit(const char *target)
{
	return is_below(target, UNIT_DIRECTORY);
}

/* Whether `path` is the target, or ends in it after the root of a machine, or is the
 * file to which it is a link. */
static bool
is_path_of(const struct machine *machine, const char *target, const char *path)
{
	size_t length = strlen(target), path_length = strlen(path);
	char *place, *real;
	bool same;

	if (path_length >= length && strcmp(path + path_length - length, target) == 0)
		return true;
	place = machine_path(machine, target);
	real = realpath(place, NULL);
	same = real && strcmp(real, path) == 0;
	free(real);
	free(place);
	return same;
}

char *
changes_find_target(const struct machine *machine, const char *path)
{
	for (size_t i = 0; i < plan_target_count(); i++) {
		char *saved = saved_name(plan_target(i));

		if (is_path_of(machine, saved, path))
			return saved;
		free(saved);
		if (is_path_of(machine, plan_target(i), path))
			return copy_string(plan_target(i));
	}
	if (is_path_of(machine, SERVICES_FILE, path))
		return copy_string(SERVICES_FILE);
	return NULL;
}

bool
changes_units(const struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->count; i++) {
		const struct plan_file *file = transaction->changes[i].file;

		if (file && changes_is_unit(file->target))
			return true;
	}
	return false;
}

void
changes_report_saved(const struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->count; i++) {
		const char *target = transaction->changes[i].saves;
		char *saved;

		if (!target)
			continue;
		saved = saved_name(target);
		log_info("%s was not created by cmonha-ui: saved as %s, \"cmonha-ui "
			 "remove\" restores it",
		    target, saved);
		free(saved);
	}
}

static void
remove_staged(const struct machine *machine, const char *target)
{
	char *path = machine_path(machine, target);
	char *staged = file_staged_name(path);

	if (!machine_leads_out(machine, path) && unlink(staged) < 0 &&
	    errno != ENOENT && errno != ENOTDIR)
		log_warn("%s: cannot remove", staged);
	free(staged);
	free(path);
}

void
changes_remove_staged(const struct machine *machine)
{
	for (size_t i = 0; i < plan_target_count(); i++) {
		char *saved = saved_name(plan_target(i));

		remove_staged(machine, plan_target(i));
		remove_staged(machine, saved);
		free(saved);
	}
	remove_staged(machine, SERVICES_FILE);
}
