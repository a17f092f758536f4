/*
 * The versions of HAProxy and keepalived that are installed on this node, which need
 * not be those that run: a package manager may have replaced the programs meanwhile.
 */
#ifndef CMONHA_WATCH_PROGRAMS_H
#define CMONHA_WATCH_PROGRAMS_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#define PROGRAM_VERSION_MAX 64

/* Zeroed at first. */
struct program {
	dev_t device; /* of the file whose version is known */
	ino_t inode;
	struct timespec changed;
	char version[PROGRAM_VERSION_MAX]; /* "": not known */
};

/*
 * Queries the program at `path` for its version if the file is not the one of the last
 * time: a child process, for a second at most. Returns whether that was done. The
 * version becomes "" if there is no such program, or it does not say its version.
 */
bool program_look(struct program *program, const char *path);

/*
 * The version in the first line of what HAProxy or keepalived prints for "-v":
 * "HAProxy version 2.6.12-1+deb12u4 2026/10/17 - …", "Keepalived v2.2.7 (01/16,2022)".
 */
void program_parse_version(const char *output, char version[PROGRAM_VERSION_MAX]);

#endif
