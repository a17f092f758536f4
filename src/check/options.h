/*
 * The command line of cmonhachk. Ends the program for --help and --version; wrong use
 * is left in `fault`, since a check that has a socket must answer even then.
 */
#ifndef CMONHA_CHECK_OPTIONS_H
#define CMONHA_CHECK_OPTIONS_H

#include "probe/config.h"

void options_read(int argc, char **argv, struct options *options);

#endif
