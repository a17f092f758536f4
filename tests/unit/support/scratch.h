/*
 * A directory for each test program, below $CMONHA_SCRATCH or build/scratch: emptied
 * before each test, removed when the program exits, whatever the tests' results.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, scratch_empty, NULL);
 */
#ifndef CMONHA_UNIT_SCRATCH_H
#define CMONHA_UNIT_SCRATCH_H

/* What almost every user of the directory needs with it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

extern char scratch[PATH_MAX]; /* absolute, without a slash at its end */

/*
 * A program that links this fixture does not wait for the disk: its fsync(2) only
 * counts its calls, and fails with EIO while `scratch_disk_fails`.
 */
extern int scratch_flushes;
extern bool scratch_disk_fails;

void scratch_create(void);
void scratch_remove(void);

/* Removes all that is in the directory; umask 022, and no flushes counted yet. */
void scratch_empty(void);

/* The path of `name` in the directory; valid until the eighth call after this one. */
const char *scratch_path(const char *name);

/* Writes a file, and makes the directories above it. */
void scratch_put_bytes(const char *name, const void *bytes, size_t length, mode_t mode);
void scratch_put(const char *name, const char *content, mode_t mode);

bool scratch_has(const char *name);

/* Its permission bits; the test fails if it does not exist. */
mode_t scratch_mode(const char *name);

/* The test fails unless the file has this content; NULL: unless it is absent. */
void scratch_expect(const char *name, const char *content);

/*
 * Everything below a directory, an entry each, sorted: kind, mode, owner, name and the
 * whole content. Two equal descriptions are two equal trees. Free it.
 */
char *scratch_describe(const char *directory);

/* The test fails unless the directory is as `before` describes it; frees `before`. */
void scratch_expect_tree(const char *directory, char *before);

#endif
