#include "apply/machine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define RETRY_LOCK_MS 50

struct machine
machine_at(const char *root)
{
	struct machine machine = {.root = root && strcmp(root, "/") != 0 ? root : ""};

	machine.validate = !*machine.root;
	machine.services = !*machine.root && file_exists("/run/systemd/system");
	return machine;
}

char *
machine_path(const struct machine *machine, const char *target)
{
	return format_string("%s%s", machine->root, target);
}

int
machine_read_applied(const struct machine *machine, struct cluster *applied)
{
	char *path = machine_path(machine, CLUSTER_FILE_APPLIED);
	struct problems ignored = {0};
	int result = cluster_read(path, applied, &ignored);

	problems_free(&ignored);
	free(path);
	return result;
}

static bool
is_below(const char *path, const char *root)
{
	size_t length = strlen(root);

	return strncmp(path, root, length) == 0 &&
	       (!path[length] || path[length] == '/');
}

bool
machine_leads_out(const struct machine *machine, const char *path)
{
	char *place = copy_string(path);
	char *root = *machine->root ? realpath(machine->root, NULL) : NULL;
	char *real = NULL;
	struct stat status;
	bool out = false;

	/* The path itself, or the nearest directory above it that exists. */
	while (root && !(real = realpath(place, NULL)) && strrchr(place, '/') > place) {
		if (lstat(place, &status) == 0 && S_ISLNK(status.st_mode))
			break;
		*strrchr(place, '/') = '\0';
	}
	if (root && real && !is_below(real, root)) {
		log_warnx("%s: points to %s, outside of %s", path, real, machine->root);
		out = true;
	} else if (root && !real) {
		log_warnx("%s: is a link to nothing in %s", place, machine->root);
		out = true;
	}
	free(place);
	free(root);
	free(real);
	if (out)
		errno = EXDEV;
	return out;
}

static bool
directory_has_links_out(const struct machine *machine, const char *name)
{
	char *directory = machine_path(machine, name);
	bool out = machine_leads_out(machine, directory);
	DIR *stream = out ? NULL : opendir(directory);
	struct dirent *entry;

	while (!out && stream && (entry = readdir(stream))) {
		char *path = format_string("%s/%s", directory, entry->d_name);

		out = strcmp(entry->d_name, "..") != 0 &&
		      machine_leads_out(machine, path);
		free(path);
	}
	if (stream)
		closedir(stream);
	free(directory);
	return out;
}

bool
machine_has_links_out(const struct machine *machine)
{
	static const char *const directories[] = {CONFIG_DIRECTORY,
	    CONFIG_DIRECTORY "/templates", CMONHA_DATADIR, CMONHA_DATADIR "/templates",
	    STATE_DIRECTORY, STATE_DIRECTORY "/before"};
	bool out = false;

	for (size_t i = 0;
	     *machine->root && !out && i < sizeof(directories) / sizeof(directories[0]);
	     i++)
		out = directory_has_links_out(machine, directories[i]);
	return out;
}

int
machine_lock(const struct machine *machine, int milliseconds)
{
	clock_ms_t deadline = clock_now() + milliseconds;
	char *directory = machine_path(machine, STATE_DIRECTORY);
	char *path = machine_path(machine, LOCK_FILE);
	int fd = -1;
	int kept_errno;

	if (!machine_leads_out(machine, directory) &&
	    file_make_directories(directory) == 0) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			log_warn("%s: cannot open", path);
	}
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		kept_errno = errno;
		if (kept_errno != EINTR &&
		    (kept_errno != EWOULDBLOCK || clock_left(deadline) == 0)) {
			if (kept_errno != EWOULDBLOCK)
				log_warn("%s: cannot lock", path);
			close(fd);
			fd = -1;
			errno = kept_errno;
		} else {
			poll(NULL, 0, RETRY_LOCK_MS);
		}
	}
	kept_errno = errno;
	free(path);
	free(directory);
	errno = kept_errno;
	return fd;
}

void
machine_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}
