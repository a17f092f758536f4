#include "probe/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/loaded.h"
#include "base/process.h"
#include "probe/cmon_env.h"
#include "probe/timing.h"

#define TLS_PORT 9501
#define S9S_HOME "/var/lib/cmonha-ui"

static void PRINTF_LIKE(3, 4)
    set_unusable(struct config *config, enum reason reason, const char *format, ...)
{
	va_list arguments;

	config->unusable = reason;
	va_start(arguments, format);
	vsnprintf(config->explanation, sizeof(config->explanation), format, arguments);
	va_end(arguments);
}

const struct watched_file *
config_watch(struct config *config, const char *path)
{
	struct watched_file *file = &config->watched[config->watched_count++];

	snprintf(file->path, sizeof(file->path), "%s", path);
	file->exists = stat(file->path, &file->status) == 0;
	return file;
}

bool
config_is_outdated(const struct config *config)
{
	if (loaded_is_replaced())
		return true;
	for (size_t i = 0; i < config->watched_count; i++) {
		const struct watched_file *file = &config->watched[i];
		const struct stat *then = &file->status;
		struct stat now;

		if (stat(file->path, &now) != 0) {
			if (file->exists)
				return true;
			continue;
		}
		if (!file->exists || now.st_dev != then->st_dev ||
		    now.st_ino != then->st_ino || now.st_size != then->st_size ||
		    now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
		    now.st_mtim.tv_nsec != then->st_mtim.tv_nsec)
			return true;
	}
	return false;
}

/* Below the root; NULL if it does not exist. */
static const char *
watch_default(struct config *config, const char *root, const char *path)
{
	char *whole = format_string("%s%s", root, path);
	const struct watched_file *file = config_watch(config, whole);

	free(whole);
	return file->exists ? file->path : NULL;
}

/*
 * The cluster file that counts, or NULL. Those that would count before it are watched
 * too, since the configuration is outdated when one of them appears.
 */
static const char *
find_cluster_file(struct config *config, const struct config_options *options)
{
	const char *path;

	if (options->file)
		return config_watch(config, options->file)->path;
	path = watch_default(config, options->root, CLUSTER_FILE_APPLIED);
	return path ? path : watch_default(config, options->root, CLUSTER_FILE);
}

static void
add_own(struct config *config, const struct address *address, int port, bool tls)
{
	if (config->own_count < OWN_ENDPOINTS_MAX)
		config->own[config->own_count++] =
		    (struct endpoint){.address = *address, .port = port, .tls = tls};
}

static bool
is_local(const struct config *config, const struct address *address)
{
	return !address_is_loopback(address) && network_find(&config->local, address);
}

/* The address or host name as an address that this machine has, loopback excepted. */
static bool
find_local(const struct config *config, const char *text, struct address *address)
{
	struct process_options how = {.milliseconds = RESOLVE_MS};
	const char *const argv[] = {"getent", "ahosts", text, NULL};
	struct process_result result;
	bool found = false;
	char *line = NULL, *rest = NULL;

	if (!address_parse(text, address))
		return is_local(config, address);
	/* In a child: libc's resolver has no time limit. */
	process_run(argv, &how, &result);
	if (process_succeeded(&result) && result.output.data)
		line = strtok_r(result.output.data, "\n", &rest);
	for (; line && !found; line = strtok_r(NULL, "\n", &rest)) {
		line[strcspn(line, " \t")] = '\0';
		found = !address_parse(line, address) && is_local(config, address);
	}
	text_free(&result.output);
	return found;
}

/*
 * Also what holds while the cluster file cannot be used: which other machines may query
 * this one is not known then, so none may.
 */
static void
set_default_cluster(struct config *config)
{
	config->cluster = (struct cluster){
	    .source = SOURCE_AUTO,
	    .deadline = DEFAULT_DEADLINE_MS,
	    .s9s_home = S9S_HOME,
	};
}

/* No cluster file: a plain replacement of the recipe's script. */
static void
use_cmon_env(struct config *config, const struct cmon_env *env)
{
	struct address loopback = {.family = AF_INET};

	config->allow_all = true;
	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < env->count && config->own_count == 0; i++)
		if (find_local(config, env->addresses[i], &config->address))
			add_own(config, &config->address, TLS_PORT, true);
	if (config->own_count == 0)
		config->address = (struct address){.family = AF_UNSPEC};
	add_own(config, &loopback, TLS_PORT, true);
	add_own(config, &loopback, env->rpc_port, false);
}

static void
use_node(struct config *config, const struct node *self, const struct cmon_env *env)
{
	const struct cluster *cluster = &config->cluster;
	struct address loopback = {.family = AF_INET};

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(config->name, sizeof(config->name), "%s", self->name);
	config->address = self->address;
	config->address_missing = !address_is_loopback(&self->address) &&
				  !network_find(&config->local, &self->address);
	add_own(config, &self->address, cluster->rpc_port, true);
	add_own(config, &loopback, env->rpc_port, false);
	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];
		struct peer *peer = &config->peers[config->peer_count];

		if (node == self || !(node->roles & NODE_CONTROLLER))
			continue;
		snprintf(peer->name, sizeof(peer->name), "%s", node->name);
		peer->endpoint = (struct endpoint){.address = node->address,
		    .port = cluster->rpc_port,
		    .tls = true,
		    .pins = node->pins};
		/* A peer's firewall lets this node in by its address, and no other. */
		if (node->address.family == self->address.family)
			peer->endpoint.source = self->address;
		config->peer_count++;
	}
	if (!(self->roles & NODE_CONTROLLER))
		config->unusable = REASON_NOT_A_CONTROLLER;
}

static void
use_cluster_file(struct config *config, const char *path,
    const struct config_options *options, const struct cmon_env *env)
{
	struct problems problems = {0};
	const struct node *self;
	const char *reason;
	char *rest = NULL;

	if (options->node)
		snprintf(config->name, sizeof(config->name), "%s", options->node);
	if (cluster_read(path, &config->cluster, &problems) < 0) {
		char *line = problems.lines.data;

		if (line)
			line = strtok_r(line, "\n", &rest);
		for (; line; line = strtok_r(NULL, "\n", &rest))
			log_warnx("%s", line);
		set_unusable(config, REASON_NOT_CONFIGURED, "%s", path);
		set_default_cluster(config);
		problems_free(&problems);
		return;
	}
	problems_free(&problems);
	self =
	    cluster_find_self(&config->cluster, options->node, &config->local, &reason);
	if (self) {
		use_node(config, self, env);
	} else {
		set_unusable(config, REASON_NOT_A_NODE, "%s", reason);
		log_warnx("%s: %s", path, reason);
	}
}

struct config *
config_create(const struct config_options *options)
{
	struct config *config = allocate(sizeof(*config));
	struct text content = {0};
	struct cmon_env env;
	const char *cluster_file, *env_file;

	config->unusable = REASONS;
	set_default_cluster(config);
	if (gethostname(config->host_name, sizeof(config->host_name) - 1) < 0)
		log_warn("cannot get the host name");
	snprintf(config->name, sizeof(config->name), "%s", config->host_name);
	cluster_file = find_cluster_file(config, options);
	env_file = watch_default(config, options->root, CMON_ENV_FILE);
	if (env_file && file_read(env_file, FILE_LIMIT, &content) < 0)
		log_warn("%s: cannot read it, using the defaults", env_file);
	cmon_env_parse(&content, &env);
	text_free(&content);
	network_local_addresses(&config->local);
	if (*options->fault) {
		set_unusable(
		    config, REASON_NOT_CONFIGURED, "command line: %s", options->fault);
		log_warnx("%s", config->explanation);
	} else if (cluster_file) {
		use_cluster_file(config, cluster_file, options, &env);
	} else {
		use_cmon_env(config, &env);
	}
	trusted_users_find(&config->users, &config->cluster);
	if (options->source_given)
		config->cluster.source = options->source;
	return config;
}
