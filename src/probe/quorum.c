#include "probe/quorum.h"

#include <stdlib.h>

/* How long a question may take. */
#define PEER_ASK_MS 800
/* In a local network only a lost packet makes a connection take so long. */
#define CONNECT_MS 300

void
peers_open(struct peers *peers, const struct config *config, CURLM *multi)
{
	*peers = (struct peers){.config = config, .multi = multi, .round_start = NEVER};
	peers->rpcs = allocate(config->peer_count * sizeof(*peers->rpcs));
	for (size_t i = 0; i < config->peer_count; i++) {
		rpc_open(&peers->rpcs[i]);
		peers->views[i] = (struct peer_view){
		    .last_answer = NEVER,
		    .waiting_since = NEVER,
		    .last_reason = REASON_NO_ANSWER,
		};
	}
}

void
peers_close(struct peers *peers)
{
	for (size_t i = 0; i < peers->config->peer_count; i++)
		rpc_close(&peers->rpcs[i], peers->multi);
	free(peers->rpcs);
}

void
peers_begin_round(struct peers *peers)
{
	peers->round_start = clock_now();
	for (size_t i = 0; i < peers->config->peer_count; i++)
		peers->views[i].settled = peers->views[i].answered = false;
}

void
peers_end_round(struct peers *peers)
{
	peers->round_start = NEVER;
}

static void
ask_one(struct peers *peers, size_t i)
{
	struct peer_view *view = &peers->views[i];

	rpc_start(&peers->rpcs[i], peers->multi, &peers->config->peers[i].endpoint,
	    PEER_ASK_MS);
	view->settled = false;
	if (view->waiting_since == NEVER)
		view->waiting_since = clock_now();
}

void
peers_ask(struct peers *peers)
{
	for (size_t i = 0; i < peers->config->peer_count; i++) {
		struct rpc *rpc = &peers->rpcs[i];

		if (rpc->running && clock_now() - rpc->started >= CONNECT_MS &&
		    rpc_is_connecting(rpc))
			rpc_cancel(rpc, peers->multi);
		if (!rpc->running && !peers->views[i].answered)
			ask_one(peers, i);
	}
}

bool
peers_are_asked(const struct peers *peers)
{
	for (size_t i = 0; i < peers->config->peer_count; i++)
		if (peers->rpcs[i].running)
			return true;
	return false;
}

void
peers_take(struct peers *peers, const struct rpc *rpc, const struct reply *reply)
{
	size_t i = (size_t)(rpc - peers->rpcs);
	struct peer_view *view = &peers->views[i];

	view->last_reason = reply->reason;
	if (reply->role != ROLE_UNKNOWN || (peers->any_word_counts && reply->spoke)) {
		view->last_answer = clock_now();
		view->waiting_since = NEVER;
		view->last_role = reply->role;
		view->failed = false;
		view->settled = view->answered = true;
	} else if (reply->reason != REASON_TIME_OUT) {
		view->failed = view->settled = true;
	} else if (rpc->started < peers->round_start) {
		/* That was the question of an earlier round; this one asks its own. */
		ask_one(peers, i);
	} else {
		view->settled = true;
	}
}
