#include "ui/arguments.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ui/command.h"

#define LINE_WIDTH    80
#define MEANING_FIRST 29

/* Every command has it, so it is in none of the tables. */
static const struct option_row help_option = {"help", OPTION_FLAG, NULL,
    offsetof(struct arguments, help), false, "show this help and exit"};

static size_t
count_rows(const struct option_row *rows)
{
	size_t count = 0;

	while (rows[count].name)
		count++;
	return count;
}

static int
set_option(const char *command, const struct option_row *row, char *value,
    struct arguments *arguments)
{
	char *field = (char *)arguments + row->offset;
	struct values *values;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		break;
	case OPTION_VALUE:
		*(const char **)field = value;
		break;
	case OPTION_REPEATED:
		values = (struct values *)field;
		if (values->count == VALUES_MAX)
			return usage_error(command, "too many --%s", row->name);
		values->at[values->count++] = value;
		break;
	}
	return 0;
}

static bool
is_given(const struct option_row *row, const struct arguments *arguments)
{
	const char *field = (const char *)arguments + row->offset;

	if (row->kind == OPTION_REPEATED)
		return ((const struct values *)field)->count > 0;
	return *(const char *const *)field != NULL;
}

int
arguments_parse(
    const struct command *command, int argc, char **argv, struct arguments *arguments)
{
	struct option table[ARGUMENTS_OPTIONS_MAX + 2] = {{0}};
	size_t count = count_rows(command->options);
	/* getopt's messages begin with argv[0]. */
	char *name = format_string("cmonha-ui %s", command->name);
	char *kept_name = argv[0];
	int index, result, status = 0;

	*arguments = (struct arguments){0};
	for (size_t i = 0; i <= count; i++) {
		const struct option_row *row =
		    i < count ? &command->options[i] : &help_option;

		table[i] = (struct option){row->name,
		    row->kind == OPTION_FLAG ? no_argument : required_argument, NULL,
		    0};
	}
	argv[0] = name;
	optind = 0;
	while (
	    status == 0 && (result = getopt_long(argc, argv, "", table, &index)) >= 0) {
		if (result == '?')
			status = usage_error(command->name, NULL);
		else
			status = set_option(command->name,
			    (size_t)index < count ? &command->options[index]
						  : &help_option,
			    optarg, arguments);
	}
	for (; status == 0 && optind < argc; optind++) {
		if (arguments->words.count == command->words_max)
			status = usage_error(command->name, "too many arguments");
		else
			arguments->words.at[arguments->words.count++] = argv[optind];
	}
	for (size_t i = 0; status == 0 && !arguments->help && i < count; i++)
		if (command->options[i].required &&
		    !is_given(&command->options[i], arguments))
			status = usage_error(command->name, "--%s is required",
			    command->options[i].name);
	if (status == 0 && arguments->root && *arguments->root != '/')
		status = usage_error(command->name, "--root must be an absolute path");
	argv[0] = kept_name;
	free(name);
	return status;
}

void
arguments_synopsis(const struct command *command, struct text *text)
{
	size_t indent = strlen("usage: cmonha-ui ") + strlen(command->name);
	size_t column = indent;

	text_addf(text, "usage: cmonha-ui %s", command->name);
	for (const struct option_row *row = command->options;; row++) {
		char *item;

		if (row->name)
			item = format_string("%s--%s%s%s%s%s", row->required ? "" : "[",
			    row->name, row->argument ? " " : "",
			    row->argument ? row->argument : "",
			    row->required ? "" : "]",
			    row->kind == OPTION_REPEATED ? "…" : "");
		else
			item = copy_string(command->words);
		if (column + 1 + strlen(item) > LINE_WIDTH) {
			text_addf(text, "\n%*s", (int)indent, "");
			column = indent;
		}
		if (*item)
			text_addf(text, " %s", item);
		column += 1 + strlen(item);
		free(item);
		if (!row->name)
			break;
	}
	text_addf(text, "\n");
}

static void
explain(const struct option_row *row, struct text *text)
{
	char *term = format_string("--%s%s%s", row->name, row->argument ? " " : "",
	    row->argument ? row->argument : "");

	text_addf(text, "  %-*s %s\n", MEANING_FIRST - 3, term, row->meaning);
	free(term);
}

void
arguments_explain(const struct command *command, struct text *text)
{
	for (const struct option_row *row = command->options; row->name; row++)
		explain(row, text);
	explain(&help_option, text);
}
