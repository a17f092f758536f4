#include "check/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char help[] =
    "Usage: cmonhachk [OPTION]...\n"
    "Report whether this node's ClusterControl controller is the leader.\n"
    "\n"
    "  --config FILE       read the cluster file FILE (default: the applied one,\n"
    "                      " CLUSTER_FILE_APPLIED ", else\n"
    "                      " CLUSTER_FILE ", else none)\n"
    "  --node NAME         act as node NAME (default: found by its addresses)\n"
    "  --source rpc|s9s|auto\n"
    "                      source of the role (default: as in the cluster file)\n"
    "  --json              print everything that is known, as /status does\n"
    "  --end-with-parent   exit when the parent process does\n"
    "  --help              show this help\n"
    "  --version           show the version\n"
    "\n"
    "With a listening socket as standard input it is a server; with a connection it\n"
    "answers one request; else it prints the role and the reason.\n"
    "\n"
    "Exit status: 0 leader (or served), 1 follower, 2 unknown, 64 usage error,\n"
    "71 operating system error, 77 cannot give up root, 78 configuration error.\n";

static void
parse_source(const char *word, struct config_options *options)
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
print_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == 0 ? EX_OK : EX_IOERR);
}

void
options_parse(int argc, char **argv, struct options *options)
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
	char *fault = options->config.fault;
	size_t fault_size = sizeof(options->config.fault);
	int option;

	*options = (struct options){.config.root = ""};
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		switch (option) {
		case CONFIG:
			options->config.file = optarg;
			break;
		case NODE:
			options->config.node = optarg;
			break;
		case SOURCE:
			parse_source(optarg, &options->config);
			break;
		case JSON:
			options->json = true;
			break;
		case END_WITH_PARENT:
			options->end_with_parent = true;
			break;
		case HELP:
			print_and_exit(help);
		case VERSION:
			print_and_exit("cmonhachk " CMONHA_VERSION "\n");
		case ':':
			snprintf(fault, fault_size, "option \"%.40s\" needs a value",
			    argv[optind - 1]);
			break;
		default:
			snprintf(fault, fault_size, "invalid option \"%.40s\"",
			    argv[optind - 1]);
		}
	}
	if (optind < argc)
		snprintf(
		    fault, fault_size, "unexpected argument \"%.40s\"", argv[optind]);
}
