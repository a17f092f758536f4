#include "check/status.h"

#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

static void
set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		die(EX_SOFTWARE, "cannot put %s into the status", key);
}

static json_t *
word(const char *text)
{
	json_t *value = json_string(text);

	return value ? value : json_null();
}

static json_t *
address_word(const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	return address->family == AF_UNSPEC ? json_null()
					    : word(address_format(address, text));
}

static json_t *
peer_status(const struct peer *peer, const struct peer_view *view, clock_ms_t now)
{
	json_t *status = json_object();
	bool answered = view->last_answer != NEVER;

	set(status, "name", word(peer->name));
	set(status, "address", address_word(&peer->endpoint.address));
	set(status, "role",
		word(check_role_word(answered ? view->last_role : CHECK_UNKNOWN)));
	set(status, "reachable", json_boolean(peer_is_reachable(view, now)));
	set(status, "last_answer_ms",
		answered ? json_integer(now - view->last_answer) : json_null());
	set(status, "last_reason", word(reason_word(view->last_reason)));
	return status;
}

static json_t *
peers_status(
	const struct check_setup *setup, const struct verdict *verdict, clock_ms_t now)
{
	json_t *peers = json_array();

	for (size_t i = 0; i < setup->peer_count; i++)
		json_array_append_new(
			peers, peer_status(&setup->peers[i], &verdict->peers[i], now));
	return peers;
}

static json_t *
quorum_status(const struct check_setup *setup, const struct verdict *verdict)
{
	json_t *quorum = json_object();
	bool known =
		verdict->claim == CHECK_LEADER && verdict->reason != REASON_UI_DOWN;

	set(quorum, "wanted", json_boolean(setup->quorum));
	set(quorum, "controllers", json_integer((json_int_t)setup->peer_count + 1));
	/* Both with this node; a follower does not ask the others. */
	set(quorum, "reachable",
		known ? json_integer((json_int_t)verdict->reachable + 1) : json_null());
	set(quorum, "needed",
		known ? json_integer((json_int_t)verdict->needed + 1) : json_null());
	return quorum;
}

static json_t *
ui_status(const struct check_setup *setup, const struct verdict *verdict)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < setup->ui_count; i++) {
		json_t *port = json_object();

		set(port, "port", json_integer(setup->ui_ports[i]));
		set(port, "accepts",
			verdict->ui_known ? json_boolean(verdict->ui_open[i])
					  : json_null());
		json_array_append_new(ports, port);
	}
	return ports;
}

static json_t *
counter_status(const struct verdict *verdict, const struct service *service)
{
	json_t *counters = json_object();

	set(counters, "rounds", json_integer((json_int_t)verdict->rounds));
	set(counters, "pings", json_integer((json_int_t)verdict->pings));
	set(counters, "answers", json_integer((json_int_t)service->answers));
	set(counters, "refused", json_integer((json_int_t)service->refused));
	set(counters, "dropped", json_integer((json_int_t)service->dropped));
	return counters;
}

void
status_write(struct text *body, const struct check_setup *setup,
	const struct verdict *verdict, const struct service *service)
{
	clock_ms_t now = clock_now();
	json_t *status = json_object();
	struct text explanation = {0};
	char *words;

	verdict_explain(&explanation, verdict);
	set(status, "role", word(check_role_word(verdict->role)));
	set(status, "reason", word(reason_word(verdict->reason)));
	set(status, "explanation", word(text_string(&explanation)));
	set(status, "claim", word(check_role_word(verdict->claim)));
	set(status, "source", word(verdict->source == SOURCE_S9S ? "s9s" : "rpc"));
	set(status, "age_ms", json_integer(now - verdict->at));
	set(status, "since_ms", json_integer(now - service->since));
	set(status, "node", word(setup->name));
	set(status, "address", address_word(&setup->address));
	set(status, "checksum", *setup->checksum ? word(setup->checksum) : json_null());
	set(status, "quorum", quorum_status(setup, verdict));
	set(status, "peers", peers_status(setup, verdict, now));
	set(status, "ui", ui_status(setup, verdict));
	set(status, "counters", counter_status(verdict, service));
	set(status, "version", word(CMONHA_VERSION));
	set(status, "pid", json_integer(getpid()));
	set(status, "uptime_ms", json_integer(now - service->started));
	words = json_dumps(status, JSON_INDENT(2));
	if (!words)
		die(EX_SOFTWARE, "cannot write the status");
	text_add(body, "%s\n", words);
	free(words);
	text_free(&explanation);
	json_decref(status);
}
