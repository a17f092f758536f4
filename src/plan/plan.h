/*
 * The plan: the files and services that this node must have by the cluster file, as
 * data. Making it changes nothing; `diff` and `render` print it, `apply` carries the
 * same one out.
 */
#ifndef CMONHA_PLAN_PLAN_H
#define CMONHA_PLAN_PLAN_H

#include <stdbool.h>
#include <sys/types.h>

#include "cluster/cluster.h"
#include "plan/passwords.h"

/* The first words of every rendered file, by which `apply` recognises its own. */
#define PLAN_MARK "Made by cmonha-ui"

/* The name of the node that the files were applied for, for an upgrade. */
#define NODE_FILE "/var/lib/cmonha-ui/node"

/* Exists from the installation until the first apply; see cmonha-ui-setup.service. */
#define SETUP_PENDING_FILE "/var/lib/cmonha-ui/setup-pending"

#define TEMPLATES_PACKAGED CMONHA_DATADIR "/templates"
#define TEMPLATES_OWN      "/etc/cmonha-ui/templates"

/* What must be known of this host, besides the cluster file, to make the plan. */
struct host_facts {
	const struct node *self;
	const struct local_addresses *addresses; /* of the host; not owned */
	char interface[IF_NAMESIZE];             /* of the VIPs */
	bool has_xinetd;     /* can serve the check; if server = auto */
	bool counts_adverts; /* keepalived has down_timer_adverts: 2.2.3 and later */
	/* Of the statistics page, if this node has it. */
	struct passwords passwords;
	struct text passwords_file; /* their file as it is; empty: there is none */
	mode_t passwords_mode;      /* of that file, without rights of others */
	char admin_credentials[PASSWORD_WORDS_MAX]; /* see passwords_credentials() */
	char stats_credentials[PASSWORD_WORDS_MAX];
	char *no_leader_page; /* path of the page that HAProxy sends without a leader */
	char *templates_own;  /* searched first; need not exist */
	char *templates_packaged;
};

/* The programs that read the files, in the order in which they are started. */
enum service {
	SERVICE_XINETD,
	SERVICE_CHECK_SOCKET,
	SERVICE_HAPROXY,
	SERVICE_KEEPALIVED,
	SERVICE_WATCH,
	SERVICES,
};

struct plan_file {
	const char *name;   /* short, for people: "haproxy.cfg" */
	const char *target; /* absolute path */
	bool wanted;        /* false: it must not exist, unless it is kept */
	bool kept;          /* an existing one is not removed if it is not wanted */
	bool rendered;      /* from the template of this name */
	mode_t mode;
	struct text content;  /* empty if not wanted */
	enum service service; /* to be reloaded after a change; SERVICES: none */
	/* argv of a program that validates the file, named "{}" in it; or NULL */
	const char *const *validator;
};

#define PLAN_FILES_MAX 12

struct plan {
	struct plan_file files[PLAN_FILES_MAX];
	size_t file_count;
	bool services[SERVICES]; /* which must run */
	char services_line[64];  /* of /etc/services; "": none */
	char digest[17]; /* of the cluster file and the templates; as its checksum */
	const struct cluster *cluster; /* not owned */
	const struct node *self;
};

/*
 * Plans the node that `facts` describe. `source` is the text of the cluster file, of
 * which the plan has a copy. 0, or -1 with the errors in `problems`, and then there is
 * nothing to free.
 */
int plan_make(const struct cluster *cluster, const struct text *source,
    const struct host_facts *facts, struct plan *plan, struct problems *problems);
void plan_free(struct plan *plan);

/* The targets of all files that any plan has, in the order of plan.files. */
size_t plan_target_count(void);
const char *plan_target(size_t number);

/* The service that reads that target; SERVICES: none, or no plan has it. */
enum service plan_target_service(const char *target);

#endif
