/*
 * What most commands begin with: the cluster file read, this node found, its plan made.
 */
#ifndef CMONHA_UI_CONTEXT_H
#define CMONHA_UI_CONTEXT_H

#include <getopt.h>

#include "apply/machine.h"
#include "base/network.h"
#include "plan/plan.h"

/* The options that several commands share; zeroed, then filled by context_option(). */
struct context {
	const char *config;    /* NULL: the default */
	const char *node;      /* NULL: by addresses */
	const char *root;      /* NULL: this machine */
	const char *templates; /* NULL: the packaged ones */

	struct machine machine;
	struct text source; /* the cluster file's text */
	struct cluster cluster;
	struct local_addresses addresses;
	const struct node *self;
	struct host_facts site;
	struct plan plan;
};

/* clang-format off */
#define CONTEXT_OPTIONS                                                                \
	{"config", required_argument, NULL, 'c'}, {"node", required_argument, NULL, 'n'}, \
	{"root", required_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'},         \
	{"templates", required_argument, NULL, 't'}
/* clang-format on */

/*
 * Takes one of CONTEXT_OPTIONS, as getopt_long(3) returned it. -1: taken, go on; else
 * the exit status: --help was printed, or the words are wrong.
 */
int context_option(struct context *context, const char *command, int option);

/* Whether this machine may be changed: -1, or EX_NOPERM after a message. */
int context_may_change(const struct context *context, const char *command);

/*
 * Each step 0, or the exit status after messages. context_read() reads the file and
 * finds out about the machine; context_find_self() also which node it is;
 * context_plan() makes the plan of `self`.
 */
int context_read(struct context *context);
int context_find_self(struct context *context);
int context_plan(struct context *context, const struct node *self, bool make_passwords);
void context_free(struct context *context);

#endif
