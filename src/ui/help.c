#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cluster/keys.h"
#include "ui/command.h"

static void
print_overview(void)
{
	puts("cmonha-ui: one virtual IP that always shows the ClusterControl leader's "
	     "UI\n");
	puts("usage: cmonha-ui COMMAND …\n");
	for (size_t i = 0; i < command_count; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
	puts("\n\"cmonha-ui help COMMAND\" describes the options of a command, "
	     "\"cmonha-ui help\n"
	     "config\" the keys of the cluster file, " CLUSTER_FILE ".\n"
	     "See also cmonha-ui(8).");
}

static void
print_config(void)
{
	struct text text = {0};

	text_addf(&text,
	    "The cluster file, " CLUSTER_FILE ", is the same on all nodes.\n"
	    "Durations are written as 250ms, 2s or 1m. # begins a comment.\n\n");
	keys_explain(&text);
	fputs(text_string(&text), stdout);
	text_free(&text);
}

void
help_print_command(const struct command *command)
{
	struct text text = {0};

	arguments_synopsis(command, &text);
	text_addf(&text, "\n%c%s. See cmonha-ui(8).\n\n", toupper(*command->summary),
	    command->summary + 1);
	arguments_explain(command, &text);
	fputs(text_string(&text), stdout);
	text_free(&text);
}

int
command_help(const struct arguments *arguments)
{
	const char *topic = arguments->words.count ? arguments->words.at[0] : NULL;
	const struct command *command;

	if (!topic) {
		print_overview();
		return 0;
	}
	if (strcmp(topic, "config") == 0) {
		print_config();
		return 0;
	}
	command = command_find(topic);
	if (!command)
		return usage_error(NULL, "there is no help for \"%s\"", topic);
	help_print_command(command);
	return 0;
}

int
command_version(const struct arguments *arguments)
{
	(void)arguments;
	puts("cmonha-ui " CMONHA_VERSION);
	return 0;
}
