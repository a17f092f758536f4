/*
 * The command line. Each command has one table of its options: it is parsed with
 * getopt_long(3), and the synopsis and `help COMMAND` are printed from it.
 */
#ifndef CMONHA_UI_ARGUMENTS_H
#define CMONHA_UI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define VALUES_MAX            64
#define ARGUMENTS_OPTIONS_MAX 16 /* of one command */

/* Values of an option that may be repeated, in the order of the command line. */
struct values {
	char *at[VALUES_MAX];
	size_t count;
};

/* The arguments of all commands together. The strings are those of argv. */
struct arguments {
	const char *config;    /* NULL: the default */
	const char *node;      /* NULL: by its addresses */
	const char *root;      /* NULL: this machine */
	const char *templates; /* NULL: the packaged ones */
	const char *output;
	bool all, cluster, defer, dry_run, force, help, json, live, monitoring,
	    no_start, upgrade, wait, watch;
	struct values vips, nodes, forwards, settings; /* of init */
	struct values words;                           /* without dashes */
};

enum option_kind { OPTION_FLAG, OPTION_VALUE, OPTION_REPEATED };

struct option_row {
	const char *name; /* without the dashes; NULL ends the table */
	enum option_kind kind;
	const char *argument; /* what help calls its value; NULL for a flag */
	size_t offset;        /* in struct arguments: a bool, string or struct values */
	bool required;
	const char *meaning;
};

struct command;

/*
 * Parses the words after the command's name (argv[0] is ignored). 0, or EX_USAGE after
 * a message. Required options are not checked with --help.
 */
int arguments_parse(
    const struct command *command, int argc, char **argv, struct arguments *arguments);

/* Appends "usage: cmonha-ui NAME [--option]…", wrapped, with a newline at the end. */
void arguments_synopsis(const struct command *command, struct text *text);

/* Appends a line for each option. */
void arguments_explain(const struct command *command, struct text *text);

#endif
