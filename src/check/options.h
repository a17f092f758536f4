/*
 * The command line of cmonhachk, and its help. Owns no state; never reports a fault
 * itself, but leaves it in `config.fault`: a check that has a socket must answer even
 * then.
 */
#ifndef CMONHA_CHECK_OPTIONS_H
#define CMONHA_CHECK_OPTIONS_H

#include "probe/config.h"

struct options {
	struct config_options config;
	bool json;
	bool end_with_parent;
};

/* Prints and exits for --help and --version. The strings stay in argv. */
void options_parse(int argc, char **argv, struct options *options);

#endif
