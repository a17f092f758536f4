#include <errno.h>

#include "base/file.h"
#include "descriptors.h"
#include "scratch.h"
#include "skip.h"
#include "unit.h"

static struct text
words(const char *string)
{
	struct text text = {0};

	text_addf(&text, "%s", string);
	return text;
}

START_TEST(reads_all)
{
	static const char bytes[] = "one\n\0two\xff";
	struct text content = words("kept,");

	scratch_put_bytes("file", bytes, sizeof(bytes) - 1, 0600);
	ck_assert_int_eq(file_read(scratch_path("file"), FILE_LIMIT, &content), 0);
	ck_assert_uint_eq(content.length, 5 + sizeof(bytes) - 1);
	ck_assert_mem_eq(content.data, "kept,one\n\0two\xff", content.length + 1);
	text_free(&content);
}
END_TEST

START_TEST(reads_nothing)
{
	struct text content = {0};

	scratch_put("empty", "", 0600);
	ck_assert_int_eq(file_read(scratch_path("empty"), FILE_LIMIT, &content), 0);
	ck_assert_str_eq(content.data, "");
	text_free(&content);
}
END_TEST

/* One byte on both sides of the limit; the limit is on the file, not on the text. */
START_TEST(read_limit)
{
	struct text content = words("kept");

	scratch_put("file", "123456789", 0600);
	ck_assert_int_eq(file_read(scratch_path("file"), 9, &content), 0);
	ck_assert_str_eq(content.data, "kept123456789");
	errno = 0;
	ck_assert_int_eq(file_read(scratch_path("file"), 8, &content), -1);
	ck_assert_int_eq(errno, EFBIG);
	ck_assert_str_eq(content.data, "kept123456789");
	ck_assert_uint_eq(content.length, 13);
	text_free(&content);
}
END_TEST

static int
read_error(const char *name)
{
	struct text content = words("kept");
	int result = file_read(scratch_path(name), FILE_LIMIT, &content);
	int error = errno;

	ck_assert_str_eq(content.data, "kept");
	text_free(&content);
	return result < 0 ? error : 0;
}

START_TEST(read_refuses)
{
	scratch_put("file", "", 0600);
	ck_assert_int_eq(mkdir(scratch_path("directory"), 0755), 0);
	ck_assert_int_eq(mkfifo(scratch_path("fifo"), 0600), 0);
	ck_assert_int_eq(symlink("loop", scratch_path("loop")), 0);
	ck_assert_int_eq(read_error("missing"), ENOENT);
	ck_assert_int_eq(read_error("file/below"), ENOTDIR);
	ck_assert_int_eq(read_error("directory"), EISDIR);
	ck_assert_int_eq(read_error("fifo"), EISDIR);
	ck_assert_int_eq(read_error("loop"), ELOOP);
}
END_TEST

START_TEST(same)
{
	struct text a = {0}, b = {0};

	ck_assert(text_equal(&a, &b));
	text_add_bytes(&a, "x\0y", 3);
	ck_assert(!text_equal(&a, &b));
	text_add_bytes(&b, "x\0z", 3);
	ck_assert(!text_equal(&a, &b));
	b.data[2] = 'y';
	ck_assert(text_equal(&a, &b));
	text_add_bytes(&b, "", 1);
	ck_assert(!text_equal(&a, &b));
	text_free(&a);
	text_free(&b);
}
END_TEST

static const struct {
	const char *target, *staged;
} names[] = {
    {"/etc/services", "/etc/.services.cmonha-new"},
    {"/services", "//.services.cmonha-new"},
    {"services", "./.services.cmonha-new"},
    {"a/b.conf", "a/.b.conf.cmonha-new"},
};

START_TEST(staged_name)
{
	char *staged = file_staged_name(names[_i].target);

	ck_assert_str_eq(staged, names[_i].staged);
	free(staged);
}
END_TEST

START_TEST(writes)
{
	struct text content = words("secret\n");

	ck_assert_int_eq(
	    file_write(scratch_path("f"), &content, 0640, geteuid(), getegid()), 0);
	scratch_expect("f", "secret\n");
	ck_assert_int_eq(scratch_mode("f"), 0640);
	/* Shorter than before, another mode: nothing of the old one stays. */
	content.length = 3;
	ck_assert_int_eq(
	    file_write(scratch_path("f"), &content, 0400, geteuid(), getegid()), 0);
	scratch_expect("f", "sec");
	ck_assert_int_eq(scratch_mode("f"), 0400);
	text_free(&content);
	ck_assert_int_eq(
	    file_write(scratch_path("f"), &content, 0644, geteuid(), getegid()), 0);
	scratch_expect("f", "");
}
END_TEST

START_TEST(mode_defies_umask)
{
	struct text content = words("x");

	umask(0777);
	ck_assert_int_eq(
	    file_write(scratch_path("f"), &content, 0644, geteuid(), getegid()), 0);
	umask(022);
	ck_assert_int_eq(scratch_mode("f"), 0644);
	text_free(&content);
}
END_TEST

/* A link that someone put there is replaced; what it points to is not touched. */
START_TEST(write_follows_no_link)
{
	struct text content = words("new");
	struct stat status;

	scratch_put("precious", "old", 0600);
	ck_assert_int_eq(symlink("precious", scratch_path("f")), 0);
	ck_assert_int_eq(
	    file_write(scratch_path("f"), &content, 0644, geteuid(), getegid()), 0);
	scratch_expect("precious", "old");
	ck_assert_int_eq(lstat(scratch_path("f"), &status), 0);
	ck_assert(S_ISREG(status.st_mode));
	text_free(&content);
}
END_TEST

START_TEST(write_gives_owner)
{
	struct text content = words("x");
	struct stat status;

	if (geteuid() != 0) {
		skip_test("only root can change the owner of a file");
		text_free(&content);
		return;
	}
	ck_assert_int_eq(file_write(scratch_path("f"), &content, 04711, 12, 34), 0);
	ck_assert_int_eq(stat(scratch_path("f"), &status), 0);
	ck_assert_uint_eq(status.st_uid, 12);
	ck_assert_uint_eq(status.st_gid, 34);
	ck_assert_int_eq(scratch_mode("f"), 04711);
	text_free(&content);
}
END_TEST

START_TEST(write_fails)
{
	struct text content = words("x");

	scratch_put("file", "", 0600);
	ck_assert_int_eq(mkdir(scratch_path("directory"), 0755), 0);
	ck_assert_int_eq(
	    file_write(scratch_path("missing/f"), &content, 0644, 0, 0), -1);
	ck_assert_int_eq(file_write(scratch_path("file/f"), &content, 0644, 0, 0), -1);
	ck_assert_int_eq(
	    file_write(scratch_path("directory"), &content, 0644, 0, 0), -1);
	ck_assert(!scratch_has("missing"));
	ck_assert(scratch_has("directory"));
	text_free(&content);
}
END_TEST

START_TEST(moves)
{
	scratch_put("a", "new", 0640);
	scratch_put("b", "old", 0600);
	ck_assert_int_eq(file_rename(scratch_path("a"), scratch_path("b")), 0);
	scratch_expect("a", NULL);
	scratch_expect("b", "new");
	ck_assert_int_eq(scratch_mode("b"), 0640);
	ck_assert_int_eq(file_rename(scratch_path("a"), scratch_path("b")), -1);
	scratch_expect("b", "new");
	ck_assert_int_eq(file_rename(scratch_path("b"), scratch_path("no/b")), -1);
	scratch_expect("b", "new");
}
END_TEST

START_TEST(removes)
{
	scratch_put("a", "x", 0600);
	ck_assert_int_eq(mkdir(scratch_path("directory"), 0755), 0);
	ck_assert_int_eq(symlink("directory", scratch_path("link")), 0);
	ck_assert_int_eq(file_remove(scratch_path("a/below")), 0);
	ck_assert_int_eq(file_remove(scratch_path("a")), 0);
	scratch_expect("a", NULL);
	ck_assert_int_eq(file_remove(scratch_path("a")), 0);
	ck_assert_int_eq(file_remove(scratch_path("no/where")), 0);
	ck_assert_int_eq(file_remove(scratch_path("link")), 0);
	ck_assert(!scratch_has("link"));
	ck_assert_int_eq(file_remove(scratch_path("directory")), -1);
	ck_assert(scratch_has("directory"));
}
END_TEST

/* What cannot be found out is no reason to treat a file as missing. */
START_TEST(exists)
{
	scratch_put("a", "x", 0600);
	ck_assert_int_eq(symlink("a", scratch_path("link")), 0);
	ck_assert_int_eq(symlink("nothing", scratch_path("dangling")), 0);
	ck_assert_int_eq(symlink("loop", scratch_path("loop")), 0);
	ck_assert(file_exists(scratch_path("a")));
	ck_assert(file_exists(scratch_path("link")));
	ck_assert(file_exists(scratch_path("loop")));
	ck_assert(!file_exists(scratch_path("dangling")));
	ck_assert(!file_exists(scratch_path("no/where")));
	ck_assert(!file_exists(scratch_path("a/below")));
}
END_TEST

START_TEST(replaces)
{
	struct text content = words("new");

	scratch_put("f", "old", 0600);
	ck_assert_int_eq(link(scratch_path("f"), scratch_path("other-name")), 0);
	ck_assert_int_eq(file_replace(scratch_path("f"), &content, 0644), 0);
	scratch_expect("f", "new");
	scratch_expect("other-name", "old");
	ck_assert_int_eq(scratch_mode("f"), 0644);
	ck_assert(!scratch_has(".f.cmonha-new"));
	text_free(&content);
}
END_TEST

START_TEST(replace_fails_cleanly)
{
	struct text content = words("new");

	/* The staged file can be written, and cannot be moved over a directory. */
	ck_assert_int_eq(mkdir(scratch_path("f"), 0755), 0);
	ck_assert_int_eq(file_replace(scratch_path("f"), &content, 0644), -1);
	ck_assert(!scratch_has(".f.cmonha-new"));
	ck_assert_int_eq(file_replace(scratch_path("no/f"), &content, 0644), -1);
	ck_assert_int_eq(file_replace("", &content, 0644), -1);
	text_free(&content);
}
END_TEST

/* First the content, then the name: each is on the disk before the next step. */
START_TEST(flushes)
{
	struct text content = words("new");

	ck_assert_int_eq(
	    file_write(scratch_path("f"), &content, 0644, geteuid(), getegid()), 0);
	ck_assert_int_eq(scratch_flushes, 1);
	ck_assert_int_eq(file_rename(scratch_path("f"), scratch_path("g")), 0);
	ck_assert_int_eq(scratch_flushes, 2);
	ck_assert_int_eq(file_remove(scratch_path("g")), 0);
	ck_assert_int_eq(scratch_flushes, 3);
	ck_assert_int_eq(file_replace(scratch_path("g"), &content, 0644), 0);
	ck_assert_int_eq(scratch_flushes, 5);
	text_free(&content);
}
END_TEST

START_TEST(disk_fails)
{
	struct text content = words("new");
	int before = descriptors_count();

	scratch_put("g", "old", 0644);
	scratch_disk_fails = true;
	ck_assert_int_eq(
	    file_write(scratch_path("f"), &content, 0644, geteuid(), getegid()), -1);
	ck_assert(!scratch_has("f"));
	ck_assert_int_eq(file_replace(scratch_path("g"), &content, 0644), -1);
	scratch_expect("g", "old");
	ck_assert(!scratch_has(".g.cmonha-new"));
	ck_assert_int_eq(descriptors_count(), before);
	text_free(&content);
}
END_TEST

START_TEST(makes_directories)
{
	struct stat status;

	ck_assert_int_eq(file_make_directories(scratch_path("a/b//c")), 0);
	ck_assert_int_eq(scratch_mode("a/b/c"), 0755);
	ck_assert_int_eq(chmod(scratch_path("a/b"), 0700), 0);
	ck_assert_int_eq(file_make_directories(scratch_path("a/b/c/d/")), 0);
	ck_assert_int_eq(scratch_mode("a/b"), 0700);
	ck_assert_int_eq(stat(scratch_path("a/b/c/d"), &status), 0);
	ck_assert(S_ISDIR(status.st_mode));
	scratch_put("file", "x", 0600);
	ck_assert_int_eq(file_make_directories(scratch_path("file/below")), -1);
	scratch_expect("file", "x");
}
END_TEST

START_TEST(makes_relative_directories)
{
	ck_assert_int_eq(chdir(scratch), 0);
	ck_assert_int_eq(file_make_directories("x"), 0);
	ck_assert_int_eq(file_make_directories("y/z"), 0);
	ck_assert_int_eq(file_make_directories("."), 0);
	ck_assert_int_eq(file_make_directories("/"), 0);
	ck_assert_int_eq(file_make_directories(""), 0);
	ck_assert(scratch_has("x"));
	ck_assert(scratch_has("y/z"));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("file");
	TCase *cases = tcase_create("file");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_test(cases, reads_all);
	tcase_add_test(cases, reads_nothing);
	tcase_add_test(cases, read_limit);
	tcase_add_test(cases, read_refuses);
	tcase_add_test(cases, same);
	tcase_add_loop_test(cases, staged_name, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_test(cases, writes);
	tcase_add_test(cases, mode_defies_umask);
	tcase_add_test(cases, write_follows_no_link);
	tcase_add_test(cases, write_gives_owner);
	tcase_add_test(cases, write_fails);
	tcase_add_test(cases, moves);
	tcase_add_test(cases, removes);
	tcase_add_test(cases, exists);
	tcase_add_test(cases, replaces);
	tcase_add_test(cases, replace_fails_cleanly);
	tcase_add_test(cases, flushes);
	tcase_add_test(cases, disk_fails);
	tcase_add_test(cases, makes_directories);
	tcase_add_test(cases, makes_relative_directories);
	suite_add_tcase(suite, cases);
	return suite;
}
