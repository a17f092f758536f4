#include "probe/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "probe/cmon_env.h"

#define DEADLINE_MS 800 /* without a cluster file */
#define TLS_PORT    9501
#define RESOLVE_MS  500
#define S9S_HOME    "/var/lib/cmonha-ui"

static void PRINTF_LIKE(3, 4)
    make_unusable(struct config *config, enum reason reason, const char *format, ...)
{
	va_list arguments;

	config->unusable = reason;
	va_start(arguments, format);
	vsnprintf(config->explanation, sizeof(config->explanation), format, arguments);
	va_end(arguments);
}

static const char *
watch(struct config *config, const char *root, const char *path)
{
	char *whole = format_string("%s%s", root, path);
	struct watch *next = &config->watches[config->watch_count++];

	watch_begin(next, whole);
	free(whole);
	return next->exists ? next->path : NULL;
}

/* The cluster file that counts, or NULL. Those that would count before it are watched
 * too: when one appears we must begin anew. */
static const char *
find_cluster_file(struct config *config, const struct options *options)
{
	const char *path;

	if (options->config) {
		watch(config, "", options->config);
		return options->config;
	}
	path = watch(config, options->root, CLUSTER_FILE_APPLIED);
	return path ? path : watch(config, options->root, CLUSTER_FILE);
}

static void
read_default(
    struct config *config, const struct options *options, struct cmon_env *result)
{
	struct text content = {0};
	const char *path = watch(config, options->root, CMON_ENV_FILE);

	if (path && file_read(path, FILE_LIMIT, &content) < 0)
		log_warn("%s: cannot read, so the standard values are used", path);
	cmon_env_parse(&content, result);
	text_free(&content);
}

static void
add_own(struct config *config, const struct address *address, int port, bool tls)
{
	if (config->own_count < OWN_ENDPOINTS_MAX)
		config->own[config->own_count++] =
		    (struct endpoint){*address, port, tls};
}

/* The address or host name as an address that this machine has, loopback excepted. */
static bool
find_local(const struct config *config, const char *text, struct address *address)
{
	struct process_options how = {.milliseconds = RESOLVE_MS};
	const char *const argv[] = {"getent", "ahosts", text, NULL};
	struct process_result result;
	bool found = false;
	char *rest = NULL;

	if (!address_parse(text, address))
		return !address_is_loopback(address) &&
		       network_find(&config->local, address);
	/* In a child: the resolver of libc knows no deadline. */
	process_run(argv, &how, &result);
	for (char *line = process_succeeded(&result) && result.output.data
			      ? strtok_r(result.output.data, "\n", &rest)
			      : NULL;
	     line && !found; line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, " \t")] = '\0';
		found = !address_parse(line, address) &&
			!address_is_loopback(address) &&
			network_find(&config->local, address);
	}
	text_free(&result.output);
	return found;
}

/* No cluster file: a plain replacement of the recipe's script. */
static void
take_default(struct config *config, const struct cmon_env *from)
{
	struct address loopback = {.family = AF_INET};

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < from->count; i++)
		if (find_local(config, from->addresses[i], &config->address)) {
			add_own(config, &config->address, TLS_PORT, true);
			break;
		}
	if (config->own_count == 0)
		config->address = (struct address){.family = AF_UNSPEC};
	add_own(config, &loopback, TLS_PORT, true);
	add_own(config, &loopback, from->rpc_port, false);
	snprintf(config->name, sizeof(config->name), "%s", config->host_name);
	snprintf(config->s9s_home, sizeof(config->s9s_home), "%s", S9S_HOME);
	config->source = SOURCE_AUTO;
	config->allow_all = true;
}

static void
allow(struct config *config, struct prefix prefix)
{
	if (config->allowed_count < ALLOWED_ALL_MAX)
		config->allowed[config->allowed_count++] = prefix;
}

static void
take_allowed(struct config *config, const struct cluster *cluster)
{
	for (size_t i = 0; i < cluster->node_count; i++)
		allow(config, (struct prefix){cluster->nodes[i].address, -1});
	/* The address alone: its length is that of a whole subnet. */
	for (size_t i = 0; i < cluster->vips.count; i++)
		allow(config, (struct prefix){cluster->vips.at[i].address, -1});
	for (size_t i = 0; i < cluster->allow.count; i++)
		allow(config, cluster->allow.at[i]);
}

static void
take_nodes(struct config *config, const struct cluster *cluster,
    const struct node *self, int plain_port)
{
	struct address loopback = {.family = AF_INET};

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(config->name, sizeof(config->name), "%s", self->name);
	config->address = self->address;
	config->away = !address_is_loopback(&self->address) &&
		       !network_find(&config->local, &self->address);
	add_own(config, &self->address, cluster->rpc_port, true);
	add_own(config, &loopback, plain_port, false);
	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];
		struct peer *peer = &config->peers[config->peer_count];

		if (node == self || !(node->roles & NODE_CONTROLLER))
			continue;
		snprintf(peer->name, sizeof(peer->name), "%s", node->name);
		peer->endpoint =
		    (struct endpoint){node->address, cluster->rpc_port, true};
		config->peer_count++;
	}
	for (size_t i = 0; i < cluster->forwards.count; i++)
		config->ui_ports[config->ui_count++] = cluster->forwards.at[i].port;
	if (!(self->roles & NODE_CONTROLLER))
		config->unusable = REASON_NOT_A_CONTROLLER;
}

static void
warn_lines(char *lines)
{
	char *rest;

	for (char *line = strtok_r(lines, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		log_warnx("%s", line);
}

static void
take_cluster(struct config *config, const char *path, const struct options *options,
    int plain_port)
{
	struct cluster *cluster = allocate(sizeof(*cluster));
	struct problems problems = {0};
	const struct node *self;
	const char *reason;

	snprintf(config->name, sizeof(config->name), "%s",
	    options->node ? options->node : config->host_name);
	if (cluster_read(path, cluster, &problems) < 0) {
		if (problems.lines.data)
			warn_lines(problems.lines.data);
		make_unusable(config, REASON_NOT_CONFIGURED, "%s", path);
		/* Who may ask is not known either; silence would help nobody. */
		config->allow_all = true;
		goto out;
	}
	memcpy(config->checksum, cluster->checksum, sizeof(config->checksum));
	config->source = cluster->source;
	config->quorum = cluster->quorum;
	config->deadline = cluster->deadline;
	memcpy(config->s9s_home, cluster->s9s_home, sizeof(config->s9s_home));
	take_allowed(config, cluster);
	self = cluster_find_self(cluster, options->node, &config->local, &reason);
	if (self) {
		take_nodes(config, cluster, self, plain_port);
	} else {
		make_unusable(config, REASON_NOT_A_NODE, "%s", reason);
		log_warnx("%s: %s", path, reason);
	}
out:
	problems_free(&problems);
	free(cluster);
}

struct config *
config_create(const struct options *options)
{
	struct config *config = allocate(sizeof(*config));
	struct cmon_env from;
	const char *path;

	config->unusable = REASONS;
	config->deadline = DEADLINE_MS;
	if (gethostname(config->host_name, sizeof(config->host_name) - 1) < 0)
		log_warn("cannot find this machine's name");
	watch_begin_self(&config->watches[config->watch_count++]);
	path = find_cluster_file(config, options);
	read_default(config, options, &from);
	network_local_addresses(&config->local);
	if (*options->fault) {
		make_unusable(
		    config, REASON_NOT_CONFIGURED, "command line: %s", options->fault);
		log_warnx("%s", config->explanation);
		config->allow_all = true;
	} else if (path) {
		take_cluster(config, path, options, from.rpc_port);
	} else {
		take_default(config, &from);
	}
	if (options->source_given)
		config->source = options->source;
	return config;
}

bool
config_allows(const struct config *config, const struct address *asker)
{
	if (config->allow_all || address_is_loopback(asker))
		return true;
	for (size_t i = 0; i < config->allowed_count; i++)
		if (prefix_contains(&config->allowed[i], asker))
			return true;
	return network_find(&config->local, asker) != NULL;
}

bool
config_is_stale(const struct config *config)
{
	for (size_t i = 0; i < config->watch_count; i++)
		if (watch_has_changed(&config->watches[i]))
			return true;
	return false;
}
