/*
 * A fixture: a controller that speaks plain HTTP on a loopback port of its own, in a
 * thread. The test sets its reply; one connection at a time, closed after each reply.
 */
#ifndef CMONHA_UNIT_FAKE_CMON_H
#define CMONHA_UNIT_FAKE_CMON_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define FAKE_CMON_HELD_MAX    64
#define FAKE_CMON_REPLIES_MAX 16

struct fake_cmon {
	int listener, port;
	pthread_t thread;
	bool runs;
	atomic_bool stop;
	atomic_int pings;            /* that arrived in full */
	atomic_int delay;            /* milliseconds before each reply */
	atomic_bool hangs;           /* it reads, and does not reply */
	atomic_bool restarts;        /* it resets a second query on a connection */
	_Atomic(const char *) reply; /* all bytes of it */
	atomic_int padding;          /* so many blanks after it */
	atomic_int bytes_at_once;    /* 0: all */
	int held[FAKE_CMON_HELD_MAX];
	int held_count;
	char *replies[FAKE_CMON_REPLIES_MAX]; /* owned; the one before may be in use */
	int reply_count;
};

/* A listening socket; a port of 0 is replaced by a free one. */
int fake_cmon_listen(const char *address, int *port);

/* The port is open from now on; nothing replies before fake_cmon_start(). */
void fake_cmon_open(struct fake_cmon *fake, const char *status);
void fake_cmon_start(struct fake_cmon *fake);
/* Its connections are closed, and new ones refused. */
void fake_cmon_stop(struct fake_cmon *fake);

/* The replies from now on: these bytes, however broken; this JSON; this role. */
void fake_cmon_reply(struct fake_cmon *fake, const char *bytes);
void fake_cmon_reply_json(struct fake_cmon *fake, const char *json);
void fake_cmon_reply_status(struct fake_cmon *fake, const char *status);

#endif
