#include "probe/probe.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "probe/quorum.h"
#include "probe/s9s.h"
#include "probe/ui_port.h"

/* There is nothing to wait for so long: every question has its own deadline. */
#define LONG_MS 10000

struct probe {
	const struct config *config;
	CURLM *multi;
	int wake;
	bool woken;
	atomic_bool stopped;
	bool home; /* this node's address is on this machine */

	struct rpc own;
	struct reply own_reply;
	bool own_done;

	struct peers peers;
	unsigned long rounds, pings;
};

struct probe *
probe_create(const struct config *config)
{
	struct probe *probe = allocate(sizeof(*probe));

	if (curl_global_init(CURL_GLOBAL_ALL) != 0 ||
	    !(probe->multi = curl_multi_init()))
		log_fatal(EX_SOFTWARE, "libcurl cannot be used");
	curl_multi_setopt(probe->multi, CURLMOPT_MAXCONNECTS,
	    (long)(config->own_count + config->peer_count + 1));
	probe->config = config;
	probe->home = !config->away;
	probe->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (probe->wake < 0)
		log_fatal(EX_OSERR, "out of descriptors");
	rpc_open(&probe->own);
	peers_open(&probe->peers, config, probe->multi);
	return probe;
}

void
probe_free(struct probe *probe)
{
	rpc_close(&probe->own, probe->multi);
	peers_close(&probe->peers);
	curl_multi_cleanup(probe->multi);
	curl_global_cleanup();
	close(probe->wake);
	free(probe);
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
work(struct probe *probe, clock_ms_t until)
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

		if (message->msg != CURLMSG_DONE)
			continue;
		rpc = rpc_finish(probe->multi, message, &reply);
		if (rpc == &probe->own) {
			probe->own_reply = reply;
			probe->own_done = true;
		} else {
			peers_take(&probe->peers, rpc, &reply);
		}
	}
}

void
probe_idle(struct probe *probe)
{
	struct pollfd wake = {.fd = probe->wake, .events = POLLIN};
	eventfd_t ignored;

	while (!probe->woken && peers_are_asked(&probe->peers))
		work(probe, clock_now() + LONG_MS);
	while (!probe->woken) {
		poll(&wake, 1, -1);
		probe->woken = eventfd_read(probe->wake, &ignored) == 0;
	}
	probe->woken = false;
}

/* The next endpoint is tried only where nobody listens at the one before. */
static void
ask_own_controller(struct probe *probe, clock_ms_t deadline)
{
	const struct config *config = probe->config;

	probe->own_reply = rpc_reply_without(REASON_REFUSED);
	for (size_t i = 0; i < config->own_count && !probe->stopped; i++) {
		probe->own_done = false;
		probe->pings++;
		rpc_start(
		    &probe->own, probe->multi, &config->own[i], clock_left(deadline));
		while (!probe->own_done && !probe->stopped && clock_left(deadline) > 0)
			work(probe, deadline);
		if (!probe->own_done)
			probe->own_reply = rpc_reply_without(REASON_TIME_OUT);
		rpc_cancel(&probe->own, probe->multi);
		if (probe->own_reply.reason != REASON_REFUSED)
			return;
	}
}

/* The reply comes from one source or the other, never from both. */
static enum source
ask_own(struct probe *probe, clock_ms_t deadline)
{
	const struct config *config = probe->config;
	struct reply reply;

	if (config->source != SOURCE_S9S) {
		ask_own_controller(probe, deadline);
		if (config->source == SOURCE_RPC ||
		    !reason_is_unintelligible(probe->own_reply.reason))
			return SOURCE_RPC;
	}
	if (!s9s_query(config, clock_left(deadline), &reply) &&
	    config->source == SOURCE_AUTO)
		return SOURCE_RPC;
	probe->own_reply = reply;
	return SOURCE_S9S;
}

static bool
look_at_ui(struct probe *probe, struct verdict *verdict)
{
	const struct config *config = probe->config;
	bool open = true;

	verdict->ui_known = true;
	for (size_t i = 0; i < config->ui_count; i++) {
		verdict->ui_open[i] =
		    ui_port_accepts(&config->address, config->ui_ports[i]);
		if (verdict->ui_open[i])
			continue;
		open = false;
		snprintf(verdict->detail, sizeof(verdict->detail), "port %d",
		    config->ui_ports[i]);
	}
	return open;
}

static void
describe(const struct probe *probe, const struct judgement *judgement,
    struct verdict *verdict)
{
	const struct peer *other = &probe->config->peers[judgement->other];
	char address[ADDRESS_TEXT_MAX];

	if (judgement->reason == REASON_TWO_LEADERS)
		snprintf(verdict->detail, sizeof(verdict->detail), "%s, %s",
		    other->name, address_format(&other->endpoint.address, address));
	if (judgement->reason == REASON_NO_QUORUM)
		snprintf(verdict->detail, sizeof(verdict->detail),
		    "%zu of %zu, itself included; %zu are needed",
		    judgement->reachable + 1, probe->config->peer_count + 1,
		    judgement->needed + 1);
}

/* The own controller says leader: may users come here? */
static void
examine_leader(struct probe *probe, clock_ms_t deadline, struct verdict *verdict)
{
	struct question question = {
	    .peers = probe->peers.views,
	    .count = probe->config->peer_count,
	    .quorum = probe->config->quorum,
	    .own_at = verdict->at,
	    .deadline = deadline,
	};
	struct judgement judgement;

	if (!look_at_ui(probe, verdict)) {
		verdict->reason = REASON_UI_DOWN;
		return;
	}
	peers_ask(&probe->peers);
	while (judgement = judge(&question, clock_now()),
	    judgement.wait && !probe->stopped)
		work(probe, judgement.again);
	verdict->reason = judgement.reason;
	verdict->reachable = judgement.reachable;
	verdict->needed = judgement.needed;
	describe(probe, &judgement, verdict);
	if (judgement.reason == REASON_LEADER) {
		verdict->role = ROLE_LEADER;
		if (judgement.expires < verdict->expires)
			verdict->expires = judgement.expires;
	}
}

static bool
has_come_home(struct probe *probe)
{
	struct local_addresses *now = allocate(sizeof(*now));

	network_local_addresses(now);
	probe->home = network_find(now, &probe->config->address) != NULL;
	free(now);
	return probe->home;
}

/* Whether there is nothing to ask: then the verdict says why. */
static bool
has_nobody_to_ask(struct probe *probe, struct verdict *verdict)
{
	const struct config *config = probe->config;
	char address[ADDRESS_TEXT_MAX];

	if (config->unusable != REASONS) {
		verdict->reason = config->unusable;
		snprintf(verdict->detail, sizeof(verdict->detail), "%.191s",
		    config->explanation);
		return true;
	}
	if (probe->home || has_come_home(probe))
		return false;
	verdict->reason = REASON_NOT_A_NODE;
	snprintf(verdict->detail, sizeof(verdict->detail),
	    "this machine does not have the address %s of node %.60s",
	    address_format(&config->address, address), config->name);
	return true;
}

static clock_ms_t
expiry(const struct verdict *verdict, clock_ms_t begin)
{
	clock_ms_t since = verdict->reason == REASON_TIME_OUT ? begin : verdict->at;

	return since + (verdict->source == SOURCE_S9S ? S9S_LIFE_MS : VERDICT_LIFE_MS);
}

bool
probe_round(struct probe *probe, clock_ms_t deadline, struct verdict *verdict)
{
	clock_ms_t begin = clock_now();

	verdict_begin(verdict, REASON_NO_ANSWER, begin);
	peers_begin_round(&probe->peers);
	if (!has_nobody_to_ask(probe, verdict)) {
		verdict->source = ask_own(probe, deadline);
		probe->peers.any_word_counts = verdict->source == SOURCE_S9S;
		verdict->at = clock_now();
		verdict->claim = probe->own_reply.role;
		verdict->reason = probe->own_reply.reason;
		memcpy(verdict->detail, probe->own_reply.detail, REPLY_DETAIL);
	}
	verdict->expires = expiry(verdict, begin);
	if (verdict->claim == ROLE_LEADER)
		examine_leader(probe, deadline, verdict);
	else
		verdict->role = verdict->claim;
	verdict->rounds = ++probe->rounds;
	verdict->pings = probe->pings;
	memcpy(verdict->peers, probe->peers.views,
	    probe->config->peer_count * sizeof(*verdict->peers));
	peers_end_round(&probe->peers);
	return !probe->stopped;
}
