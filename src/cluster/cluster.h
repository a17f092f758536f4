/*
 * The cluster as its file describes it: the header to read first. Everything else is
 * made from one value of this type; nothing changes it after cluster_read().
 *
 * All parts have a fixed greatest size, so the struct is copied and forgotten like a
 * number. A greater cluster is refused by the reader, never cut.
 */
#ifndef CMONHA_CLUSTER_CLUSTER_H
#define CMONHA_CLUSTER_CLUSTER_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/text.h"
#include "cluster/problems.h"

#define CLUSTER_FILE "/etc/cmonha-ui/cluster.conf"
/* The copy of it that `apply` made: what is in force, whatever is being edited. */
#define CLUSTER_FILE_APPLIED "/var/lib/cmonha-ui/cluster.conf"

#define NODES_MAX    64
#define VIPS_MAX     16
#define FORWARDS_MAX 16
#define ALLOWED_MAX  64
#define NAME_LENGTH  63 /* of a node: a host name's label, RFC 1035 */

enum node_role { NODE_CONTROLLER = 1, NODE_PROXY = 2 };
enum check_server { SERVER_AUTO, SERVER_XINETD, SERVER_SYSTEMD };
enum source { SOURCE_AUTO, SOURCE_RPC, SOURCE_S9S };

struct prefix_list {
	struct prefix at[ALLOWED_MAX];
	size_t count;
};

/* HAProxy listens on `listen` and passes on to `port` of the leader. */
struct forward {
	int listen;
	int port;
	bool http; /* plain HTTP behind it, so a page can be shown when nobody leads */
};

struct forward_list {
	struct forward at[FORWARDS_MAX];
	size_t count;
};

struct node {
	char name[NAME_LENGTH + 1];
	struct address address;
	char interface[IF_NAMESIZE]; /* "": the cluster's, or its address' */
	int priority;                /* VRRP, 1-254; never 0 after cluster_read() */
	unsigned roles;              /* of enum role */
	int line;                    /* of its section in the file */
};

struct cluster {
	/* [cluster] */
	struct prefix_list vips; /* length -1: the interface's own */
	char interface[IF_NAMESIZE];
	int virtual_router_id;
	int advert_interval; /* milliseconds, like all durations here */
	bool preempt;
	/* [ui] */
	struct forward_list forwards;
	int stats; /* port of HAProxy's page; 0: none */
	bool cut_sessions;
	/* [check] */
	int check_port;
	enum check_server server;
	enum source source;
	int interval;
	int deadline;
	bool quorum;
	int rpc_port;
	struct prefix_list allow; /* askers beside the cluster's own addresses */
	char s9s_home[PATH_MAX];  /* HOME of the s9s client when it is the source */
	bool services_line;       /* add "cmonhachk PORT/tcp" to /etc/services */

	struct node nodes[NODES_MAX];
	size_t node_count;
	char checksum[17]; /* of the file's bytes, hexadecimal */
};

/*
 * Reads the text of a cluster file. All that is wrong with it is added to `problems`;
 * returns 0 only when no error was (warnings may have been).
 */
int cluster_parse(
    const struct text *content, struct cluster *cluster, struct problems *problems);

/* The same from a file; a file that cannot be read is a problem too. */
int cluster_read(const char *path, struct cluster *cluster, struct problems *problems);

/* The node of that name, or NULL. */
const struct node *cluster_node(const struct cluster *cluster, const char *name);

/*
 * The node that this machine is: by name if `name` is not NULL, else by its addresses.
 * NULL and a static reason if it is none or more than one.
 */
struct local_addresses;
const struct node *cluster_find_self(const struct cluster *cluster, const char *name,
    const struct local_addresses *addresses, const char **reason);

/* How many nodes have the role. */
size_t cluster_count(const struct cluster *cluster, enum node_role role);

#endif
