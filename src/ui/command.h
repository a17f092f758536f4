/*
 * The commands of cmonha-ui: a table in main.c, one file for each. A command only
 * glues: it parses its words, calls what is below, and reports.
 */
#ifndef CMONHA_UI_COMMAND_H
#define CMONHA_UI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct command {
	const char *name;
	const char *synopsis; /* of its options and words */
	const char *summary;
	/* argv[0] is the command's name. Returns the exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct command commands[];
extern const size_t command_count;

int command_init(int argc, char **argv);
int command_check(int argc, char **argv);
int command_render(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_apply(int argc, char **argv);
int command_status(int argc, char **argv);
int command_remove(int argc, char **argv);
int command_hook(int argc, char **argv);
int command_help(int argc, char **argv);
int command_version(int argc, char **argv);

/* Says what is wrong with the words of a command, and how it is called: EX_USAGE. */
int usage_error(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
