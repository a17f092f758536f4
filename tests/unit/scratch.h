/*
 * A directory of its own for each test, below $CMONHA_SCRATCH or build/scratch: empty
 * when the test begins, gone when the program ends, however the tests end.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, scratch_empty, NULL);
 */
#ifndef CMONHA_UNIT_SCRATCH_H
#define CMONHA_UNIT_SCRATCH_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

static char scratch[PATH_MAX]; /* absolute, without a slash at its end */

/*
 * In place of libc's: a program that dies leaves what it wrote, so these tests need not
 * wait for the disk. That it is asked for, and that its failure counts, they can see.
 */
static int scratch_flushes;
static bool scratch_disk_fails;

int
fsync(int fd)
{
	scratch_flushes++;
	if (fcntl(fd, F_GETFD) >= 0 && !scratch_disk_fails)
		return 0;
	errno = EIO;
	return -1;
}

static inline int
scratch_remove_one(
    const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	return at->level == 0 ? 0 : remove(path);
}

static inline void
scratch_create(void)
{
	const char *base = getenv("CMONHA_SCRATCH");
	char name[PATH_MAX];

	if (!base || !*base)
		base = "build/scratch";
	snprintf(name, sizeof(name), "%s/unit.XXXXXX", base);
	if (file_make_directories(base) < 0 || !mkdtemp(name) ||
	    !realpath(name, scratch)) {
		perror(name);
		exit(1);
	}
}

static inline void
scratch_empty(void)
{
	umask(022);
	scratch_flushes = 0;
	ck_assert_msg(*scratch, "no scratch directory");
	ck_assert_int_eq(
	    nftw(scratch, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void
scratch_remove(void)
{
	nftw(scratch, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	rmdir(scratch);
}

/* Its path; valid until the eighth call after this one. */
static inline const char *
scratch_path(const char *name)
{
	static char paths[8][2 * PATH_MAX];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(
	    path, sizeof(paths[0]), "%s%s%s", scratch, *name == '/' ? "" : "/", name);
	return path;
}

static inline void
scratch_put_bytes(const char *name, const void *bytes, size_t length, mode_t mode)
{
	char *path = copy_string(scratch_path(name));
	char *slash = strrchr(path, '/');
	int fd;

	*slash = '\0';
	ck_assert_int_eq(file_make_directories(path), 0);
	*slash = '/';
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_msg(fd >= 0, "%s", path);
	ck_assert_int_eq(write(fd, bytes, length), length);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
	free(path);
}

static inline void
scratch_put(const char *name, const char *content, mode_t mode)
{
	scratch_put_bytes(name, content, strlen(content), mode);
}

static inline bool
scratch_has(const char *name)
{
	struct stat status;

	return lstat(scratch_path(name), &status) == 0;
}

static inline mode_t
scratch_mode(const char *name)
{
	struct stat status;

	ck_assert_msg(lstat(scratch_path(name), &status) == 0, "%s is not there", name);
	return status.st_mode & 07777;
}

/* The file has exactly this content; content NULL: it is not there. */
static inline void
scratch_expect(const char *name, const char *content)
{
	struct text found = {0};

	if (!content) {
		ck_assert_msg(!scratch_has(name), "%s is there", name);
		return;
	}
	ck_assert_msg(file_read(scratch_path(name), FILE_LIMIT, &found) == 0,
	    "%s cannot be read", name);
	ck_assert_str_eq(text_string(&found), content);
	ck_assert_uint_eq(found.length, strlen(content));
	text_free(&found);
}

/*
 * Everything below a directory, an entry each, sorted: kind, mode, owner, name and the
 * whole content. Two equal descriptions are two equal trees. Free it.
 */
static char *scratch_entries[256];
static size_t scratch_entry_count, scratch_entry_skip;

static inline int
scratch_describe_one(
    const char *path, const struct stat *status, int kind, struct FTW *at)
{
	struct text entry = {0};
	char target[PATH_MAX] = "";

	if (at->level == 0)
		return 0;
	ck_assert_uint_lt(scratch_entry_count, 256);
	text_addf(&entry, "%s %o %u:%u ", path + scratch_entry_skip,
	    (unsigned)status->st_mode, status->st_uid, status->st_gid);
	if (kind == FTW_SL) {
		ck_assert_int_ge(readlink(path, target, sizeof(target) - 1), 0);
		text_addf(&entry, "-> %s", target);
	} else if (S_ISREG(status->st_mode)) {
		ck_assert_int_eq(file_read(path, FILE_LIMIT, &entry), 0);
	}
	scratch_entries[scratch_entry_count++] = entry.data;
	return 0;
}

static inline int
scratch_compare_entries(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline char *
scratch_describe(const char *directory)
{
	const char *path = scratch_path(directory);
	struct text all = {0};

	scratch_entry_count = 0;
	scratch_entry_skip = strlen(path);
	nftw(path, scratch_describe_one, 16, FTW_PHYS);
	qsort(scratch_entries, scratch_entry_count, sizeof(char *),
	    scratch_compare_entries);
	for (size_t i = 0; i < scratch_entry_count; i++) {
		text_addf(&all, "%s\n", scratch_entries[i]);
		free(scratch_entries[i]);
	}
	return all.data ? all.data : copy_string("");
}

/* The directory is as it was when `before` was its description, which is freed. */
static inline void
scratch_expect_tree(const char *directory, char *before)
{
	char *after = scratch_describe(directory);

	ck_assert_str_eq(after, before);
	free(before);
	free(after);
}

#endif
