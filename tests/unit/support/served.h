/*
 * A fixture: the resident server in a process of its own, with a fake controller, and
 * clients over real connections.
 *
 *	tcase_add_checked_fixture(cases, served_begin, served_end);
 */
#ifndef CMONHA_UNIT_SERVED_H
#define CMONHA_UNIT_SERVED_H

#include <sys/types.h>

#include "fake_cmon.h"
#include "probe/config.h"

#define SERVED_DEADLINE 400
#define SERVED_PATIENCE                                                                \
	5000 /* of the tests, in milliseconds; to fail, not to measure */

struct served {
	struct fake_cmon cmon;
	struct config *config;
	int listener, port;
	int messages; /* the server's standard error, to read */
	pid_t server;
};

extern struct served served;

void served_begin(void);
void served_end(void);

void served_start(void);
/* Sends the signal (0: none), waits for the exit and returns the exit status. */
int served_terminate(int signal);
/* Appends what it has logged; after its end. */
void served_read_log(struct text *log);

/* A connection to the server; the source address must be one of this machine's. */
int served_connect(void);
int served_connect_from(const char *source);
void served_send(int fd, const char *bytes);
/* The whole response, to its end; a reset fails. The caller frees it. */
char *served_receive(int fd);
/* All three. */
char *served_query(const char *request);

/* Frees the response. */
void served_expect(char *response, const char *begins, const char *has);

#endif
