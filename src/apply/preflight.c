#include "apply/preflight.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/listener.h"
#include "base/network.h"
#include "base/stream.h"
#include "cluster/ini.h"
#include "plan/vip.h"

#define UI_MS           2000
#define UI_RESPONSE_MAX (256 * 1024)

/* The key with its line; line 0, the file as a whole, if it has its default value. */
static struct place
find_place(const struct text *source, const char *section, const char *key)
{
	struct place place = {0, section, key};
	struct problems ignored = {0};
	struct ini ini;

	ini_begin(&ini, source, &ignored);
	while (!place.line && ini_next(&ini))
		if (ini.key && strcmp(ini.section, section) == 0 &&
		    strcmp(ini.key, key) == 0)
			place.line = ini.number;
	problems_free(&ignored);
	return place;
}

static bool
is_applied_port(const struct cluster *applied, int port)
{
	if (!applied)
		return false;
	for (size_t i = 0; i < applied->forwards.count; i++)
		if (applied->forwards.at[i].listen == port)
			return true;
	return applied->stats == port || applied->check_port == port;
}

/* A listener on any address, of either family, conflicts with one on all addresses. */
static void
check_port(const struct cluster *applied, int port, struct place place,
    struct problems *problems)
{
	struct address any = {.family = AF_UNSPEC};

	if (port && !is_applied_port(applied, port) &&
	    listener_find(&any, port) == LISTENER_FOUND)
		problem_error(problems, place,
		    "port %d is in use by another program; "
		    "\"ss -ltnp sport = :%d\" shows which",
		    port, port);
}

static bool
has_xinetd_service(const struct machine *machine, const struct host_facts *facts)
{
	char *path = machine_path(machine, "/etc/xinetd.d/cmonhachk");
	bool has = facts->has_xinetd && access(path, F_OK) == 0;

	free(path);
	return has;
}

/* The value of a header, cut out of the response in place; NULL if there is none. */
static char *
find_header(char *response, const char *name)
{
	char *line = strstr(response, "\r\n");

	while (line && strncmp(line, "\r\n\r\n", 4) != 0) {
		line += 2;
		if (strncasecmp(line, name, strlen(name)) == 0) {
			line[strcspn(line, "\r\n")] = '\0';
			return line + strlen(name);
		}
		line = strstr(line, "\r\n");
	}
	return NULL;
}

/*
 * ClusterControl 2.x only redirects port 80 to https://HOST/, without the port: the
 * browser would leave HAProxy for port 443 of whichever node is active.
 */
static void
check_ui_redirect(const struct node *self, const struct forward *forward,
    struct place place, struct problems *problems)
{
	clock_ms_t deadline = clock_now() + UI_MS;
	char words[] = "GET / HTTP/1.0\r\nHost: cmonha-ui.invalid\r\n\r\n";
	struct text request = {.data = words, .length = strlen(words)};
	struct text response = {0};
	const char *location;
	int fd = network_connect(&self->address, forward->port, deadline);

	/* A UI that is down now is the check's business, not a wrong cluster file. */
	if (fd >= 0 && stream_write(fd, &request, deadline) == 0 &&
	    stream_read(fd, UI_RESPONSE_MAX, deadline, &response) == 0 &&
	    strncmp(text_string(&response), "HTTP/1.", 7) == 0 && response.length > 9 &&
	    response.data[9] == '3') {
		location = find_header(response.data, "Location:");
		location = location ? location + strspn(location, " \t") : "";
		if (strncasecmp(location, "https://", 8) == 0)
			problem_error(problems, place,
			    "port %d of this node only redirects to %s, which leaves "
			    "port %d of the virtual IP; use %d:443, as ClusterControl "
			    "2.x needs (or --force)",
			    forward->port, location, forward->listen, forward->listen);
	}
	if (fd >= 0)
		close(fd);
	text_free(&response);
}

int
preflight_check(const struct machine *machine, const struct plan *plan,
    const struct host_facts *facts, const struct text *source,
    struct problems *problems)
{
	const struct cluster *cluster = plan->cluster;
	const struct forward_list *forwards = &cluster->forwards;
	bool proxy = facts->self->roles & NODE_PROXY;
	bool controller = facts->self->roles & NODE_CONTROLLER;
	struct place forward = find_place(source, "ui", "forward");
	struct problems ignored = {0};
	struct cluster *applied = allocate(sizeof(*applied));
	char *path = machine_path(machine, CLUSTER_FILE_APPLIED);
	size_t errors = problems->errors;
	bool has_applied = cluster_read(path, applied, &ignored) == 0;
	const struct cluster *own = has_applied ? applied : NULL;

	if (proxy) {
		vip_check_subnets(
		    cluster, facts, find_place(source, "cluster", "vip"), problems);
		for (size_t i = 0; i < forwards->count; i++)
			check_port(own, forwards->at[i].listen, forward, problems);
		check_port(
		    own, cluster->stats, find_place(source, "ui", "stats"), problems);
	}
	/* If xinetd has a service of this name already, the port is its own. */
	if (controller && !has_xinetd_service(machine, facts))
		check_port(own, cluster->check_port,
		    find_place(source, "check", "port"), problems);
	for (size_t i = 0; controller && i < forwards->count; i++)
		if (forwards->at[i].http)
			check_ui_redirect(
			    facts->self, &forwards->at[i], forward, problems);
	problems_free(&ignored);
	free(applied);
	free(path);
	return problems->errors == errors ? 0 : -1;
}
