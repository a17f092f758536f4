/*
 * Whether a file is still the one that was read. By identity and time, not by content:
 * cheap enough to be asked all the time.
 */
#ifndef CMONHA_PROBE_WATCH_H
#define CMONHA_PROBE_WATCH_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct watch {
	char path[PATH_MAX];
	bool exists;
	struct stat status;
};

/* Call before the file is read, so that a change meanwhile is seen. */
void watch_begin(struct watch *watch, const char *path);
/* The program that runs now. */
void watch_begin_self(struct watch *watch);

bool watch_has_changed(const struct watch *watch);

#endif
