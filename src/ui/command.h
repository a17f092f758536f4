/*
 * The commands of cmonha-ui: a table in commands.c, and a file for each. A command is
 * glue: it gets its parsed options, calls the storeys below, and prints.
 */
#ifndef CMONHA_UI_COMMAND_H
#define CMONHA_UI_COMMAND_H

#include "ui/arguments.h"

struct command {
	const char *name;
	const char *words; /* the synopsis of its words; "": none */
	size_t words_max;
	const char *summary;
	/* Returns the exit status. */
	int (*run)(const struct arguments *arguments);
	const struct option_row *options; /* ends with a name of NULL */
};

extern const struct command commands[];
extern const size_t command_count;

/* NULL if there is none of that name. */
const struct command *command_find(const char *name);

int command_init(const struct arguments *arguments);
int command_check(const struct arguments *arguments);
int command_render(const struct arguments *arguments);
int command_diff(const struct arguments *arguments);
int command_apply(const struct arguments *arguments);
int command_status(const struct arguments *arguments);
int command_pins(const struct arguments *arguments);
int command_targets(const struct arguments *arguments);
int command_remove(const struct arguments *arguments);
int command_hook(const struct arguments *arguments);
int command_help(const struct arguments *arguments);
int command_version(const struct arguments *arguments);

/* Prints the help of one command. */
void help_print_command(const struct command *command);

/*
 * Prints the message and the synopsis of the command (NULL: how to list them) to
 * standard error. Returns EX_USAGE.
 */
int usage_error(const char *command, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
