#include <errno.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "base/log.h"
#include "scratch.h"
#include "unit.h"

/* Every test is a process of its own, so only its own messages land in the file. */
static void
begin(void)
{
	scratch_empty();
	ck_assert_ptr_nonnull(freopen(scratch_path("stderr"), "w", stderr));
}

static void
expect(const char *wanted)
{
	fflush(stderr);
	scratch_expect("stderr", wanted);
}

START_TEST(without_a_name)
{
	log_info("%s %d", "news", 7);
	log_warnx("%s", "error");
	expect("news 7\nerror\n");
}
END_TEST

START_TEST(with_a_name)
{
	log_to_stderr("prog");
	log_info("news");
	expect("prog: news\n");
}
END_TEST

START_TEST(with_errno)
{
	errno = ENOENT;
	log_warn("%s", "file");
	ck_assert_int_eq(errno, ENOENT);
	errno = EACCES;
	log_warnx("file");
	ck_assert_int_eq(errno, EACCES);
	expect("file: No such file or directory\nfile\n");
}
END_TEST

/* The output of a program that rejects a file can be long: nothing is cut off. */
START_TEST(long_message)
{
	struct text wanted = {0};
	char *words = allocate(100001);

	memset(words, 'x', 100000);
	log_warnx("%s|", words);
	text_addf(&wanted, "%s|\n", words);
	expect(wanted.data);
	text_free(&wanted);
	free(words);
}
END_TEST

START_TEST(fatal)
{
	log_fatal(EX_CONFIG, "%s", "fatal");
}
END_TEST

START_TEST(fatal_message)
{
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		log_to_stderr("prog");
		log_fatal(EX_OSERR, "out of %s", "memory");
	}
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	expect("prog: out of memory\n");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *cases = tcase_create("log");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, begin, NULL);
	tcase_add_test(cases, without_a_name);
	tcase_add_test(cases, with_a_name);
	tcase_add_test(cases, with_errno);
	tcase_add_test(cases, long_message);
	tcase_add_exit_test(cases, fatal, EX_CONFIG);
	tcase_add_test(cases, fatal_message);
	suite_add_tcase(suite, cases);
	return suite;
}
