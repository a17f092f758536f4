#include "watch/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/haproxy_stat.h"

static json_t *
not_null(json_t *value)
{
	if (!value)
		log_fatal(EX_OSERR, "out of memory");
	return value;
}

static const char *
server_state(const char *status)
{
	/* "UP 1/3" and "DOWN 1/2" are on their way to the other state. */
	static const struct {
		const char *begin, *state;
	} states[] = {{"UP", "up"}, {"DOWN", "down"}, {"MAINT", "maintenance"},
	    {"DRAIN", "drain"}, {"NOLB", "drain"}, {"no check", "no-check"}};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strncmp(status, states[i].begin, strlen(states[i].begin)) == 0)
			return states[i].state;
	return "unknown";
}

static json_t *
server_of(const struct haproxy_server *server)
{
	return not_null(json_pack("{s:s, s:s, s:i, s:i, s:o}", "name", server->name,
	    "state", server_state(server->status), "since", server->since, "sessions",
	    server->sessions, "reason",
	    json_sprintf("%s%s%s", server->check, *server->check_code ? "/" : "",
		server->check_code)));
}

/* The servers of a backend, to which the backend is added if it is a new one. */
static json_t *
servers_of(json_t *backends, const char *name)
{
	json_t *backend;
	size_t i;

	json_array_foreach (backends, i, backend)
		if (strcmp(json_string_value(json_object_get(backend, "name")), name) ==
		    0)
			return json_object_get(backend, "servers");
	backend = not_null(json_pack("{s:s, s:[]}", "name", name, "servers"));
	json_array_append_new(backends, backend);
	return json_object_get(backend, "servers");
}

static json_t *
list_backends(const struct text *haproxy)
{
	json_t *backends = not_null(json_array());
	char *copy = copy_string(text_string(haproxy));
	char *rest = copy;
	struct haproxy_server server;

	while (haproxy_next_server(&rest, &server))
		json_array_append_new(
		    servers_of(backends, server.backend), server_of(&server));
	free(copy);
	return backends;
}

static json_t *
string_or_null(const char *string)
{
	return not_null(string && *string ? json_string(string) : json_null());
}

int
report_write(const struct report *report, const char *root)
{
	char *version = haproxy_info(text_string(report->haproxy), "Version");
	json_t *all = not_null(json_pack(
	    "{s:i, s:I, s:i, s:{s:s, s:I}, s:{s:b, s:o, s:o, s:i, s:o}, s:{s:o}, s:O}",
	    "version", 1, "updated", (json_int_t)time(NULL), "pid", (int)getpid(),
	    "vrrp", "state", vrrp_state_name(report->state), "since",
	    (json_int_t)report->state_since, "haproxy", "answers",
	    report->haproxy_answers, "version", string_or_null(version), "installed",
	    string_or_null(report->haproxy_installed), "old_workers",
	    (int)report->old_workers, "backends", list_backends(report->haproxy),
	    "keepalived", "installed", string_or_null(report->keepalived_installed),
	    "problems", report->problems));
	struct text content = {.data = json_dumps(all, JSON_COMPACT)};
	char *path = format_string("%s%s", root, REPORT_FILE);
	int result = -1;

	content.length = content.data ? strlen(content.data) : 0;
	if (content.length)
		result = file_replace(path, &content, 0644);
	free(version);
	free(path);
	free(content.data);
	json_decref(all);
	return result;
}

void
report_restore(const char *root, struct transitions *transitions)
{
	char *path = format_string("%s%s", root, REPORT_FILE);
	struct text content = {0};
	json_t *all = NULL, *vrrp;
	const char *name;

	if (file_read(path, REPORT_LIMIT, &content) == 0)
		all = json_loads(text_string(&content), 0, NULL);
	vrrp = json_object_get(all, "vrrp");
	name = json_string_value(json_object_get(vrrp, "state"));
	for (int i = 0; name && i < VRRP_STATES; i++) {
		if (strcmp(name, vrrp_state_name((enum vrrp_state)i)) != 0)
			continue;
		transitions->state = (enum vrrp_state)i;
		transitions->since =
		    (time_t)json_integer_value(json_object_get(vrrp, "since"));
	}
	json_decref(all);
	text_free(&content);
	free(path);
}
