/*
 * The other controllers: one open question to each at most, and what is remembered of
 * their answers from round to round. A question outlives the round that asked it.
 */
#ifndef CMONHA_PROBE_QUORUM_H
#define CMONHA_PROBE_QUORUM_H

#include "probe/rpc.h"
#include "probe/verdict.h"

struct peers {
	const struct config *config;
	CURLM *multi;
	struct rpc *rpcs;
	struct peer_view views[NODES_MAX];
	clock_ms_t round_start; /* NEVER: between rounds */
	bool any_word_counts;   /* they need not name a role to be reachable */
};

void peers_open(struct peers *peers, const struct config *config, CURLM *multi);
void peers_close(struct peers *peers);

/* What was settled or answered before does not count from here on. */
void peers_begin_round(struct peers *peers);
void peers_end_round(struct peers *peers);

/* Asks those of whom no answer is there or under way in this round. */
void peers_ask(struct peers *peers);
bool peers_are_asked(const struct peers *peers);

/* What came of a question to one of them. */
void peers_take(struct peers *peers, const struct rpc *rpc, const struct reply *reply);

#endif
