/*
 * Whole files, read with a limit and replaced atomically: the new content is staged (a
 * file in the directory of the target, with its final mode and owner, flushed to disk)
 * and then renamed to the target.
 */
#ifndef CMONHA_BASE_FILE_H
#define CMONHA_BASE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/text.h"

/* Bytes: the limit of every file that is read or rendered. */
#define FILE_LIMIT (1024 * 1024)

/*
 * Appends the file to `content`. 0, or -1 with errno and without a message, since a
 * missing file is often no error; `content` is then unchanged. EFBIG: larger than
 * `limit` bytes; EISDIR: not a regular file.
 */
int file_read(const char *path, size_t limit, struct text *content);

/*
 * The first line of the file `name` below the directory `root` ("": this machine),
 * without its end; allocated, and the caller frees it. NULL with errno as file_read().
 */
char *file_read_line(const char *root, const char *name, size_t limit);

/*
 * Name of the staged file of a target: "DIR/.NAME.cmonha-new". Hidden, and with another
 * dot, so that xinetd, systemd and run-parts ignore it. Allocated; the caller frees it.
 */
char *file_staged_name(const char *target);

/*
 * Writes `content` to `path` and flushes it to disk. An existing file, or a link, is
 * replaced, not followed. The owner is set only by root. Directories are not created.
 * 0, or -1 after a message, and then there is no file at `path`.
 */
int file_write(const char *path, const struct text *content, mode_t mode, uid_t owner,
    gid_t group);

/* rename(2) and a flush of the directory. 0, or -1 after a message. */
int file_rename(const char *from, const char *to);

/*
 * Whether the path, with its links followed, leads to something. True too if that
 * cannot be found out (EACCES, EIO, ELOOP): callers stop or create what is not there.
 */
bool file_exists(const char *path);

/* unlink(2) and a flush of the directory; 0 too if the file does not exist. */
int file_remove(const char *path);

/* Stages and renames a single file. 0, or -1 after a message. */
int file_replace(const char *path, const struct text *content, mode_t mode);

/* Creates the directory and those above it, mode 0755. 0, or -1 after a message. */
int file_make_directories(const char *path);

#endif
