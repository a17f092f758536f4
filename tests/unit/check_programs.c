/*
 * Versions of installed programs, with scripts in the programs' place.
 */
#include "scratch.h"
#include "unit.h"
#include "watch/programs.h"

static struct program program;

static void
begin(void)
{
	scratch_empty();
	program = (struct program){.device = 0};
}

static void
expect_version(const char *output, const char *wanted)
{
	char version[PROGRAM_VERSION_MAX];

	program_parse_version(output, version);
	ck_assert_str_eq(version, wanted);
}

START_TEST(versions)
{
	char longest[PROGRAM_VERSION_MAX + 8];

	expect_version("HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://"
		       "haproxy.org/\nStatus: long-term\n",
	    "2.6.12-1+deb12u4");
	expect_version(
	    "HA-Proxy version 2.2.9-2+deb11u6 2023/12/16 - x\n", "2.2.9-2+deb11u6");
	expect_version("HAProxy version 3.2~dev7-1 2025\n", "3.2~dev7-1");
	expect_version(
	    "Keepalived v2.2.7 (01/16,2022)\n\nCopyright(C) 2001\n", "2.2.7");
	expect_version("no version\n2.0\n", "");
	expect_version("", "");
	memset(longest, '1', sizeof(longest));
	longest[PROGRAM_VERSION_MAX - 1] = '\0';
	expect_version(longest, longest);
	longest[PROGRAM_VERSION_MAX - 1] = '1';
	longest[PROGRAM_VERSION_MAX] = '\0';
	expect_version(longest, "");
}
END_TEST

START_TEST(queried_when_replaced)
{
	char *path = copy_string(scratch_path("program"));

	ck_assert(!program_look(&program, path));
	ck_assert_str_eq(program.version, "");
	scratch_put(
	    "program", "#!/bin/sh\necho \"Keepalived v2.2.7 ($1)\" >&2\n", 0755);
	ck_assert(program_look(&program, path));
	ck_assert_str_eq(program.version, "2.2.7");
	ck_assert(!program_look(&program, path));
	ck_assert_str_eq(program.version, "2.2.7");
	/* Another file under its name, as package managers do it. */
	scratch_put("new", "#!/bin/sh\necho version 2.2.8\n", 0755);
	ck_assert_int_eq(rename(scratch_path("new"), path), 0);
	ck_assert(program_look(&program, path));
	ck_assert_str_eq(program.version, "2.2.8");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert(!program_look(&program, path));
	ck_assert_str_eq(program.version, "");
	free(path);
}
END_TEST

START_TEST(failing_program_has_no_version)
{
	char *path = copy_string(scratch_path("program"));

	scratch_put("program", "#!/bin/sh\necho version 2.2.8\nexit 1\n", 0755);
	ck_assert(program_look(&program, path));
	ck_assert_str_eq(program.version, "");
	free(path);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("programs");
	TCase *cases = tcase_create("programs");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, begin, NULL);
	tcase_add_test(cases, versions);
	tcase_add_test(cases, queried_when_replaced);
	tcase_add_test(cases, failing_program_has_no_version);
	suite_add_tcase(suite, cases);
	return suite;
}
