/*
 * The cluster file as `init` writes it: the given settings, and every other key as a
 * comment with its help and default.
 */
#ifndef CMONHA_CLUSTER_SKELETON_H
#define CMONHA_CLUSTER_SKELETON_H

#include "base/text.h"

#define SETTINGS_MAX 32

struct setting {
	const char *section;
	const char *key;
	const char *value; /* as it is written to the file */
};

struct skeleton {
	struct setting settings[SETTINGS_MAX];
	size_t count;
	const char *nodes; /* "NAME=ADDRESS, NAME=ADDRESS" */
};

/*
 * Appends the file. NULL, or a static reason: a setting names an unknown key, `nodes`
 * is not a list, or a value contains a line break. Values are checked when the file is
 * parsed.
 */
const char *skeleton_write(const struct skeleton *skeleton, struct text *file);

#endif
