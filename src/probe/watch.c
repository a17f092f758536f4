#include "probe/watch.h"

#include <stdio.h>
#include <unistd.h>

void
watch_begin(struct watch *watch, const char *path)
{
	snprintf(watch->path, sizeof(watch->path), "%s", path);
	watch->exists = stat(watch->path, &watch->status) == 0;
}

void
watch_begin_self(struct watch *watch)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[length < 0 ? 0 : length] = '\0';
	watch_begin(watch, path);
}

bool
watch_has_changed(const struct watch *watch)
{
	struct stat now;

	if (stat(watch->path, &now) != 0)
		return watch->exists;
	return !watch->exists || now.st_dev != watch->status.st_dev ||
	       now.st_ino != watch->status.st_ino ||
	       now.st_size != watch->status.st_size ||
	       now.st_mtim.tv_sec != watch->status.st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != watch->status.st_mtim.tv_nsec;
}
