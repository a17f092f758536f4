#include "apply/xinetd.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/service.h"
#include "apply/xinetd_conf.h"
#include "base/file.h"

#define UNITS       "/etc/systemd/system"
#define XINETD_CONF "/etc/xinetd.conf"

/* As xinetd_is_installed(), for a failed call about the path. */
static int
judge_error(const char *path)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	log_warnx("%s: cannot read: %s; to serve the check without xinetd, set server "
		  "= systemd in [check]",
	    path, strerror(errno));
	return -1;
}

int
xinetd_is_installed(const struct machine *machine)
{
	char *path = machine_path(machine, "/usr/sbin/xinetd");
	struct stat status;
	int installed;

	if (stat(path, &status) < 0)
		installed = judge_error(path);
	else
		installed = (status.st_mode & 0111) != 0;
	free(path);
	return installed;
}

/* Whether the name in the directory is a link, to `to` if that is not NULL. */
static int
is_link(const struct machine *machine, const char *directory, const char *name,
    const char *to)
{
	char *parent = machine_path(machine, directory);
	char *path = format_string("%s/%s", parent, name);
	char found[16];
	ssize_t length = -1;
	int result = 0;

	/* The link itself may lead out of an image: systemd's are absolute. */
	if (!machine_leads_out(machine, parent)) {
		length = readlink(path, found, sizeof(found));
		if (length < 0 && errno != EINVAL)
			result = judge_error(path);
	}
	if (length >= 0)
		result = !to || ((size_t)length == strlen(to) &&
				    memcmp(found, to, strlen(to)) == 0);
	free(path);
	free(parent);
	return result;
}

/* Whether the init scripts of this run level start it: S, two digits, its name. */
static int
starts_in(const struct machine *machine, int level)
{
	char *target = format_string("/etc/rc%d.d", level);
	char *path = machine_path(machine, target);
	bool out = machine_leads_out(machine, path);
	DIR *stream = out ? NULL : opendir(path);
	struct dirent *entry;
	int found = 0;

	if (!out && !stream)
		found = judge_error(path);
	while (!found && stream && (entry = readdir(stream)))
		found = entry->d_name[0] == 'S' &&
			isdigit((unsigned char)entry->d_name[1]) &&
			isdigit((unsigned char)entry->d_name[2]) &&
			strcmp(entry->d_name + 3, "xinetd") == 0;
	if (stream)
		closedir(stream);
	free(path);
	free(target);
	return found;
}

int
xinetd_is_enabled(const struct machine *machine)
{
	int masked = is_link(machine, UNITS, "xinetd.service", "/dev/null");
	int enabled =
	    is_link(machine, UNITS "/multi-user.target.wants", "xinetd.service", NULL);

	if (masked != 0)
		return masked > 0 ? 0 : -1;
	for (int level = 2; level <= 5 && enabled == 0; level++)
		enabled = starts_in(machine, level);
	return enabled;
}

/*
 * Adds what in the file at `path` keeps xinetd from serving the check. Returns why it
 * cannot be read, a static string or strerror's, or NULL. Without it xinetd exits at
 * its start, serves nothing (a directory) or hangs (a FIFO).
 */
static const char *
check_conf(const struct machine *machine, const char *path, struct problems *found)
{
	struct text content = {0};
	const char *reason = NULL;

	if (machine_leads_out(machine, path))
		reason = "a link to nothing in the image, or out of it";
	else if (file_read(path, FILE_LIMIT, &content) == 0)
		xinetd_conf_check(&content, found);
	else
		reason = errno == EISDIR ? "not a regular file" : strerror(errno);
	text_free(&content);
	return reason;
}

void
xinetd_check_defaults(const struct machine *machine, struct problems *problems)
{
	char *path = machine_path(machine, XINETD_CONF);
	struct problems own = {.file = path};
	const char *reason = check_conf(machine, path, &own);

	if (reason)
		problem_error(&own, (struct place){0},
		    "cannot read: %s, so xinetd does not serve the check: correct it, "
		    "or set server = systemd in [check]",
		    reason);
	problems_append(problems, &own);
	free(path);
}

/* Whether its file can be read and lets it serve the check. */
static bool
lets_serve(const struct machine *machine, struct problems *problems)
{
	char *path = machine_path(machine, XINETD_CONF);
	struct problems found = {.file = path}, own = {.file = path};
	const char *reason = check_conf(machine, path, &found);
	bool lets = !reason && found.errors == 0;

	if (reason)
		problem_warning(&own, (struct place){0},
		    "cannot read: %s, so systemd's socket serves the check and not "
		    "xinetd: correct it, or set server = systemd in [check]",
		    reason);
	problems_append(problems, &own);
	problems_free(&found);
	free(path);
	return lets;
}

int
xinetd_is_usable(const struct machine *machine, struct problems *problems)
{
	int usable = xinetd_is_installed(machine);

	if (usable > 0)
		usable = xinetd_is_enabled(machine);
	if (usable > 0)
		usable = lets_serve(machine, problems);
	return usable;
}

/* Remembered first: if it was interrupted then, xinetd is disabled, as it was. */
int
xinetd_enable(const struct machine *machine)
{
	char *path = machine_path(machine, XINETD_ENABLED_FILE);
	struct text empty = {0};
	int enabled = xinetd_is_enabled(machine);
	int result = enabled < 0 ? -1 : 0;

	if (enabled != 0)
		goto out;
	result = file_replace(path, &empty, 0644);
	if (result == 0)
		result = service_set_enabled(SERVICE_XINETD, true);
	if (result == 0)
		log_info("xinetd.service was not enabled: it is now, so that the check "
			 "is served after a boot; \"cmonha-ui remove\" disables it");
out:
	free(path);
	return result;
}

int
xinetd_restore(const struct machine *machine)
{
	char *path = machine_path(machine, XINETD_ENABLED_FILE);
	int result = 0;

	if (!file_exists(path))
		goto out;
	/* In an image systemctl would run the image's programs for an init script. */
	if ((machine->services || !*machine->root) && xinetd_is_installed(machine) != 0)
		result = service_set_enabled(SERVICE_XINETD, false);
	if (result == 0)
		result = file_remove(path);
out:
	free(path);
	return result;
}
