/*
 * The cluster file as `init` writes it: what was given, and every other key as a
 * comment with its default, so that the file explains itself.
 */
#ifndef CMONHA_CLUSTER_SKELETON_H
#define CMONHA_CLUSTER_SKELETON_H

#include "base/text.h"

#define SETTINGS_MAX 32

struct setting {
	const char *section;
	const char *key;
	const char *value; /* as it is to stand in the file */
};

struct skeleton {
	struct setting settings[SETTINGS_MAX];
	size_t count;
	const char *nodes; /* "NAME=ADDRESS, NAME=ADDRESS" */
};

/*
 * Appends the file. NULL, or a static reason why a setting names no key or `nodes` is
 * no such list, or one of them has lines of its own; whether the values are right is
 * the reader's to say.
 */
const char *skeleton_write(const struct skeleton *skeleton, struct text *file);

#endif
