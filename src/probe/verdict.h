/*
 * Whether a controller that says leader is to be believed, decided from what is known
 * of its peers. Pure: no connection and no clock; the caller says what time it is and
 * asks again until there is nothing to wait for.
 */
#ifndef CMONHA_PROBE_VERDICT_H
#define CMONHA_PROBE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/text.h"
#include "probe/reason.h"
#include "cluster/cluster.h"

/* A peer counts as reachable this long after its last answer: one lost packet is not a
 * lost quorum. */
#define PEER_MEMORY_MS 1000
/* A question must have been open for so long before its silence means anything. */
#define PEER_PATIENCE_MS 500
/* How long a leader with its majority waits for those that have not answered yet. */
#define PEER_GRACE_MS 100

#define NEVER INT64_MIN

/* What is known of one peer. All times as clock_now() tells them. */
struct peer_view {
	clock_ms_t last_answer;   /* that counted; or NEVER */
	clock_ms_t waiting_since; /* first question since then; or NEVER */
	enum role last_role;      /* what it said then */
	enum reason last_reason;  /* how its last question ended */
	bool failed;              /* its last question ended in an error */
	bool settled;             /* its question ended in this round, in any way */
	bool answered;            /* in this round came an answer that counts */
};

struct question {
	const struct peer_view *peers;
	size_t count;
	bool quorum;         /* whether a majority is needed */
	clock_ms_t own_at;   /* when the own controller said leader */
	clock_ms_t deadline; /* of the round */
};

struct judgement {
	bool wait;          /* look again at `again`, or when a peer settles */
	clock_ms_t again;   /* only with wait */
	enum reason reason; /* REASON_LEADER, _NO_QUORUM or _TWO_LEADERS */
	clock_ms_t expires; /* of REASON_LEADER: when its majority is forgotten */
	size_t reachable;   /* peers */
	size_t needed;      /* peers, for a majority together with this node */
	size_t other;       /* with REASON_TWO_LEADERS: which peer */
};

struct judgement judge(const struct question *question, clock_ms_t now);

/* Whether the peer counts towards the majority. */
bool peer_is_reachable(const struct peer_view *peer, clock_ms_t now);

/* What a round finds out, and all that an answer needs. Copied, never shared. */
struct verdict {
	enum role role;  /* what this node answers */
	enum role claim; /* what its controller says of itself */
	enum reason reason;
	enum source source; /* SOURCE_RPC or SOURCE_S9S */
	char detail[192];   /* a remark in ASCII, or "" */
	clock_ms_t at;      /* when the own controller's reply came */
	clock_ms_t expires; /* from then on it must not be used any more */
	unsigned long rounds, pings;
	size_t reachable, needed; /* peers; only told by a leader */
	struct peer_view peers[NODES_MAX];
	bool ui_known;
	bool ui_open[FORWARDS_MAX];
};

/* Before anything was found out. */
void verdict_begin(struct verdict *verdict, enum reason reason, clock_ms_t now);

/* The reason in whole sentences, with what is known of the details. */
void verdict_explain(struct text *text, const struct verdict *verdict);

#endif
