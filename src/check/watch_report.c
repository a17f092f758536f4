#include "check/watch_report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/process.h"
#include "cluster/cluster.h"

#define SERVERS_LIMIT  (NODES_MAX * FORWARDS_MAX)
#define PROBLEMS_LIMIT 16
#define TEXT_LIMIT     200
#define COUNT_LIMIT    INT64_C(1000000000)

static const char *const vrrp_states[] = {
    "master", "backup", "fault", "stopped", "unknown", NULL};
static const char *const server_states[] = {
    "up", "down", "maintenance", "drain", "no-check", "unknown", NULL};

/* The member as a new string, or NULL if it is none or too long. */
static json_t *
printable(const json_t *text)
{
	const char *string = json_string_value(text);
	json_t *result;
	char *copy;

	if (!string || strlen(string) >= TEXT_LIMIT)
		return NULL;
	copy = copy_string(string);
	text_make_printable(copy);
	result = json_string(copy);
	free(copy);
	return result;
}

/* The member as a new string if it is one of the words, or NULL. */
static json_t *
word(const json_t *text, const char *const words[])
{
	const char *string = json_string_value(text);

	for (size_t i = 0; string && words[i]; i++)
		if (strcmp(words[i], string) == 0)
			return json_string(string);
	return NULL;
}

/* A count as a new integer, or NULL. */
static json_t *
count(const json_t *number)
{
	json_int_t value = json_integer_value(number);

	return json_is_integer(number) && value >= 0 && value <= COUNT_LIMIT
		   ? json_integer(value)
		   : NULL;
}

/* keepalived's state, and since when; null if that is unknown, or in the future. */
static json_t *
copy_vrrp(const json_t *vrrp, int64_t now)
{
	json_t *state = word(json_object_get(vrrp, "state"), vrrp_states);
	json_int_t since = json_integer_value(json_object_get(vrrp, "since"));
	bool known = since > 0 && since <= now;

	return json_pack("{s:o, s:o, s:o}", "state",
	    state ? state : json_string("unknown"), "since",
	    known ? json_integer(since) : json_null(), "since_ms",
	    known ? json_integer((now - since) * 1000) : json_null());
}

static json_t *
copy_server(const char *backend, const json_t *server, json_int_t age)
{
	json_int_t since = json_integer_value(json_object_get(server, "since"));

	/* NULL is refused by "o", and becomes null by "o?". */
	return json_pack("{s:s, s:o, s:o, s:I, s:o?, s:o?}", "backend", backend, "name",
	    printable(json_object_get(server, "name")), "state",
	    word(json_object_get(server, "state"), server_states), "since_ms",
	    since >= 0 && since <= COUNT_LIMIT ? (since + age) * 1000 : 0, "sessions",
	    count(json_object_get(server, "sessions")), "reason",
	    printable(json_object_get(server, "reason")));
}

static json_t *
copy_servers(const json_t *backends, json_int_t age)
{
	json_t *servers = json_array();
	json_t *backend, *server;
	size_t i, j;

	json_array_foreach ((json_t *)backends, i, backend) {
		json_t *name = printable(json_object_get(backend, "name"));

		json_array_foreach (json_object_get(backend, "servers"), j, server)
			if (name && json_array_size(servers) < SERVERS_LIMIT)
				json_array_append_new(servers,
				    copy_server(json_string_value(name), server, age));
		json_decref(name);
	}
	return servers;
}

static json_t *
copy_haproxy(const json_t *haproxy, json_int_t age)
{
	if (!json_is_object(haproxy))
		return json_null();
	return json_pack("{s:b, s:o?, s:o?, s:o}", "answers",
	    json_is_true(json_object_get(haproxy, "answers")), "version",
	    printable(json_object_get(haproxy, "version")), "old_workers",
	    count(json_object_get(haproxy, "old_workers")), "servers",
	    copy_servers(json_object_get(haproxy, "backends"), age));
}

static json_t *
copy_problems(const json_t *problems)
{
	json_t *copy = json_array();
	json_t *problem;
	size_t i;

	json_array_foreach ((json_t *)problems, i, problem)
		if (json_array_size(copy) < PROBLEMS_LIMIT)
			/* Fails on NULL: what is no text, or too long, is left out. */
			json_array_append_new(copy, printable(problem));
	return copy;
}

static json_t *
unknown(const char *why, json_int_t pid)
{
	return json_pack("{s:s, s:{s:s, s:n, s:n}, s:n, s:[], s:I, s:{s:n, s:n}}",
	    "watch", why, "vrrp", "state", "unknown", "since", "since_ms", "haproxy",
	    "problems", "pid", pid, "installed", "haproxy", "keepalived");
}

static json_t *
copy_installed(const json_t *report)
{
	const json_t *haproxy = json_object_get(report, "haproxy");
	const json_t *keepalived = json_object_get(report, "keepalived");

	return json_pack("{s:o?, s:o?}", "haproxy",
	    printable(json_object_get(haproxy, "installed")), "keepalived",
	    printable(json_object_get(keepalived, "installed")));
}

/* Of a report of version 1 that is new enough. */
static json_t *
copy_report(const json_t *report, json_int_t pid, json_int_t age, int64_t now)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:I, s:o}", "watch", "current", "vrrp",
	    copy_vrrp(json_object_get(report, "vrrp"), now), "haproxy",
	    copy_haproxy(json_object_get(report, "haproxy"), age > 0 ? age : 0),
	    "problems", copy_problems(json_object_get(report, "problems")), "pid", pid,
	    "installed", copy_installed(report));
}

json_t *
watch_report_parse(const struct text *text, int64_t now)
{
	json_t *report =
	    json_loadb(text_string(text), text->length, JSON_REJECT_DUPLICATES, NULL);
	json_int_t version = 0, updated = 0, pid, age;
	json_t *result;

	if (json_unpack(
		report, "{s:I, s:I}", "version", &version, "updated", &updated) < 0 ||
	    version != 1 || updated <= 0) {
		json_decref(report);
		return unknown("absent", 0);
	}
	age = now - updated;
	pid = json_integer_value(json_object_get(report, "pid"));
	if (pid < 1 || pid > PID_LAST)
		pid = 0;
	/* The clock may have been set back a little. */
	if (age > WATCH_REPORT_LIFE || age < -WATCH_REPORT_LIFE)
		result = unknown("stale", pid);
	else
		result = copy_report(report, pid, age, now);
	json_decref(report);
	return result;
}

json_t *
watch_report_read(const char *path)
{
	struct text content = {0};
	json_t *report;

	if (file_read(path, WATCH_REPORT_LIMIT, &content) < 0)
		return unknown("absent", 0);
	report = watch_report_parse(&content, time(NULL));
	text_free(&content);
	return report;
}
