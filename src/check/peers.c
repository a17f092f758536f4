#include "check/peers.h"

#include <stdlib.h>

/* How long a question may take. */
#define PEER_ASK_MS 800
/* In a local network only a lost packet makes a connection take so long. */
#define CONNECT_MS 300

void
peers_open(struct peers *peers, const struct check_setup *setup, CURLM *multi)
{
	*peers = (struct peers){.setup = setup, .multi = multi, .round_start = NEVER};
	peers->asks = allocate(setup->peer_count * sizeof(*peers->asks));
	for (size_t i = 0; i < setup->peer_count; i++) {
		ask_open(&peers->asks[i]);
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
	for (size_t i = 0; i < peers->setup->peer_count; i++)
		ask_close(&peers->asks[i], peers->multi);
	free(peers->asks);
}

void
peers_begin_round(struct peers *peers)
{
	peers->round_start = clock_now();
	for (size_t i = 0; i < peers->setup->peer_count; i++)
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

	ask_start(&peers->asks[i], peers->multi, &peers->setup->peers[i].endpoint,
	    PEER_ASK_MS);
	view->settled = false;
	if (view->waiting_since == NEVER)
		view->waiting_since = clock_now();
}

void
peers_ask(struct peers *peers)
{
	for (size_t i = 0; i < peers->setup->peer_count; i++) {
		struct ask *ask = &peers->asks[i];

		if (ask->running && clock_now() - ask->started >= CONNECT_MS &&
		    ask_is_unconnected(ask))
			ask_cancel(ask, peers->multi);
		if (!ask->running && !peers->views[i].answered)
			ask_one(peers, i);
	}
}

bool
peers_are_asked(const struct peers *peers)
{
	for (size_t i = 0; i < peers->setup->peer_count; i++)
		if (peers->asks[i].running)
			return true;
	return false;
}

void
peers_take(struct peers *peers, const struct ask *ask, const struct reply *reply)
{
	size_t i = (size_t)(ask - peers->asks);
	struct peer_view *view = &peers->views[i];

	view->last_reason = reply->reason;
	if (reply->role != CHECK_UNKNOWN || (peers->any_word_counts && reply->spoke)) {
		view->last_answer = clock_now();
		view->waiting_since = NEVER;
		view->last_role = reply->role;
		view->failed = false;
		view->settled = view->answered = true;
	} else if (reply->reason != REASON_TIME_OUT) {
		view->failed = view->settled = true;
	} else if (ask->started < peers->round_start) {
		/* That was the question of an earlier round; this one asks its own. */
		ask_one(peers, i);
	} else {
		view->settled = true;
	}
}
