#include "probe/quorum.h"

#include <stdlib.h>

#include "probe/timing.h"

void
quorum_init(struct quorum *quorum, const struct config *config, CURLM *multi)
{
	*quorum =
	    (struct quorum){.config = config, .multi = multi, .round_start = NEVER};
	quorum->rpcs = allocate(config->peer_count * sizeof(*quorum->rpcs));
	for (size_t i = 0; i < config->peer_count; i++) {
		rpc_init(&quorum->rpcs[i]);
		peer_state_init(&quorum->peers[i]);
	}
}

void
quorum_clear(struct quorum *quorum)
{
	for (size_t i = 0; i < quorum->config->peer_count; i++)
		rpc_clear(&quorum->rpcs[i], quorum->multi);
	free(quorum->rpcs);
}

void
quorum_begin_round(struct quorum *quorum)
{
	quorum->round_start = clock_now();
	for (size_t i = 0; i < quorum->config->peer_count; i++)
		quorum->peers[i].settled = quorum->peers[i].answered = false;
}

void
quorum_end_round(struct quorum *quorum)
{
	quorum->round_start = NEVER;
}

static void
query_peer(struct quorum *quorum, size_t i)
{
	struct peer_state *peer = &quorum->peers[i];

	rpc_start(&quorum->rpcs[i], quorum->multi, &quorum->config->peers[i].endpoint,
	    RPC_PING, PEER_QUERY_MS);
	peer->settled = false;
	if (peer->waiting_since == NEVER)
		peer->waiting_since = clock_now();
}

void
quorum_query(struct quorum *quorum)
{
	for (size_t i = 0; i < quorum->config->peer_count; i++) {
		struct rpc *rpc = &quorum->rpcs[i];

		if (rpc->running && clock_now() - rpc->started >= PEER_CONNECT_MS &&
		    rpc_is_connecting(rpc))
			rpc_cancel(rpc, quorum->multi);
		if (!rpc->running && !quorum->peers[i].answered)
			query_peer(quorum, i);
	}
}

bool
quorum_is_querying(const struct quorum *quorum)
{
	for (size_t i = 0; i < quorum->config->peer_count; i++)
		if (quorum->rpcs[i].running)
			return true;
	return false;
}

void
quorum_handle_reply(
    struct quorum *quorum, const struct rpc *rpc, const struct reply *reply)
{
	size_t i = (size_t)(rpc - quorum->rpcs);
	struct peer_state *peer = &quorum->peers[i];

	peer->last_reason = reply->reason;
	if (reply->role != ROLE_UNKNOWN ||
	    (quorum->any_reply_counts && reply->is_from_cmon)) {
		peer->last_answer = clock_now();
		peer->waiting_since = NEVER;
		peer->last_role = reply->role;
		peer->failed = false;
		peer->settled = peer->answered = true;
	} else if (reply->reason != REASON_TIME_OUT) {
		peer->failed = peer->settled = true;
	} else if (rpc->started < quorum->round_start) {
		/* That was the query of an earlier round; this one makes its own. */
		query_peer(quorum, i);
	} else {
		peer->settled = true;
	}
}

bool
quorum_peer_is_reachable(const struct peer_state *peer, clock_ms_t now)
{
	return !peer->failed && peer->last_answer != NEVER &&
	       now - peer->last_answer < PEER_MEMORY_MS;
}

/*
 * From when on the peer's silence means that it is down, unless it answers before.
 * Silence begins with its last answer if it was queried all the time since then, else
 * with the first query.
 */
static clock_ms_t
silent_at(const struct peer_state *peer)
{
	clock_ms_t since = peer->waiting_since;
	clock_ms_t patient;

	if (since == NEVER)
		return INT64_MAX;
	patient = since + PEER_PATIENCE_MS;
	if (peer->last_answer != NEVER && since - peer->last_answer <= PEER_MEMORY_MS)
		since = peer->last_answer;
	return since + PEER_MEMORY_MS > patient ? since + PEER_MEMORY_MS : patient;
}

/* Whether the peer can still change the result of this round. */
static bool
is_open(const struct peer_state *peer, clock_ms_t now)
{
	return !peer->settled && now < silent_at(peer);
}

/* The next moment at which the passing of time alone can change the judgement. */
static clock_ms_t
next_change(const struct quorum_input *input, clock_ms_t now)
{
	clock_ms_t next = input->deadline;
	clock_ms_t grace_end = input->claimed_at + PEER_GRACE_MS;

	if (grace_end > now && grace_end < next)
		next = grace_end;
	for (size_t i = 0; i < input->count; i++) {
		const struct peer_state *peer = &input->peers[i];
		clock_ms_t silent = peer->settled ? NEVER : silent_at(peer);
		clock_ms_t forgotten = peer->last_answer == NEVER
					   ? NEVER
					   : peer->last_answer + PEER_MEMORY_MS;

		if (silent > now && silent < next)
			next = silent;
		if (forgotten > now && forgotten < next)
			next = forgotten;
	}
	return next;
}

/* When so many of the reachable peers are forgotten that too few are left. */
static clock_ms_t
majority_end(const struct quorum_input *input, size_t needed, clock_ms_t now)
{
	clock_ms_t newest = NEVER;

	if (needed == 0)
		return INT64_MAX;
	for (size_t i = 0; i < input->count; i++) {
		const struct peer_state *peer = &input->peers[i];
		size_t as_new = 0;

		for (size_t j = 0; j < input->count; j++)
			if (quorum_peer_is_reachable(&input->peers[j], now) &&
			    input->peers[j].last_answer >= peer->last_answer)
				as_new++;
		if (quorum_peer_is_reachable(peer, now) && as_new >= needed &&
		    peer->last_answer > newest)
			newest = peer->last_answer;
	}
	return newest + PEER_MEMORY_MS;
}

/*
 * Whether a leader that has its majority should wait for this peer: during the grace
 * for every one, later only for one whose last, still fresh role was leader. That claim
 * is not counted as a second one, since the role may have changed.
 */
static bool
is_awaited(
    const struct quorum_input *input, const struct peer_state *peer, clock_ms_t now)
{
	if (!is_open(peer, now) || now >= input->deadline)
		return false;
	return now < input->claimed_at + PEER_GRACE_MS ||
	       (quorum_peer_is_reachable(peer, now) && peer->last_role == ROLE_LEADER);
}

struct quorum_result
quorum_judge(const struct quorum_input *input, clock_ms_t now)
{
	struct quorum_result result = {
	    .reason = REASON_NO_QUORUM,
	    .needed = input->required ? (input->count + 1) / 2 : 0,
	    .judge_at = next_change(input, now),
	};
	size_t possible = 0;
	bool awaited = false;

	for (size_t i = 0; i < input->count; i++) {
		const struct peer_state *peer = &input->peers[i];

		if (peer->answered && peer->last_role == ROLE_LEADER) {
			result.reason = REASON_TWO_LEADERS;
			result.other_leader = i;
		}
		if (quorum_peer_is_reachable(peer, now))
			result.reachable++;
		else if (is_open(peer, now))
			possible++;
		if (is_awaited(input, peer, now))
			awaited = true;
	}
	if (result.reason == REASON_TWO_LEADERS)
		return result;
	if (result.reachable >= result.needed) {
		result.reason = REASON_LEADER;
		result.expires = majority_end(input, result.needed, now);
		result.wait = awaited;
	} else {
		result.wait = result.reachable + possible >= result.needed &&
			      now < input->deadline;
	}
	return result;
}
