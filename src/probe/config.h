/*
 * All that the check knows before it asks anybody: made once at the start, from the
 * command line, the cluster file or, without one, /etc/default/cmon; never changed.
 */
#ifndef CMONHA_PROBE_CONFIG_H
#define CMONHA_PROBE_CONFIG_H

#include <limits.h>
#include <stdbool.h>

#include "base/network.h"
#include "probe/reason.h"
#include "probe/watch.h"
#include "cluster/cluster.h"

#define OWN_ENDPOINTS_MAX 4
#define ALLOWED_ALL_MAX   (NODES_MAX + VIPS_MAX + ALLOWED_MAX)
#define WATCHES_MAX       5

/* From the command line. */
struct options {
	const char *config; /* NULL: where `apply` puts it */
	const char *node;   /* NULL: found by its addresses */
	bool source_given;
	enum source source;
	bool json;
	bool end_with_parent;
	char fault[128];  /* what is wrong with it; "": nothing */
	const char *root; /* before all paths that are not given; "" but in tests */
};

/* Where a controller is asked. */
struct endpoint {
	struct address address;
	int port;
	bool tls;
};

struct peer {
	char name[NAME_LENGTH + 1];
	struct endpoint endpoint;
};

struct config {
	/* Why nothing can be asked, and in words; REASONS: there is no reason. */
	enum reason unusable;
	char explanation[512];

	char name[256];         /* the node's, or the host's */
	struct address address; /* the node's; AF_UNSPEC: not known */
	bool away;              /* the address was not on this machine when we looked */
	char host_name[256];
	struct local_addresses local;

	struct endpoint own[OWN_ENDPOINTS_MAX]; /* the next if one refuses */
	size_t own_count;
	struct peer peers[NODES_MAX];
	size_t peer_count;
	int ui_ports[FORWARDS_MAX];
	size_t ui_count;

	enum source source;
	bool quorum;
	int deadline; /* milliseconds from accept to the end of the answer */
	char s9s_home[PATH_MAX];
	char checksum[17]; /* "": there is no cluster file */

	bool allow_all;
	struct prefix allowed[ALLOWED_ALL_MAX]; /* beside the local addresses */
	size_t allowed_count;

	struct watch watches[WATCHES_MAX];
	size_t watch_count;
};

/*
 * Never fails: what is wrong is said by message, and `unusable` makes every answer say
 * so too. The caller frees it.
 */
struct config *config_create(const struct options *options);

/* Whether this asker may know. */
bool config_allows(const struct config *config, const struct address *asker);

/* Whether a file that the setup was made from, or the program, is another one now. */
bool config_is_stale(const struct config *config);

#endif
