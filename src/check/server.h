/*
 * The resident check: serves a listening socket until it is told to end, or until the
 * files that it was made from have changed; then whoever listens for us starts it anew
 * at the next question.
 */
#ifndef CMONHA_CHECK_SERVER_H
#define CMONHA_CHECK_SERVER_H

#include "probe/config.h"

/*
 * Takes the socket over. Ends after SIGTERM or SIGINT, which it blocks, when all that
 * asked before have their answer. Returns the exit status.
 */
int server_run(const struct config *config, int listener);

#endif
