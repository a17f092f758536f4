#include "check/setup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "check/cmon_default.h"

#define DEADLINE_MS 800 /* without a cluster file */
#define TLS_PORT    9501
#define RESOLVE_MS  500
#define S9S_HOME    "/var/lib/cmonha-ui"

static void PRINTF_LIKE(3, 4) make_unusable(
    struct check_setup *setup, enum reason reason, const char *format, ...)
{
	va_list arguments;

	setup->unusable = reason;
	va_start(arguments, format);
	vsnprintf(setup->explanation, sizeof(setup->explanation), format, arguments);
	va_end(arguments);
}

static const char *
watch(struct check_setup *setup, const char *root, const char *path)
{
	char *whole = format_string("%s%s", root, path);
	struct watch *next = &setup->watches[setup->watch_count++];

	watch_begin(next, whole);
	free(whole);
	return next->exists ? next->path : NULL;
}

/* The cluster file that counts, or NULL. Those that would count before it are watched
 * too: when one appears we must begin anew. */
static const char *
find_cluster_file(struct check_setup *setup, const struct options *options)
{
	const char *path;

	if (options->config) {
		watch(setup, "", options->config);
		return options->config;
	}
	path = watch(setup, options->root, CLUSTER_FILE_APPLIED);
	return path ? path : watch(setup, options->root, CLUSTER_FILE);
}

static void
read_default(struct check_setup *setup, const struct options *options,
    struct cmon_default *result)
{
	struct text content = {0};
	const char *path = watch(setup, options->root, CMON_DEFAULT_FILE);

	if (path && file_read(path, FILE_LIMIT, &content) < 0)
		warn_errno("%s: cannot read, so the standard values are used", path);
	cmon_default_read(&content, result);
	text_free(&content);
}

static void
add_own(struct check_setup *setup, const struct address *address, int port, bool tls)
{
	if (setup->own_count < OWN_ENDPOINTS_MAX)
		setup->own[setup->own_count++] = (struct endpoint){*address, port, tls};
}

/* The address or host name as an address that this machine has, loopback excepted. */
static bool
find_local(const struct check_setup *setup, const char *text, struct address *address)
{
	struct process_how how = {.milliseconds = RESOLVE_MS};
	const char *const argv[] = {"getent", "ahosts", text, NULL};
	struct process_result result;
	bool found = false;
	char *rest = NULL;

	if (!address_parse(text, address))
		return !address_is_loopback(address) &&
		       network_find(&setup->local, address);
	/* In a child: the resolver of libc knows no deadline. */
	process_run(argv, &how, &result);
	for (char *line = process_succeeded(&result) && result.output.at
			      ? strtok_r(result.output.at, "\n", &rest)
			      : NULL;
	     line && !found; line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, " \t")] = '\0';
		found = !address_parse(line, address) &&
			!address_is_loopback(address) &&
			network_find(&setup->local, address);
	}
	text_free(&result.output);
	return found;
}

/* No cluster file: a plain replacement of the recipe's script. */
static void
take_default(struct check_setup *setup, const struct cmon_default *from)
{
	struct address loopback = {.family = AF_INET};

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < from->count; i++)
		if (find_local(setup, from->addresses[i], &setup->address)) {
			add_own(setup, &setup->address, TLS_PORT, true);
			break;
		}
	if (setup->own_count == 0)
		setup->address = (struct address){.family = AF_UNSPEC};
	add_own(setup, &loopback, TLS_PORT, true);
	add_own(setup, &loopback, from->rpc_port, false);
	snprintf(setup->name, sizeof(setup->name), "%s", setup->host_name);
	snprintf(setup->s9s_home, sizeof(setup->s9s_home), "%s", S9S_HOME);
	setup->source = SOURCE_AUTO;
	setup->allow_all = true;
}

static void
allow(struct check_setup *setup, struct prefix prefix)
{
	if (setup->allowed_count < ALLOWED_ALL_MAX)
		setup->allowed[setup->allowed_count++] = prefix;
}

static void
take_allowed(struct check_setup *setup, const struct cluster *cluster)
{
	for (size_t i = 0; i < cluster->node_count; i++)
		allow(setup, (struct prefix){cluster->nodes[i].address, -1});
	/* The address alone: its length is that of a whole subnet. */
	for (size_t i = 0; i < cluster->vips.count; i++)
		allow(setup, (struct prefix){cluster->vips.at[i].address, -1});
	for (size_t i = 0; i < cluster->allow.count; i++)
		allow(setup, cluster->allow.at[i]);
}

static void
take_nodes(struct check_setup *setup, const struct cluster *cluster,
    const struct node *self, int plain_port)
{
	struct address loopback = {.family = AF_INET};

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(setup->name, sizeof(setup->name), "%s", self->name);
	setup->address = self->address;
	setup->away = !address_is_loopback(&self->address) &&
		      !network_find(&setup->local, &self->address);
	add_own(setup, &self->address, cluster->rpc_port, true);
	add_own(setup, &loopback, plain_port, false);
	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];
		struct peer *peer = &setup->peers[setup->peer_count];

		if (node == self || !(node->roles & ROLE_CONTROLLER))
			continue;
		snprintf(peer->name, sizeof(peer->name), "%s", node->name);
		peer->endpoint =
		    (struct endpoint){node->address, cluster->rpc_port, true};
		setup->peer_count++;
	}
	for (size_t i = 0; i < cluster->forwards.count; i++)
		setup->ui_ports[setup->ui_count++] = cluster->forwards.at[i].port;
	if (!(self->roles & ROLE_CONTROLLER))
		setup->unusable = REASON_NOT_A_CONTROLLER;
}

static void
warn_lines(char *lines)
{
	char *rest;

	for (char *line = strtok_r(lines, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		warn("%s", line);
}

static void
take_cluster(struct check_setup *setup, const char *path, const struct options *options,
    int plain_port)
{
	struct cluster *cluster = allocate(sizeof(*cluster));
	struct problems problems = {0};
	const struct node *self;
	const char *reason;

	snprintf(setup->name, sizeof(setup->name), "%s",
	    options->node ? options->node : setup->host_name);
	if (cluster_read(path, cluster, &problems) < 0) {
		if (problems.lines.at)
			warn_lines(problems.lines.at);
		make_unusable(setup, REASON_NOT_CONFIGURED, "%s", path);
		/* Who may ask is not known either; silence would help nobody. */
		setup->allow_all = true;
		goto out;
	}
	memcpy(setup->checksum, cluster->checksum, sizeof(setup->checksum));
	setup->source = cluster->source;
	setup->quorum = cluster->quorum;
	setup->deadline = cluster->deadline;
	memcpy(setup->s9s_home, cluster->s9s_home, sizeof(setup->s9s_home));
	take_allowed(setup, cluster);
	self = cluster_find_self(cluster, options->node, &setup->local, &reason);
	if (self) {
		take_nodes(setup, cluster, self, plain_port);
	} else {
		make_unusable(setup, REASON_NOT_A_NODE, "%s", reason);
		warn("%s: %s", path, reason);
	}
out:
	problems_free(&problems);
	free(cluster);
}

struct check_setup *
setup_create(const struct options *options)
{
	struct check_setup *setup = allocate(sizeof(*setup));
	struct cmon_default from;
	const char *path;

	setup->unusable = REASONS;
	setup->deadline = DEADLINE_MS;
	if (gethostname(setup->host_name, sizeof(setup->host_name) - 1) < 0)
		warn_errno("cannot find this machine's name");
	watch_begin_self(&setup->watches[setup->watch_count++]);
	path = find_cluster_file(setup, options);
	read_default(setup, options, &from);
	network_local_addresses(&setup->local);
	if (*options->fault) {
		make_unusable(
		    setup, REASON_NOT_CONFIGURED, "command line: %s", options->fault);
		warn("%s", setup->explanation);
		setup->allow_all = true;
	} else if (path) {
		take_cluster(setup, path, options, from.rpc_port);
	} else {
		take_default(setup, &from);
	}
	if (options->source_given)
		setup->source = options->source;
	return setup;
}

bool
setup_allows(const struct check_setup *setup, const struct address *asker)
{
	if (setup->allow_all || address_is_loopback(asker))
		return true;
	for (size_t i = 0; i < setup->allowed_count; i++)
		if (prefix_contains(&setup->allowed[i], asker))
			return true;
	return network_find(&setup->local, asker) != NULL;
}

bool
setup_is_outdated(const struct check_setup *setup)
{
	for (size_t i = 0; i < setup->watch_count; i++)
		if (watch_has_changed(&setup->watches[i]))
			return true;
	return false;
}
