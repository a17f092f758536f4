/*
 * The command line of cmonhachk: what each option sets, what is a fault, and that the
 * help has all of them.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "check/options.h"
#include "unit.h"

#define WORDS_MAX 6

static const struct {
	const char *words[WORDS_MAX];
	const char *file, *node;
	int source; /* -1: not given */
	bool json, end_with_parent;
	const char *fault; /* a part of it; NULL: there is none */
} lines[] = {
    {{0}, NULL, NULL, -1, false, false, NULL},
    {{"--config", "/a/b"}, "/a/b", NULL, -1, false, false, NULL},
    {{"--config=/a/b"}, "/a/b", NULL, -1, false, false, NULL},
    {{"--config="}, "", NULL, -1, false, false, NULL},
    {{"--node", "cc1"}, NULL, "cc1", -1, false, false, NULL},
    {{"--node=cc1", "--node=cc2"}, NULL, "cc2", -1, false, false, NULL},
    {{"--source", "rpc"}, NULL, NULL, SOURCE_RPC, false, false, NULL},
    {{"--source", "s9s"}, NULL, NULL, SOURCE_S9S, false, false, NULL},
    {{"--source=auto"}, NULL, NULL, SOURCE_AUTO, false, false, NULL},
    {{"--json"}, NULL, NULL, -1, true, false, NULL},
    {{"--end-with-parent"}, NULL, NULL, -1, false, true, NULL},
    {{"--config", "f", "--node", "n", "--json"}, "f", "n", -1, true, false, NULL},
    /* A name may be shortened, as with every program that uses getopt_long(3). */
    {{"--conf", "f"}, "f", NULL, -1, false, false, NULL},

    {{"--source", "RPC"}, NULL, NULL, -1, false, false,
	"rpc, s9s or auto, not \"RPC\""},
    {{"--source", ""}, NULL, NULL, -1, false, false, "--source must be"},
    {{"--config"}, NULL, NULL, -1, false, false, "\"--config\" needs a value"},
    {{"--node"}, NULL, NULL, -1, false, false, "\"--node\" needs a value"},
    {{"--source"}, NULL, NULL, -1, false, false, "\"--source\" needs a value"},
    {{"--x"}, NULL, NULL, -1, false, false, "invalid option \"--x\""},
    {{"-x"}, NULL, NULL, -1, false, false, "invalid option \"-x\""},
    {{"--json=yes"}, NULL, NULL, -1, false, false, "\"--json=yes\""},
    {{"cc1"}, NULL, NULL, -1, false, false, "unexpected argument \"cc1\""},
    {{"--", "--json"}, NULL, NULL, -1, false, false, "unexpected argument \"--json\""},
    /* Options after a fault are parsed all the same. */
    {{"--x", "--node", "cc1"}, NULL, "cc1", -1, false, false, "\"--x\""},
};

static void
parse(const char *const words[], struct options *options)
{
	static char *argv[WORDS_MAX + 2];
	int argc = 1;

	argv[0] = (char *)"cmonhachk";
	for (size_t i = 0; i < WORDS_MAX && words[i]; i++)
		argv[argc++] = (char *)words[i];
	argv[argc] = NULL;
	optind = 0;
	options_parse(argc, argv, options);
}

START_TEST(lines_are_parsed)
{
	struct options options;

	parse(lines[_i].words, &options);
	ck_assert_pstr_eq(options.config.file, lines[_i].file);
	ck_assert_pstr_eq(options.config.node, lines[_i].node);
	ck_assert_int_eq(options.config.source_given, lines[_i].source >= 0);
	if (lines[_i].source >= 0)
		ck_assert_int_eq((int)options.config.source, lines[_i].source);
	ck_assert_int_eq(options.json, lines[_i].json);
	ck_assert_int_eq(options.end_with_parent, lines[_i].end_with_parent);
	ck_assert_str_eq(options.config.root, "");
	if (lines[_i].fault)
		ck_assert_msg(strstr(options.config.fault, lines[_i].fault) != NULL,
		    "%s", options.config.fault);
	else
		ck_assert_str_eq(options.config.fault, "");
}
END_TEST

START_TEST(faults_are_cut_not_overrun)
{
	static char word[4096];
	const char *const words[WORDS_MAX] = {word};
	struct options options;

	memset(word, 'x', sizeof(word) - 1);
	parse(words, &options);
	ck_assert_uint_lt(
	    strlen(options.config.fault), sizeof(options.config.fault) - 1);
	ck_assert_ptr_nonnull(strstr(options.config.fault, "unexpected argument"));
}
END_TEST

/* What a child prints for this option; it must exit with 0. */
static void
read_output(const char *option, struct text *output)
{
	const char *const words[WORDS_MAX] = {option};
	struct options options;
	int pipefd[2], status;
	pid_t child;

	ck_assert_int_eq(pipe(pipefd), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		dup2(pipefd[1], 1);
		close(pipefd[0]);
		parse(words, &options);
		_exit(99);
	}
	close(pipefd[1]);
	for (ssize_t length;
	     (length = read(pipefd[0], text_reserve(output, 4096), 4096)) > 0;)
		output->length += (size_t)length;
	*text_reserve(output, 1) = '\0';
	close(pipefd[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

START_TEST(help_has_all_options)
{
	static const char *const options[] = {"--config FILE", "--node NAME",
	    "--source rpc|s9s|auto", "--json", "--end-with-parent", "--help",
	    "--version", CLUSTER_FILE, CLUSTER_FILE_APPLIED, "78"};
	struct text output = {0};
	char *line, *rest;

	read_output("--help", &output);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		ck_assert_msg(
		    strstr(output.data, options[i]) != NULL, "no %s", options[i]);
	for (line = strtok_r(output.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		ck_assert_msg(strlen(line) <= 80, "%s", line);
	text_free(&output);
}
END_TEST

START_TEST(version_is_printed)
{
	struct text output = {0};

	read_output("--version", &output);
	ck_assert_str_eq(output.data, "cmonhachk " CMONHA_VERSION "\n");
	text_free(&output);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *cases = tcase_create("options");

	tcase_add_loop_test(
	    cases, lines_are_parsed, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(cases, faults_are_cut_not_overrun);
	tcase_add_test(cases, help_has_all_options);
	tcase_add_test(cases, version_is_printed);
	suite_add_tcase(suite, cases);
	return suite;
}
