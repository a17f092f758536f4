#include <stdio.h>
#include <string.h>
#include <sysexits.h>

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
	puts("\n\"cmonha-ui help COMMAND\" tells its options, \"cmonha-ui help "
	     "config\" the "
	     "keys of the\ncluster file, " CLUSTER_FILE ". See also cmonha-ui(8).");
}

static void
print_config(void)
{
	struct text text = {0};

	text_addf(&text,
	    "The cluster file, " CLUSTER_FILE ", the same on all nodes.\n"
	    "Durations are written 250ms, 2s or 1m. # begins a comment.\n\n");
	keys_explain(&text);
	fputs(text_string(&text), stdout);
	text_free(&text);
}

int
command_help(int argc, char **argv)
{
	if (argc > 2)
		return usage_error("help", "too many words");
	if (argc < 2) {
		print_overview();
		return 0;
	}
	if (strcmp(argv[1], "config") == 0) {
		print_config();
		return 0;
	}
	for (size_t i = 0; i < command_count; i++) {
		if (strcmp(commands[i].name, argv[1]) != 0)
			continue;
		printf("usage: cmonha-ui %s %s\n\n%s. See cmonha-ui(8).\n", argv[1],
		    commands[i].synopsis, commands[i].summary);
		return 0;
	}
	return usage_error(NULL, "there is no help for \"%s\"", argv[1]);
}

int
command_version(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return usage_error("version", "too many words");
	puts("cmonha-ui " CMONHA_VERSION);
	return 0;
}
