#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
file_read(const char *path, size_t limit, struct text *content)
{
	struct stat status;
	size_t start = content->length;
	int result = -1;
	/* O_NONBLOCK: opening a FIFO must not block. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) < 0)
		goto out;
	if (!S_ISREG(status.st_mode)) {
		errno = EISDIR;
		goto out;
	}
	for (;;) {
		ssize_t got = read(fd, text_reserve(content, 4096), 4096);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			goto out;
		if (got == 0)
			break;
		content->length += (size_t)got;
		content->data[content->length] = '\0';
		if (content->length - start > limit) {
			errno = EFBIG;
			goto out;
		}
	}
	result = 0;
out:
	if (result < 0 && content->data) {
		content->length = start;
		content->data[start] = '\0';
	}
	int kept_errno = errno;

	close(fd);
	errno = kept_errno;
	return result;
}

static char *
directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return copy_string(".");
	if (slash == path)
		return copy_string("/");
	return format_string("%.*s", (int)(slash - path), path);
}

char *
file_read_line(const char *root, const char *name, size_t limit)
{
	char *path = format_string("%s%s", root, name);
	struct text content = {0};
	char *line = NULL;
	int error = 0;

	if (file_read(path, limit, &content) == 0) {
		line = copy_string(text_string(&content));
		line[strcspn(line, "\n")] = '\0';
	} else {
		error = errno;
	}
	text_free(&content);
	free(path);
	errno = error;
	return line;
}

char *
file_staged_name(const char *target)
{
	char *directory = directory_of(target);
	const char *slash = strrchr(target, '/');
	char *name =
	    format_string("%s/.%s.cmonha-new", directory, slash ? slash + 1 : target);

	free(directory);
	return name;
}

static int
flush_directory_of(const char *path)
{
	char *directory = directory_of(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 ? -1 : fsync(fd);

	if (result < 0)
		log_warn("%s: cannot flush", directory);
	if (fd >= 0)
		close(fd);
	free(directory);
	return result;
}

static int
write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t done = write(fd, bytes, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes += done;
		length -= (size_t)done;
	}
	return 0;
}

int
file_write(
    const char *path, const struct text *content, mode_t mode, uid_t owner, gid_t group)
{
	int fd;

	if (unlink(path) < 0 && errno != ENOENT) {
		log_warn("%s: cannot replace", path);
		return -1;
	}
	/* Readable by the owner only, until owner and mode are set. */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		log_warn("%s: cannot create", path);
		return -1;
	}
	if ((geteuid() == 0 && fchown(fd, owner, group) < 0) || fchmod(fd, mode) < 0 ||
	    write_all(fd, content->data, content->length) < 0 || fsync(fd) < 0) {
		log_warn("%s: cannot write", path);
		close(fd);
		unlink(path);
		return -1;
	}
	if (close(fd) < 0) {
		log_warn("%s: cannot write", path);
		unlink(path);
		return -1;
	}
	return 0;
}

int
file_rename(const char *from, const char *to)
{
	if (rename(from, to) < 0) {
		log_warn("%s: cannot rename to %s", from, to);
		return -1;
	}
	return flush_directory_of(to);
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

int
file_remove(const char *path)
{
	if (unlink(path) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		log_warn("%s: cannot remove", path);
		return -1;
	}
	return flush_directory_of(path);
}

int
file_replace(const char *path, const struct text *content, mode_t mode)
{
	char *staged = file_staged_name(path);
	int result = file_write(staged, content, mode, geteuid(), getegid());

	if (result == 0) {
		result = file_rename(staged, path);
		if (result < 0)
			unlink(staged);
	}
	free(staged);
	return result;
}

int
file_make_directories(const char *path)
{
	char *copy;
	int result = 0;

	/* "": the directory of "/name" with the name cut off. It exists. */
	if (!*path)
		return 0;
	copy = copy_string(path);
	for (char *at = copy + 1; result == 0; at++) {
		char kept = *at;

		if (kept != '/' && kept != '\0')
			continue;
		*at = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST) {
			log_warn("%s: cannot create", copy);
			result = -1;
		}
		*at = kept;
		if (kept == '\0')
			break;
	}
	free(copy);
	return result;
}
