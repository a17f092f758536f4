#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "scratch.h"
#include "ui/command.h"
#include "unit.h"

static struct arguments arguments;

/* Parses the words, which are split at blanks, for the command that is the first. */
static int
parse(const char *line)
{
	static char words[512];
	char *argv[32] = {NULL};
	int argc = 0;
	char *rest;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	return arguments_parse(command_find(argv[0]), argc, argv, &arguments);
}

START_TEST(kinds)
{
	ck_assert_int_eq(parse("apply --node cc1 --dry-run --config a --config b"), 0);
	ck_assert(arguments.dry_run);
	ck_assert(!arguments.force);
	ck_assert_str_eq(arguments.node, "cc1");
	ck_assert_str_eq(arguments.config, "b");
	ck_assert_ptr_null(arguments.root);
	ck_assert_int_eq(
	    parse("init --vip 1 --node a=2 --vip 3 --force --node b=4"), 0);
	ck_assert(arguments.force);
	ck_assert_ptr_null(arguments.node);
	ck_assert_uint_eq(arguments.vips.count, 2);
	ck_assert_str_eq(arguments.vips.at[1], "3");
	ck_assert_uint_eq(arguments.nodes.count, 2);
	ck_assert_str_eq(arguments.nodes.at[0], "a=2");
	ck_assert_uint_eq(arguments.settings.count, 0);
	/* Words may be anywhere, and all are words after "--". */
	ck_assert_int_eq(parse("check file --live"), 0);
	ck_assert(arguments.live);
	ck_assert_str_eq(arguments.words.at[0], "file");
	ck_assert_int_eq(parse("check -- --live"), 0);
	ck_assert(!arguments.live);
	ck_assert_str_eq(arguments.words.at[0], "--live");
}
END_TEST

/* What is parsed, and what standard error begins with; "": nothing. */
static const struct {
	const char *line;
	int status;
	const char *message;
} lines[] = {
    {"apply", 0, ""},
    {"apply --bogus", EX_USAGE, "cmonha-ui apply: unrecognized option '--bogus'\n"},
    {"apply --node", EX_USAGE, "cmonha-ui apply: option '--node' requires an argument"},
    {"apply -n cc1", EX_USAGE, "cmonha-ui apply: invalid option -- 'n'\n"},
    {"apply --json", EX_USAGE, "cmonha-ui apply: unrecognized option '--json'\n"},
    {"apply word", EX_USAGE, "cmonha-ui apply: too many arguments\n"},
    {"check a b", EX_USAGE, "cmonha-ui check: too many arguments\n"},
    {"hook a b", EX_USAGE, "cmonha-ui hook: too many arguments\n"},
    {"version a", EX_USAGE, "cmonha-ui version: too many arguments\n"},
    {"remove --config a", EX_USAGE, "cmonha-ui remove: unrecognized option"},
    {"diff --root relative", EX_USAGE,
	"cmonha-ui diff: --root must be an absolute path\n"},
    {"diff --root /", 0, ""},
    {"init --vip 1", EX_USAGE, "cmonha-ui init: --node is required\n"},
    {"init --node a=1", EX_USAGE, "cmonha-ui init: --vip is required\n"},
    {"init --help", 0, ""},
    {"apply --help", 0, ""},
};

START_TEST(reports)
{
	struct text found = {0}, synopsis = {0};
	const char *message = lines[_i].message;
	char *path = copy_string(scratch_path("err"));
	char *name =
	    format_string("%.*s", (int)strcspn(lines[_i].line, " "), lines[_i].line);

	ck_assert_ptr_nonnull(freopen(path, "w", stderr));
	ck_assert_int_eq(parse(lines[_i].line), lines[_i].status);
	fflush(stderr);
	ck_assert_int_eq(file_read(path, FILE_LIMIT, &found), 0);
	ck_assert_msg(strncmp(text_string(&found), message, strlen(message)) == 0, "%s",
	    text_string(&found));
	/* The synopsis of the command comes after it. */
	arguments_synopsis(command_find(name), &synopsis);
	if (*message)
		ck_assert_ptr_nonnull(strstr(found.data, synopsis.data));
	else
		ck_assert_uint_eq(found.length, 0);
	text_free(&found);
	text_free(&synopsis);
	free(path);
	free(name);
}
END_TEST

/* No command has more options than fit, and none is in its table twice. */
START_TEST(tables)
{
	const struct option_row *rows = commands[_i].options;
	size_t count = 0;

	for (; rows[count].name; count++) {
		ck_assert_str_ne(rows[count].name, "help");
		ck_assert((rows[count].kind == OPTION_FLAG) == !rows[count].argument);
		ck_assert_uint_gt(strlen(rows[count].meaning), 0);
		for (size_t i = 0; i < count; i++)
			ck_assert_str_ne(rows[i].name, rows[count].name);
	}
	ck_assert_uint_le(count, ARGUMENTS_OPTIONS_MAX);
}
END_TEST

START_TEST(synopsis)
{
	struct text text = {0};

	arguments_synopsis(command_find("init"), &text);
	ck_assert_str_eq(text_string(&text),
	    "usage: cmonha-ui init --vip ADDRESS… --node NAME=ADDRESS…\n"
	    "                      [--forward LIST]… [--set SECTION.KEY=VALUE]…\n"
	    "                      [--config FILE] [--force]\n");
	text_clear(&text);
	arguments_synopsis(command_find("version"), &text);
	ck_assert_str_eq(text_string(&text), "usage: cmonha-ui version\n");
	text_free(&text);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("arguments");
	TCase *cases = tcase_create("arguments");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_test(cases, kinds);
	tcase_add_loop_test(cases, reports, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_loop_test(cases, tables, 0, (int)command_count);
	tcase_add_test(cases, synopsis);
	suite_add_tcase(suite, cases);
	return suite;
}
