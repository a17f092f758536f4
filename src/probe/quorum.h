/*
 * The other controllers: one open query to each at most, what is remembered of their
 * answers from round to round, and whether a controller that says leader is to be
 * believed in view of them. Never queries the own controller, and never waits: the
 * caller runs the CURLM handle.
 */
#ifndef CMONHA_PROBE_QUORUM_H
#define CMONHA_PROBE_QUORUM_H

#include "probe/rpc.h"
#include "probe/verdict.h"

struct quorum {
	const struct config *config;
	CURLM *multi;
	struct rpc *rpcs; /* one per peer; a query may outlive its round */
	struct peer_state peers[NODES_MAX];
	clock_ms_t round_start; /* NEVER: between rounds */
	bool any_reply_counts;  /* a reply without a role shows a peer as reachable */
};

void quorum_init(struct quorum *quorum, const struct config *config, CURLM *multi);
void quorum_clear(struct quorum *quorum);

/* What was settled or answered before does not count in the new round. */
void quorum_begin_round(struct quorum *quorum);
void quorum_end_round(struct quorum *quorum);

/* Queries the peers that have neither answered nor an open query in this round. */
void quorum_query(struct quorum *quorum);
bool quorum_is_querying(const struct quorum *quorum);

/* The result of a query to one of the peers. */
void quorum_handle_reply(
    struct quorum *quorum, const struct rpc *rpc, const struct reply *reply);

/* The judgement is a pure function of this and the time. */
struct quorum_input {
	const struct peer_state *peers;
	size_t count;
	bool required;         /* whether a majority is needed */
	clock_ms_t claimed_at; /* when the own controller said leader */
	clock_ms_t deadline;   /* of the round */
};

struct quorum_result {
	bool wait;           /* judge again at `judge_at`, or when a peer settles */
	clock_ms_t judge_at; /* only with wait */
	enum reason reason;  /* REASON_LEADER, _NO_QUORUM or _TWO_LEADERS */
	clock_ms_t expires;  /* of REASON_LEADER: when its majority is forgotten */
	size_t reachable;    /* peers */
	size_t needed;       /* peers, for a majority together with this node */
	size_t other_leader; /* with REASON_TWO_LEADERS: index of the peer */
};

struct quorum_result quorum_judge(const struct quorum_input *input, clock_ms_t now);

/* Whether the peer counts towards the majority. */
bool quorum_peer_is_reachable(const struct peer_state *peer, clock_ms_t now);

#endif
