/*
 * All that the check knows before it queries a controller: made once at the start from
 * the command line, the cluster file or, without one, /etc/default/cmon. Owns these
 * values and the list of files they depend on; never changes them afterwards.
 */
#ifndef CMONHA_PROBE_CONFIG_H
#define CMONHA_PROBE_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/network.h"
#include "cluster/cluster.h"
#include "cluster/trusted_users.h"
#include "probe/verdict.h"

#define OWN_ENDPOINTS_MAX 4
#define WATCHED_MAX       3

/* What the command line decides. */
struct config_options {
	const char *file; /* the cluster file; NULL: where `apply` installs it */
	const char *node; /* its name; NULL: found by its addresses */
	bool source_given;
	enum source source;
	char fault[128];  /* what is wrong with the command line; "": nothing */
	const char *root; /* before all paths that are not given; "" but in tests */
};

/* Where a controller is queried. */
struct endpoint {
	struct address address;
	int port;
	bool tls;
	struct address source; /* of the connection; AF_UNSPEC: the system chooses it */
	const char *pins;      /* of its key, see cluster/pin.h; NULL or "": any key */
};

struct peer {
	char name[NAME_LENGTH + 1];
	struct endpoint endpoint;
};

/* A file, as it was when it was read. */
struct watched_file {
	char path[PATH_MAX];
	bool exists;
	struct stat status;
};

struct config {
	/* Why no controller can be queried, with details; REASONS: there is no reason.
	 */
	enum reason unusable;
	char explanation[512];

	/* As in its file; without one it has no nodes, and defaults for the check. */
	struct cluster cluster;

	char name[256];         /* the node's, or the host's */
	struct address address; /* the node's; AF_UNSPEC: not known */
	bool address_missing;   /* this machine did not have the address at the start */
	char host_name[256];
	struct local_addresses local;

	struct endpoint own[OWN_ENDPOINTS_MAX]; /* the next if one refuses */
	size_t own_count;
	struct peer peers[NODES_MAX]; /* the other controllers */
	size_t peer_count;

	struct trusted_users users;

	bool allow_all; /* every client may query; see check/access.h */

	struct watched_file watched[WATCHED_MAX];
	size_t watched_count;
};

/*
 * Never fails: errors are logged, and `unusable` makes every response report them too.
 * The caller frees it.
 */
struct config *config_create(const struct config_options *options);

/* Adds a file on which the configuration depends; call it before the file is read. */
const struct watched_file *config_watch(struct config *config, const char *path);

/*
 * Whether one of these files was changed since then, or the program or one of its
 * libraries was replaced. Compares identity, size and time and not content, so it is
 * cheap.
 */
bool config_is_outdated(const struct config *config);

#endif
