/*
 * What most commands begin with: the cluster file parsed, this node found, its plan
 * made. Every step returns 0, or the exit status after messages.
 */
#ifndef CMONHA_UI_CONTEXT_H
#define CMONHA_UI_CONTEXT_H

#include "apply/facts.h"
#include "apply/machine.h"
#include "base/network.h"
#include "plan/plan.h"
#include "ui/arguments.h"

struct context {
	const struct arguments *arguments; /* not owned */
	struct machine machine;
	char *file;         /* the cluster file's path */
	struct text source; /* its text */
	struct cluster cluster;
	struct local_addresses addresses;
	const struct node *self;
	struct host_facts facts;
	struct plan plan;
};

/* `arguments` must outlive the context; never NULL. */
struct context *context_create(const struct arguments *arguments);
void context_free(struct context *context);

/* EX_NOPERM unless this is root, or the machine is an image below --root. */
int context_require_root(const struct context *context, const char *command);

/*
 * Waits up to 10 s for another instance. EX_TEMPFAIL if it still holds the lock,
 * EX_CANTCREAT if the lock file cannot be created. Release with machine_unlock().
 */
int context_lock(const struct context *context, int *lock);

/* Parses the cluster file and lists the machine's addresses. */
int context_read(struct context *context);
/* The same, and finds which node this is. */
int context_find_self(struct context *context);
/* Gathers the facts for `self` and makes its plan; may be called again. */
int context_plan(struct context *context, const struct node *self, bool make_passwords);
/*
 * The same for a report: if only the file of passwords is wrong, that is added to
 * `problems`, and the plan is made with what haproxy.cfg has of them.
 */
int context_plan_report(
    struct context *context, const struct node *self, struct problems *problems);
/* Whether the plan fits this host. */
int context_preflight(const struct context *context);

#endif
