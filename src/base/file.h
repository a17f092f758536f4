/*
 * Whole files: read with a limit, replaced without a moment in which they are half
 * written. A new content is first staged (written beside its target, with its final
 * mode and owner, and flushed to the disk) and then put in place by rename.
 */
#ifndef CMONHA_BASE_FILE_H
#define CMONHA_BASE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"

/* No file of ours, and none that we read, is larger. */
#define FILE_LIMIT (1024 * 1024)

/*
 * Appends the file to `content`. 0, or -1 with errno and no message: a missing file is
 * often no error. EFBIG: larger than `limit` bytes; EISDIR: not a regular file.
 */
int file_read(const char *path, size_t limit, struct text *content);

/* Whether the two texts are the same bytes. */
bool text_equal(const struct text *a, const struct text *b);

/*
 * Name of the staged file of a target: "DIR/.NAME.cmonha-new". Hidden, and with a dot
 * in it, so that neither xinetd nor systemd nor run-parts takes it for one of theirs.
 * Allocated; the caller frees it.
 */
char *file_staged_name(const char *target);

/*
 * Writes `content` to `path`, which is created or replaced (never followed if it is a
 * link), owned by uid and gid, flushed to the disk. Missing directories are not made.
 * 0, or -1 after a message; then nothing is left at `path`.
 */
int file_write(const char *path, const struct text *content, mode_t mode, uid_t owner,
    gid_t group);

/* rename(2) and a flush of the directory. 0, or -1 after a message. */
int file_rename(const char *from, const char *to);

/* unlink(2) and a flush of the directory; a missing file is fine. */
int file_remove(const char *path);

/* Stages and moves in one go, for a single file. 0, or -1 after a message. */
int file_replace(const char *path, const struct text *content, mode_t mode);

/* Makes the directory, and those above it, root's and mode 0755. */
int file_make_directories(const char *path);

#endif
