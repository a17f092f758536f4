/*
 * The cluster as its file describes it: the header to read first. Everything else is
 * derived from one value of this type; nothing changes it after cluster_read().
 *
 * node        a host of the cluster: a controller, a proxy, or both
 * controller  a node where cmon and a web UI run
 * leader      the controller whose UI users must reach; the others are followers
 * proxy       a node that runs HAProxy and keepalived
 * VIP         the virtual IP; the proxy that holds it is the active node
 * quorum      the majority of controllers that a leader must reach
 * peer        another controller, as one controller sees it
 * probe       one round of queries to the local controller and to the peers
 * verdict     the result of a probe: a role, and the reason for it
 * facts       what must be known of the host besides the cluster file
 * plan        the files and units that this node must have; a file's path is its target
 * template    the source of a planned file
 * change      one target that is to be written or removed
 * transaction all changes of one run: made together, or rolled back by the journal
 */
#ifndef CMONHA_CLUSTER_CLUSTER_H
#define CMONHA_CLUSTER_CLUSTER_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/text.h"
#include "cluster/pin.h"
#include "cluster/problems.h"

struct local_addresses; /* base/network.h */

#define CLUSTER_FILE "/etc/cmonha-ui/cluster.conf"
/* The copy of it that `apply` made: the active one, while the other is being edited. */
#define CLUSTER_FILE_APPLIED "/var/lib/cmonha-ui/cluster.conf"

/* A cluster with more of these is an error of the file; nothing is cut off. */
#define NODES_MAX    64
#define VIPS_MAX     16
#define FORWARDS_MAX 16
#define ALLOWED_MAX  64
#define USERS_LENGTH 255
#define NAME_LENGTH  63 /* of a node: one label of a host name, RFC 1035 2.3.4 */

enum node_role { NODE_CONTROLLER = 1, NODE_PROXY = 2 };
enum check_server { SERVER_AUTO, SERVER_XINETD, SERVER_SYSTEMD };
enum source { SOURCE_AUTO, SOURCE_RPC, SOURCE_S9S };

enum show { SHOW_LEADER, SHOW_ANY };

/* The addresses of a proxy that HAProxy's statistics page is on. */
enum stats_bind { STATS_ANY, STATS_NODE, STATS_LOCALHOST };

struct prefix_list {
	struct prefix at[ALLOWED_MAX];
	size_t count;
};

/* HAProxy listens on `listen` and forwards to `port` of the leader. */
struct forward {
	int listen;
	int port;
	bool http; /* plain HTTP, so a page can be sent while there is no leader */
};

struct forward_list {
	struct forward at[FORWARDS_MAX];
	size_t count;
};

struct node {
	char name[NAME_LENGTH + 1];
	struct address address;
	char interface[IF_NAMESIZE]; /* "": the cluster's, or that of its address */
	int priority;                /* VRRP, 1-254; never 0 after cluster_read() */
	unsigned roles;              /* of enum node_role */
	int line;                    /* of its section in the file */
	/* Of its controller's key, as pins_parse() makes them; "": any key. */
	char pins[PINS_LENGTH + 1];
};

/* Fixed size, no pointers: it can be copied, and needs no free function. */
struct cluster {
	/* [cluster] */
	struct prefix_list vips; /* length -1: not given, see plan/vip.h */
	char interface[IF_NAMESIZE];
	int virtual_router_id;
	int advert_interval; /* milliseconds, as all durations here */
	int lost_adverts;    /* in a row, which move nothing */
	bool preempt;
	/* [ui] */
	struct forward_list forwards;
	int client_connections; /* of one client to one forward; 0: no limit */
	int request_timeout;    /* for the header of a request, or a TLS hello */
	int stats;              /* port of HAProxy's statistics page; 0: none */
	enum stats_bind stats_bind;
	bool stats_admin; /* its user admin can disable servers */
	bool cut_sessions;
	enum show show; /* which nodes users are sent to */
	/* [check] */
	int check_port;
	enum check_server server;
	enum source source;
	int interval;
	int deadline;
	bool quorum;
	int rpc_port;
	struct prefix_list allow; /* clients of the check besides the nodes */
	/* Whose programs may have the controllers' and UIs' ports, besides root's. */
	char listener_users[USERS_LENGTH + 1]; /* comma list; names or numbers */
	char s9s_home[PATH_MAX]; /* HOME of the s9s client when it is the source */
	bool services_line;      /* add "cmonhachk PORT/tcp" to /etc/services */

	struct node nodes[NODES_MAX];
	size_t node_count;
	char checksum[17]; /* FNV-1a of the file's bytes, 16 hexadecimal digits */
};

/* --- reader.c: from text to the struct --- */

/*
 * Parses the text of a cluster file. Every error and warning is added to `problems`,
 * which names the file; 0, or -1 if there was an error.
 */
int cluster_parse(
    const struct text *content, struct cluster *cluster, struct problems *problems);

/*
 * Reads the file and parses it, and keeps its text in `content`, to which it is
 * appended. Problems are reported under `path`; that the file cannot be read is one.
 */
int cluster_load(const char *path, struct text *content, struct cluster *cluster,
    struct problems *problems);

/* The same where the text is not needed. */
int cluster_read(const char *path, struct cluster *cluster, struct problems *problems);

/* --- cluster.c: queries --- */

/* The node of that name, or NULL. */
const struct node *cluster_node(const struct cluster *cluster, const char *name);

/*
 * The node that this host is: by name if `name` is not NULL, else by its addresses.
 * NULL and a static reason if it is none of them, or more than one.
 */
const struct node *cluster_find_self(const struct cluster *cluster, const char *name,
    const struct local_addresses *addresses, const char **reason);

/*
 * The interface of the virtual IP on that node: as configured, else the one that has
 * the node's address, which only that host knows; "" if it has none.
 */
const char *cluster_interface(const struct cluster *cluster, const struct node *node,
    const struct local_addresses *addresses);

/* How many nodes have the role. */
size_t cluster_count(const struct cluster *cluster, enum node_role role);

#endif
