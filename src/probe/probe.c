#include "probe/probe.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/listener.h"
#include "probe/quorum.h"
#include "probe/s9s.h"
#include "probe/timing.h"
#include "probe/ui.h"

/* Longer than any query lasts: each has its own deadline. */
#define IDLE_MS 10000

struct probe {
	const struct config *config;
	CURLM *multi;
	int wake;
	bool woken;
	atomic_bool stopped;
	bool has_address; /* this machine has the node's address */

	struct rpc own;
	struct reply own_reply;
	bool own_done;

	struct quorum quorum;
	struct ui ui;
	unsigned long rounds, pings, pings_ms;
};

struct probe *
probe_create(const struct config *config)
{
	struct probe *probe = allocate(sizeof(*probe));

	if (curl_global_init(CURL_GLOBAL_ALL) != 0)
		log_fatal(EX_SOFTWARE, "cannot initialize libcurl");
	probe->multi = curl_multi_init();
	if (!probe->multi)
		log_fatal(EX_SOFTWARE, "cannot initialize libcurl");
	curl_multi_setopt(probe->multi, CURLMOPT_MAXCONNECTS,
	    (long)(config->own_count + config->peer_count +
		   config->cluster.forwards.count + 1));
	probe->config = config;
	probe->has_address = !config->address_missing;
	probe->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (probe->wake < 0)
		log_fatal(EX_OSERR, "too many open files");
	rpc_init(&probe->own);
	quorum_init(&probe->quorum, config, probe->multi);
	ui_init(&probe->ui, config, probe->multi);
	return probe;
}

void
probe_free(struct probe *probe)
{
	rpc_clear(&probe->own, probe->multi);
	quorum_clear(&probe->quorum);
	ui_clear(&probe->ui);
	curl_multi_cleanup(probe->multi);
	curl_global_cleanup();
	close(probe->wake);
	free(probe);
}

int
probe_round_ms(const struct config *config)
{
	int deadline = config->cluster.deadline;

	return deadline > 2 * RESPONSE_MS ? deadline - RESPONSE_MS : deadline / 2;
}

void
probe_wake(struct probe *probe)
{
	eventfd_write(probe->wake, 1);
}

void
probe_stop(struct probe *probe)
{
	probe->stopped = true;
	probe_wake(probe);
}

/* Lets libcurl work, at most until then; notices a wake-up. */
static void
run_queries(struct probe *probe, clock_ms_t until)
{
	struct curl_waitfd wake = {.fd = probe->wake, .events = CURL_WAIT_POLLIN};
	CURLMsg *message;
	struct reply reply;
	eventfd_t ignored;
	int running, left;

	curl_multi_wait(probe->multi, &wake, 1, clock_left(until), NULL);
	if (eventfd_read(probe->wake, &ignored) == 0)
		probe->woken = true;
	curl_multi_perform(probe->multi, &running);
	while ((message = curl_multi_info_read(probe->multi, &left))) {
		struct rpc *rpc;

		if (message->msg != CURLMSG_DONE || ui_finish(&probe->ui, message))
			continue;
		rpc = rpc_finish(probe->multi, message, &reply);
		if (rpc == &probe->own) {
			probe->own_reply = reply;
			probe->own_done = true;
		} else {
			quorum_handle_reply(&probe->quorum, rpc, &reply);
		}
	}
}

void
probe_idle(struct probe *probe)
{
	struct pollfd wake = {.fd = probe->wake, .events = POLLIN};
	eventfd_t ignored;

	while (!probe->woken &&
	       (quorum_is_querying(&probe->quorum) || ui_is_querying(&probe->ui)))
		run_queries(probe, clock_now() + IDLE_MS);
	while (!probe->woken) {
		poll(&wake, 1, -1);
		probe->woken = eventfd_read(probe->wake, &ignored) == 0;
	}
	probe->woken = false;
}

/* Whether such a listener is there, see trusted_users.h; if so `detail` has whose. */
static bool
is_foreign(const struct config *config, const struct address *address, int port,
    char *detail, size_t size)
{
	uid_t user;

	if (!trusted_users_find_foreign(&config->users, address, port, &user))
		return false;
	snprintf(detail, size, "port %d, user %u", port, (unsigned)user);
	return true;
}

/* One query, at most until the deadline; its result is in `own_reply`. */
static void
query_endpoint(struct probe *probe, const struct endpoint *endpoint,
    enum rpc_query query, clock_ms_t deadline)
{
	probe->own_done = false;
	rpc_start(&probe->own, probe->multi, endpoint, query, clock_left(deadline));
	while (!probe->own_done && !probe->stopped && clock_left(deadline) > 0)
		run_queries(probe, deadline);
	if (!probe->own_done)
		probe->own_reply = rpc_reply_none(REASON_TIME_OUT);
	rpc_cancel(&probe->own, probe->multi);
}

/*
 * A controller of a pool has no role that is known here, and its reply to the ping does
 * not say why; the second query does.
 */
static void
query_pool(struct probe *probe, const struct endpoint *endpoint, clock_ms_t deadline)
{
	struct reply ping = probe->own_reply;

	query_endpoint(probe, endpoint, RPC_INFO, deadline);
	if (probe->own_reply.reason == REASON_POOL)
		probe->own_reply.is_from_cmon = true;
	else
		probe->own_reply = ping;
}

/* The next endpoint is tried only if the one before refuses connections. */
static void
query_controller(struct probe *probe, clock_ms_t deadline)
{
	const struct config *config = probe->config;
	size_t i;

	probe->own_reply = rpc_reply_none(REASON_REFUSED);
	for (i = 0; i < config->own_count && !probe->stopped; i++) {
		const struct endpoint *own = &config->own[i];
		clock_ms_t begin;

		if (is_foreign(config, &own->address, own->port,
			probe->own_reply.detail, REPLY_DETAIL)) {
			probe->own_reply.reason = REASON_FOREIGN_LISTENER;
			return;
		}
		begin = clock_now();
		probe->pings++;
		query_endpoint(probe, own, RPC_PING, deadline);
		probe->pings_ms += (unsigned long)(clock_now() - begin);
		if (probe->own_reply.reason != REASON_REFUSED)
			break;
	}
	if (config->cluster.show == SHOW_LEADER &&
	    (probe->own_reply.reason == REASON_NO_STATUS ||
		probe->own_reply.reason == REASON_UNKNOWN_STATUS))
		query_pool(probe, &config->own[i], deadline);
}

/* The reply comes from one source or the other, never from both. */
static enum source
query_role(struct probe *probe, clock_ms_t deadline)
{
	const struct cluster *cluster = &probe->config->cluster;
	enum source source = cluster->source;
	struct reply reply;

	if (source != SOURCE_S9S) {
		query_controller(probe, deadline);
		/* Where no role is needed, a reply that has none is good enough. */
		if (source == SOURCE_RPC || cluster->show == SHOW_ANY ||
		    !rpc_reply_is_unusable(&probe->own_reply))
			return SOURCE_RPC;
	}
	if (!s9s_query(probe->config, clock_left(deadline), &reply) &&
	    source == SOURCE_AUTO)
		return SOURCE_RPC;
	probe->own_reply = reply;
	return SOURCE_S9S;
}

bool
probe_port_is_open(const struct address *address, int port, clock_ms_t deadline)
{
	int fd;

	if (listener_find(address, port) == LISTENER_FOUND)
		return true;
	fd = network_connect(address, port, deadline);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/*
 * Why users cannot use the web interface; REASONS if they can. The last requests count,
 * and new ones begin: the round does not wait for them.
 */
static enum reason
check_ui_ports(struct probe *probe, struct verdict *verdict)
{
	const struct config *config = probe->config;
	const struct forward_list *forwards = &config->cluster.forwards;
	clock_ms_t deadline = clock_now() + UI_CONNECT_MS;
	enum reason reason = REASONS;

	ui_query(&probe->ui);
	verdict->ui_known = true;
	for (size_t i = 0; i < forwards->count; i++) {
		int port = forwards->at[i].port;
		const char *fault = ui_fault(&probe->ui, i);

		if (is_foreign(config, &config->address, port, verdict->detail,
			sizeof(verdict->detail)))
			return REASON_FOREIGN_LISTENER;
		verdict->ui_open[i] =
		    !fault && probe_port_is_open(&config->address, port, deadline);
		/* The first is named: the next may only have had no time left. */
		if (verdict->ui_open[i] || reason != REASONS)
			continue;
		reason = REASON_UI_DOWN;
		if (fault)
			snprintf(verdict->detail, sizeof(verdict->detail), "%s", fault);
		else
			snprintf(verdict->detail, sizeof(verdict->detail),
			    "port %d does not accept connections", port);
	}
	return reason;
}

/* The own controller says leader: may users be sent here? */
static void
verify_leader(struct probe *probe, clock_ms_t deadline, struct verdict *verdict)
{
	const struct config *config = probe->config;
	struct quorum_input input = {
	    .peers = probe->quorum.peers,
	    .count = config->peer_count,
	    .required = config->cluster.quorum,
	    .claimed_at = verdict->at,
	    .deadline = deadline,
	};
	struct quorum_result result;

	enum reason fault = check_ui_ports(probe, verdict);

	if (fault != REASONS) {
		verdict->reason = fault;
		return;
	}
	quorum_query(&probe->quorum);
	result = quorum_judge(&input, clock_now());
	while (result.wait && !probe->stopped) {
		run_queries(probe, result.judge_at);
		result = quorum_judge(&input, clock_now());
	}
	verdict->reason = result.reason;
	verdict->reachable = result.reachable;
	verdict->needed = result.needed;
	if (result.reason == REASON_LEADER) {
		verdict->role = ROLE_LEADER;
		if (result.expires < verdict->expires)
			verdict->expires = result.expires;
	} else if (result.reason == REASON_TWO_LEADERS) {
		const struct peer *other = &config->peers[result.other_leader];
		char address[ADDRESS_TEXT_MAX];

		snprintf(verdict->detail, sizeof(verdict->detail), "%s, %s",
		    other->name, address_format(&other->endpoint.address, address));
	} else {
		snprintf(verdict->detail, sizeof(verdict->detail),
		    "%zu of %zu reachable, this node included; %zu required",
		    result.reachable + 1, config->peer_count + 1, result.needed + 1);
	}
}

/*
 * With `show = any`: the controller responds, whatever its role, and so does the web
 * interface. What else is wrong with a leader, such as a lost majority, is reported but
 * keeps no user away.
 */
static void
verify_any(struct probe *probe, struct verdict *verdict)
{
	enum reason fault = REASONS;

	if (!probe->own_reply.is_from_cmon || verdict->reason == REASON_TRY_AGAIN ||
	    verdict->reason == REASON_REJECTED)
		return;
	if (!verdict->ui_known)
		fault = check_ui_ports(probe, verdict);
	if (fault != REASONS)
		verdict->reason = fault;
	if (verdict->reason == REASON_UI_DOWN ||
	    verdict->reason == REASON_FOREIGN_LISTENER)
		return;
	verdict->shown = true;
	if (verdict->claim == ROLE_UNKNOWN) {
		verdict->reason = REASON_SERVING;
		verdict->detail[0] = '\0';
	}
}

/* Whether there is a controller to query; if not, the verdict has the reason. */
static bool
has_controller(struct probe *probe, struct verdict *verdict)
{
	const struct config *config = probe->config;
	char address[ADDRESS_TEXT_MAX];

	if (config->unusable != REASONS) {
		verdict->reason = config->unusable;
		snprintf(verdict->detail, sizeof(verdict->detail), "%.191s",
		    config->explanation);
		return false;
	}
	/* At boot the check may start before the node's address is configured. */
	if (!probe->has_address) {
		struct local_addresses *now = allocate(sizeof(*now));

		network_local_addresses(now);
		probe->has_address = network_find(now, &config->address) != NULL;
		free(now);
	}
	if (probe->has_address)
		return true;
	verdict->reason = REASON_NOT_A_NODE;
	snprintf(verdict->detail, sizeof(verdict->detail),
	    "this machine does not have the address %s of node %.60s",
	    address_format(&config->address, address), config->name);
	return false;
}

bool
probe_round(struct probe *probe, clock_ms_t deadline, struct verdict *verdict)
{
	clock_ms_t begin = clock_now(), since;

	verdict_init(verdict, REASON_NO_ANSWER, begin);
	quorum_begin_round(&probe->quorum);
	if (has_controller(probe, verdict)) {
		verdict->source = query_role(probe, deadline);
		probe->quorum.any_reply_counts = verdict->source == SOURCE_S9S;
		verdict->at = clock_now();
		verdict->claim = probe->own_reply.role;
		verdict->reason = probe->own_reply.reason;
		memcpy(verdict->detail, probe->own_reply.detail, REPLY_DETAIL);
	}
	/*
	 * Silence ages from the beginning of its round, so by its end it is used for
	 * those who waited and for nobody else: a controller that stalled once is
	 * queried again before its node is given up.
	 */
	since = verdict->reason == REASON_TIME_OUT ? begin : verdict->at;
	verdict->expires = since + (verdict->source == SOURCE_S9S ? S9S_VERDICT_LIFE_MS
								  : VERDICT_LIFE_MS);
	if (verdict->claim == ROLE_LEADER)
		verify_leader(probe, deadline, verdict);
	else
		verdict->role = verdict->claim;
	if (probe->config->cluster.show == SHOW_ANY)
		verify_any(probe, verdict);
	else
		verdict->shown = verdict->role == ROLE_LEADER;
	verdict->rounds = ++probe->rounds;
	verdict->pings = probe->pings;
	verdict->pings_ms = probe->pings_ms;
	memcpy(verdict->peers, probe->quorum.peers,
	    probe->config->peer_count * sizeof(*verdict->peers));
	quorum_end_round(&probe->quorum);
	return !probe->stopped;
}
