#include "check/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char help[] =
    "Usage: cmonhachk [OPTION]...\n"
    "Tells whether this node's ClusterControl controller is the leader.\n"
    "\n"
    "  --config FILE       the cluster file (default: the one applied, else\n"
    "                      " CLUSTER_FILE ", else none)\n"
    "  --node NAME         which of its nodes this is (default: by its addresses)\n"
    "  --source rpc|s9s|auto\n"
    "                      whom to ask (default: what the cluster file says)\n"
    "  --json              print all that is known, as /status does\n"
    "  --end-with-parent   end when the program that started this one does\n"
    "  --help, --version\n"
    "\n"
    "With a listening socket as standard input it stays and serves it; with a\n"
    "connection it answers one request; else it prints role and reason and exits\n"
    "with 0 (leader), 1 (follower), 2 (neither), 64 (wrong use) or 78 (cluster\n"
    "file).\n";

static void
read_source(const char *word, struct options *options)
{
	static const char *const words[] = {
	    [SOURCE_AUTO] = "auto",
	    [SOURCE_RPC] = "rpc",
	    [SOURCE_S9S] = "s9s",
	};

	for (enum source source = SOURCE_AUTO; source <= SOURCE_S9S; source++)
		if (strcmp(word, words[source]) == 0) {
			options->source = source;
			options->source_given = true;
			return;
		}
	snprintf(options->fault, sizeof(options->fault),
	    "--source must be rpc, s9s or auto, not \"%.40s\"", word);
}

static _Noreturn void
print(const char *words)
{
	fputs(words, stdout);
	exit(fflush(stdout) == 0 ? EX_OK : EX_IOERR);
}

void
options_read(int argc, char **argv, struct options *options)
{
	enum { CONFIG = 1, NODE, SOURCE, JSON, END_WITH_PARENT, HELP, VERSION };
	static const struct option known[] = {
	    {"config", required_argument, NULL, CONFIG},
	    {"node", required_argument, NULL, NODE},
	    {"source", required_argument, NULL, SOURCE},
	    {"json", no_argument, NULL, JSON},
	    {"end-with-parent", no_argument, NULL, END_WITH_PARENT},
	    {"help", no_argument, NULL, HELP},
	    {"version", no_argument, NULL, VERSION},
	    {0},
	};
	int which;

	*options = (struct options){.root = ""};
	opterr = 0;
	while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (which == CONFIG)
			options->config = optarg;
		else if (which == NODE)
			options->node = optarg;
		else if (which == SOURCE)
			read_source(optarg, options);
		else if (which == JSON)
			options->json = true;
		else if (which == END_WITH_PARENT)
			options->end_with_parent = true;
		else if (which == HELP)
			print(help);
		else if (which == VERSION)
			print("cmonhachk " CMONHA_VERSION "\n");
		else
			snprintf(options->fault, sizeof(options->fault),
			    "\"%.40s\" is no option, or lacks its value",
			    argv[optind - 1]);
	}
	if (optind < argc)
		snprintf(options->fault, sizeof(options->fault),
		    "\"%.40s\" is not understood", argv[optind]);
}
