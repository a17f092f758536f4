#include "watch/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/value.h"
#include "cluster/ini.h"

#define SETTINGS_MAX (16 * 1024)

static const char *
add_peer(struct peer_list *peers, const char *value)
{
	const char *reason;

	if (peers->count == NODES_MAX)
		return "is one peer too many";
	reason = address_parse(value, &peers->at[peers->count]);
	if (!reason)
		peers->count++;
	return reason;
}

static const char *
set_port(int *port, const char *value)
{
	int64_t number;
	const char *reason = value_number(value, 1, 65535, &number);

	if (!reason)
		*port = (int)number;
	return reason;
}

/* The one reason that is not about the value. */
static const char unknown_key[] = "unknown key";

/* NULL, or a reason. */
static const char *
set(struct settings *settings, const char *key, const char *value)
{
	if (strcmp(key, "address") == 0)
		return address_parse(value, &settings->address);
	if (strcmp(key, "cut_sessions") == 0)
		return value_bool(value, &settings->cut_sessions);
	if (strcmp(key, "peer") == 0)
		return add_peer(&settings->peers, value);
	if (strcmp(key, "peer_port") == 0)
		return set_port(&settings->peer_port, value);
	if (strcmp(key, "interface") != 0)
		return unknown_key;
	if (!*value || strlen(value) >= sizeof(settings->interface))
		return "is not an interface name";
	snprintf(settings->interface, sizeof(settings->interface), "%s", value);
	return NULL;
}

static void
parse(const struct text *content, struct settings *settings, struct problems *problems)
{
	struct ini *ini = allocate(sizeof(*ini));
	const char *reason;

	ini_begin(ini, content, problems);
	while (ini_next(ini)) {
		struct place place = {ini->number, ini->section, ini->key};

		if (!ini->key)
			continue;
		reason = set(settings, ini->key, ini->value);
		if (reason == unknown_key)
			problem_error(problems, place, "%s", reason);
		else if (reason)
			problem_error(problems, place, "\"%s\" %s", ini->value, reason);
	}
	if (!problems->errors && settings->address.family == AF_UNSPEC)
		problem_error(problems, (struct place){0}, "address is missing");
	if (!problems->errors && !*settings->interface)
		problem_error(problems, (struct place){0}, "interface is missing");
	if (!problems->errors && settings->peers.count > 0 && !settings->peer_port)
		problem_error(problems, (struct place){0}, "peer_port is missing");
	free(ini);
}

int
settings_read(const char *path, struct settings *settings)
{
	struct problems problems = {.file = path};
	struct settings parsed = {.address.family = AF_UNSPEC};
	struct text content = {0};
	int result = -1;

	if (file_read(path, SETTINGS_MAX, &content) < 0) {
		log_warn("%s: cannot read", path);
		return -1;
	}
	parse(&content, &parsed, &problems);
	if (problems.errors)
		problems_print(&problems);
	else
		result = 0;
	if (result == 0)
		*settings = parsed;
	problems_free(&problems);
	text_free(&content);
	return result;
}
