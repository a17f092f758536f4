#include "apply/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/services_line.h"
#include "base/file.h"

/* What an administrator had where our file goes, kept until `remove` puts it back. */
#define KEPT_DIRECTORY STATE_DIRECTORY "/before"

/* Whole directories of ours: nothing of others is ever in them. */
static bool
is_our_directory(const char *target)
{
	return strncmp(target, CONFIG_DIRECTORY "/", strlen(CONFIG_DIRECTORY) + 1) ==
		   0 ||
	       strncmp(target, STATE_DIRECTORY "/", strlen(STATE_DIRECTORY) + 1) == 0;
}

static char *
kept_name(const char *target)
{
	char *name = format_string(KEPT_DIRECTORY "/%s", target + 1);

	for (char *at = name + strlen(KEPT_DIRECTORY) + 1; *at; at++)
		if (*at == '/')
			*at = '%';
	return name;
}

/* Reads a file of the machine. 1: read, 0: not there, -1: after a message. */
static int
read_target(const struct machine *machine, const char *target, struct text *content,
    struct stat *status)
{
	char *path = machine_path(machine, target);
	int result = 1;

	if (file_read(path, FILE_LIMIT, content) < 0) {
		result = errno == ENOENT || errno == ENOTDIR ? 0 : -1;
		if (result < 0)
			log_warn("%s: cannot read", path);
	} else if (status && stat(path, status) < 0) {
		log_warn("%s: cannot look at it", path);
		result = -1;
	}
	free(path);
	return result;
}

/* The same content, mode and owner, at another place. As transaction_add(). */
static int
add_copy(struct transaction *transaction, const char *target,
    const struct text *content, const struct stat *status)
{
	int result =
	    transaction_add(transaction, target, content, status->st_mode & 07777);

	if (result > 0)
		transaction_own(transaction, status->st_uid, status->st_gid);
	return result;
}

/* Keeps what someone else has put where our file goes: the manual recipe's, say. */
static int
keep_foreign(struct transaction *transaction, const char *target)
{
	struct text content = {0};
	char *kept = kept_name(target);
	struct stat status;
	int result = read_target(transaction->machine, target, &content, &status);

	if (result > 0 && !strstr(text_string(&content), PLAN_MARK))
		result = add_copy(transaction, kept, &content, &status);
	text_free(&content);
	free(kept);
	return result < 0 ? -1 : 0;
}

/*
 * Takes our file away and, `for_good`, puts back what was there before it. While the
 * package is in use it stays away: the recipe's check would want the port of ours.
 */
static int
give_back(struct transaction *transaction, const char *target, bool for_good)
{
	struct text content = {0}, now = {0};
	char *kept = kept_name(target);
	struct stat status;
	int was_kept, result = -1;

	was_kept = read_target(transaction->machine, kept, &content, &status);
	if (was_kept < 0 || read_target(transaction->machine, target, &now, NULL) < 0)
		goto out;
	/* Not ours any more: someone has put his own there since. */
	if (!is_our_directory(target) && now.length && !strstr(now.data, PLAN_MARK)) {
		result = 0;
	} else if (was_kept && for_good) {
		result = add_copy(transaction, target, &content, &status);
		if (result >= 0)
			result = transaction_add(transaction, kept, NULL, 0);
	} else {
		result = transaction_add(transaction, target, NULL, 0);
	}
out:
	text_free(&content);
	text_free(&now);
	free(kept);
	return result;
}

static int
add_services_line(struct transaction *transaction, const char *entry)
{
	struct text before = {0}, after = {0};
	struct stat status;
	int result = read_target(transaction->machine, SERVICES_FILE, &before, &status);

	if (result > 0) {
		services_line_put(&before, entry, &after);
		result = transaction_add(
		    transaction, SERVICES_FILE, &after, status.st_mode & 07777);
	}
	text_free(&before);
	text_free(&after);
	return result;
}

int
changes_for_plan(struct transaction *transaction, const struct plan *plan,
    bool told[SERVICES], bool *units_changed)
{
	for (size_t i = 0; i < plan->file_count; i++) {
		const struct plan_file *file = &plan->files[i];
		int changed;

		if (file->wanted && !is_our_directory(file->target) &&
		    keep_foreign(transaction, file->target) < 0)
			return -1;
		changed = file->wanted ? transaction_add(transaction, file->target,
					     &file->content, file->mode)
				       : give_back(transaction, file->target, false);
		if (changed < 0)
			return -1;
		if (changed && file->service != SERVICES)
			told[file->service] = true;
		if (changed && strncmp(file->target, "/etc/systemd/", 13) == 0)
			*units_changed = true;
	}
	return add_services_line(transaction, plan->services_line) < 0 ? -1 : 0;
}

int
changes_for_removal(struct transaction *transaction)
{
	for (size_t i = 0; i < plan_target_count(); i++)
		if (give_back(transaction, plan_target(i), true) < 0)
			return -1;
	return add_services_line(transaction, "") < 0 ? -1 : 0;
}

void
changes_tell_kept(const struct transaction *transaction)
{
	for (size_t i = 0; i < plan_target_count(); i++) {
		char *kept = kept_name(plan_target(i));

		for (size_t j = 0; j < transaction->count; j++)
			if (transaction->changes[j].wanted &&
			    strcmp(transaction->changes[j].name, kept) == 0)
				log_info(
				    "%s was there already: kept as %s, \"cmonha-ui "
				    "remove\" puts it back",
				    plan_target(i), kept);
		free(kept);
	}
}

static void
sweep(const struct machine *machine, const char *target)
{
	char *path = machine_path(machine, target);
	char *staged = file_staged_name(path);

	if (unlink(staged) < 0 && errno != ENOENT && errno != ENOTDIR)
		log_warn("%s: cannot remove", staged);
	free(staged);
	free(path);
}

void
changes_sweep(const struct machine *machine)
{
	for (size_t i = 0; i < plan_target_count(); i++) {
		char *kept = kept_name(plan_target(i));

		sweep(machine, plan_target(i));
		sweep(machine, kept);
		free(kept);
	}
	sweep(machine, SERVICES_FILE);
}
