#include "check/status_json.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/json.h"

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

	json_put(status, "name", word(peer->name));
	json_put(status, "address", address_word(&peer->endpoint.address));
	json_put(
	    status, "role", word(role_name(answered ? view->last_role : ROLE_UNKNOWN)));
	json_put(status, "reachable", json_boolean(peer_is_reachable(view, now)));
	json_put(status, "last_answer_ms",
	    answered ? json_integer(now - view->last_answer) : json_null());
	json_put(status, "last_reason", word(reason_name(view->last_reason)));
	return status;
}

static json_t *
peers_status(const struct config *config, const struct verdict *verdict, clock_ms_t now)
{
	json_t *peers = json_array();

	for (size_t i = 0; i < config->peer_count; i++)
		json_push(
		    peers, peer_status(&config->peers[i], &verdict->peers[i], now));
	return peers;
}

static json_t *
quorum_status(const struct config *config, const struct verdict *verdict)
{
	json_t *quorum = json_object();
	bool known = verdict->claim == ROLE_LEADER && verdict->reason != REASON_UI_DOWN;

	json_put(quorum, "wanted", json_boolean(config->quorum));
	json_put(
	    quorum, "controllers", json_integer((json_int_t)config->peer_count + 1));
	/* Both with this node; a follower does not ask the others. */
	json_put(quorum, "reachable",
	    known ? json_integer((json_int_t)verdict->reachable + 1) : json_null());
	json_put(quorum, "needed",
	    known ? json_integer((json_int_t)verdict->needed + 1) : json_null());
	return quorum;
}

static json_t *
ui_status(const struct config *config, const struct verdict *verdict)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < config->ui_count; i++) {
		json_t *port = json_object();

		json_put(port, "port", json_integer(config->ui_ports[i]));
		json_put(port, "accepts",
		    verdict->ui_known ? json_boolean(verdict->ui_open[i])
				      : json_null());
		json_push(ports, port);
	}
	return ports;
}

static json_t *
counter_status(const struct verdict *verdict, const struct counters *service)
{
	json_t *counters = json_object();

	json_put(counters, "rounds", json_integer((json_int_t)verdict->rounds));
	json_put(counters, "pings", json_integer((json_int_t)verdict->pings));
	json_put(counters, "answers", json_integer((json_int_t)service->answers));
	json_put(counters, "refused", json_integer((json_int_t)service->refused));
	json_put(counters, "dropped", json_integer((json_int_t)service->dropped));
	return counters;
}

void
status_json_add(struct text *body, const struct config *config,
    const struct verdict *verdict, const struct counters *service)
{
	clock_ms_t now = clock_now();
	json_t *status = json_object();
	struct text explanation = {0};
	char *words;

	verdict_explain(&explanation, verdict);
	json_put(status, "role", word(role_name(verdict->role)));
	json_put(status, "reason", word(reason_name(verdict->reason)));
	json_put(status, "explanation", word(text_string(&explanation)));
	json_put(status, "claim", word(role_name(verdict->claim)));
	json_put(status, "source", word(verdict->source == SOURCE_S9S ? "s9s" : "rpc"));
	json_put(status, "age_ms", json_integer(now - verdict->at));
	json_put(status, "since_ms", json_integer(now - service->since));
	json_put(status, "node", word(config->name));
	json_put(status, "address", address_word(&config->address));
	json_put(status, "checksum",
	    *config->checksum ? word(config->checksum) : json_null());
	json_put(status, "quorum", quorum_status(config, verdict));
	json_put(status, "peers", peers_status(config, verdict, now));
	json_put(status, "ui", ui_status(config, verdict));
	json_put(status, "counters", counter_status(verdict, service));
	json_put(status, "version", word(CMONHA_VERSION));
	json_put(status, "pid", json_integer(getpid()));
	json_put(status, "uptime_ms", json_integer(now - service->started));
	words = json_dumps(status, JSON_INDENT(2));
	if (!words)
		log_fatal(EX_SOFTWARE, "cannot write the status");
	text_addf(body, "%s\n", words);
	free(words);
	text_free(&explanation);
	json_decref(status);
}
