/*
 * The state of keepalived's VRRP instance, by what keepalived writes to its FIFO:
 * keepalived.conf(5), vrrp_notify_fifo. The order of the transitions is preserved.
 */
#ifndef CMONHA_WATCH_TRANSITIONS_H
#define CMONHA_WATCH_TRANSITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* A longer line is skipped; keepalived's have some 40 bytes. */
#define TRANSITION_LINE_MAX 256

enum vrrp_state {
	VRRP_UNKNOWN, /* nothing was heard yet */
	VRRP_MASTER,
	VRRP_BACKUP,
	VRRP_FAULT,
	VRRP_STOPPED,
	VRRP_STATES
};

struct transitions {
	int fd; /* -1: there is no FIFO yet */
	enum vrrp_state state;
	time_t since; /* real time */
	char line[TRANSITION_LINE_MAX];
	size_t length;
	bool skipping; /* the rest of a line that is too long */
};

/* "master" and so on. */
const char *vrrp_state_name(enum vrrp_state state);

/*
 * Opens the FIFO below the directory `root` for reading and writing, so that keepalived
 * never waits for a reader and no end of file comes when it exits; what it wrote
 * meanwhile is read. Opens it again if the path is another file now. False if there is
 * none.
 */
bool transitions_open(struct transitions *transitions, const char *root);

/* Reads the lines that have come in and logs each change; returns whether there was
 * one. */
bool transitions_read(struct transitions *transitions);

/* One line without its newline; returns whether the state changed. */
bool transitions_note(struct transitions *transitions, const char *line);

#endif
