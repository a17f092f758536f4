/*
 * The plan: everything that makes this node what the cluster file says, as data. It is
 * made without touching anything; `diff` and `render` print it, `apply` carries the
 * very same one out.
 */
#ifndef CMONHA_PLAN_PLAN_H
#define CMONHA_PLAN_PLAN_H

#include <stdbool.h>
#include <sys/types.h>

#include "cluster/cluster.h"

/* The first words of every file that we write, and how `apply` knows its own. */
#define PLAN_MARK "Made by cmonha-ui"

#define TEMPLATES_PACKAGED CMONHA_DATADIR "/templates"
#define TEMPLATES_OWN      "/etc/cmonha-ui/templates"

/* "admin PASSWORD" and "stats PASSWORD", of HAProxy's page; root's alone. */
#define PASSWORDS_FILE  "/etc/cmonha-ui/stats.passwords"
#define PASSWORD_LENGTH 24

/* What must be known of the node, beside the cluster file, before it can be planned. */
struct host_facts {
	const struct node *self;
	char interface[IF_NAMESIZE];
	int prefix_length;  /* for an IPv4 VIP that was given without one */
	int prefix_length6; /* the same for IPv6 */
	bool has_xinetd;
	char admin_password[PASSWORD_LENGTH + 1];
	char stats_password[PASSWORD_LENGTH + 1];
	char *no_leader_page; /* path of what HAProxy shows while nobody leads */
	char *templates_own;  /* looked at first; may be missing */
	char *templates_packaged;
};

/* The programs that read the files, in the order in which they are to start. */
enum service {
	SERVICE_XINETD,
	SERVICE_CHECK_SOCKET,
	SERVICE_HAPROXY,
	SERVICE_KEEPALIVED,
	SERVICES,
};

struct plan_file {
	const char *name;   /* short, for people: "haproxy.cfg" */
	const char *target; /* absolute */
	bool wanted;        /* false: it must not be there */
	mode_t mode;
	struct text content;  /* empty if not wanted */
	enum service service; /* who must be told of a change; SERVICES: nobody */
	/* argv of a program that judges the file, "{}" being its name; or NULL */
	const char *const *validator;
};

#define PLAN_FILES_MAX 12

struct plan {
	struct plan_file files[PLAN_FILES_MAX];
	size_t file_count;
	bool services[SERVICES];       /* which are to run */
	char services_line[64];        /* of /etc/services; "": none */
	const struct cluster *cluster; /* what it was made from; not owned */
	const struct node *self;
};

/*
 * Plans the node that `site` describes. `source` is the cluster file's text, of which a
 * copy becomes part of the plan. 0, or -1 with `problems` told (and nothing to free).
 */
int plan_make(const struct cluster *cluster, const struct text *source,
    const struct host_facts *site, struct plan *plan, struct problems *problems);
void plan_free(struct plan *plan);

/* Every file that any plan can hold, the order being that of plan.files. */
size_t plan_target_count(void);
const char *plan_target(size_t number);

#endif
