#include "scratch.h"

#include <ftw.h>

char scratch[PATH_MAX];

int scratch_flushes;
bool scratch_disk_fails;

/* Replaces libc's in the programs that link this file. */
int
fsync(int fd)
{
	scratch_flushes++;
	if (fcntl(fd, F_GETFD) >= 0 && !scratch_disk_fails)
		return 0;
	errno = EIO;
	return -1;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	return at->level == 0 ? 0 : remove(path);
}

void
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

void
scratch_empty(void)
{
	umask(022);
	scratch_flushes = 0;
	ck_assert_msg(*scratch, "no scratch directory");
	ck_assert_int_eq(nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void
scratch_remove(void)
{
	nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	rmdir(scratch);
}

const char *
scratch_path(const char *name)
{
	static char paths[8][2 * PATH_MAX];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(
	    path, sizeof(paths[0]), "%s%s%s", scratch, *name == '/' ? "" : "/", name);
	return path;
}

void
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

void
scratch_put(const char *name, const char *content, mode_t mode)
{
	scratch_put_bytes(name, content, strlen(content), mode);
}

bool
scratch_has(const char *name)
{
	struct stat status;

	return lstat(scratch_path(name), &status) == 0;
}

mode_t
scratch_mode(const char *name)
{
	struct stat status;

	ck_assert_msg(
	    lstat(scratch_path(name), &status) == 0, "%s does not exist", name);
	return status.st_mode & 07777;
}

void
scratch_expect(const char *name, const char *content)
{
	struct text found = {0};

	if (!content) {
		ck_assert_msg(!scratch_has(name), "%s exists", name);
		return;
	}
	ck_assert_msg(file_read(scratch_path(name), FILE_LIMIT, &found) == 0,
	    "%s cannot be read", name);
	ck_assert_str_eq(text_string(&found), content);
	ck_assert_uint_eq(found.length, strlen(content));
	text_free(&found);
}

#define ENTRIES_MAX 256

/* nftw(3) passes nothing on to its callback. */
static char *entries[ENTRIES_MAX];
static size_t entry_count, entry_skip;

static int
describe_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	struct text entry = {0};
	char target[PATH_MAX] = "";

	if (at->level == 0)
		return 0;
	ck_assert_uint_lt(entry_count, ENTRIES_MAX);
	text_addf(&entry, "%s %o %u:%u ", path + entry_skip, (unsigned)status->st_mode,
	    status->st_uid, status->st_gid);
	if (kind == FTW_SL) {
		ck_assert_int_ge(readlink(path, target, sizeof(target) - 1), 0);
		text_addf(&entry, "-> %s", target);
	} else if (S_ISREG(status->st_mode)) {
		ck_assert_int_eq(file_read(path, FILE_LIMIT, &entry), 0);
	}
	entries[entry_count++] = entry.data;
	return 0;
}

static int
compare_entries(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *
scratch_describe(const char *directory)
{
	const char *path = scratch_path(directory);
	struct text all = {0};

	entry_count = 0;
	entry_skip = strlen(path);
	nftw(path, describe_one, 16, FTW_PHYS);
	qsort(entries, entry_count, sizeof(char *), compare_entries);
	for (size_t i = 0; i < entry_count; i++) {
		text_addf(&all, "%s\n", entries[i]);
		free(entries[i]);
	}
	return all.data ? all.data : copy_string("");
}

void
scratch_expect_tree(const char *directory, char *before)
{
	char *after = scratch_describe(directory);

	ck_assert_str_eq(after, before);
	free(before);
	free(after);
}
