/*
 * What one round of the probe found out, and the words for it: roles, reasons and the
 * sentence that explains each. Owns no connection and no clock; decides nothing (see
 * quorum.h and probe.h). No other file has such words.
 */
#ifndef CMONHA_PROBE_VERDICT_H
#define CMONHA_PROBE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/text.h"
#include "cluster/cluster.h"

#define NEVER INT64_MIN

/* Clients see two states: unknown is answered like "no". */
enum role { ROLE_UNKNOWN, ROLE_FOLLOWER, ROLE_LEADER };

enum reason {
	REASON_LEADER,
	REASON_FOLLOWER,

	/* The controller did not reply. */
	REASON_REFUSED,
	REASON_NO_ANSWER,
	REASON_TIME_OUT,
	REASON_TLS_FAILURE,
	REASON_WRONG_PIN,
	REASON_FOREIGN_LISTENER, /* nor was it asked */

	/* It replied, but the reply does not contain its role. */
	REASON_HTTP_ERROR,
	REASON_TOO_LARGE,
	REASON_MALFORMED,
	REASON_NO_STATUS,
	REASON_UNKNOWN_STATUS,
	REASON_REDIRECTED,
	REASON_AUTH_REQUIRED,
	REASON_TRY_AGAIN,
	REASON_REJECTED,
	REASON_HA_NOT_ENABLED,
	REASON_POOL,

	/* Only from the s9s client. */
	REASON_S9S_FAILED,
	REASON_NOT_LISTED,
	REASON_OFFLINE,

	/* With `show = any` in [ui]: its controller has no role, or none that matters.
	 */
	REASON_SERVING,

	/* It says leader, but users must not be sent here. */
	REASON_UI_DOWN,
	REASON_NO_QUORUM,
	REASON_TWO_LEADERS,

	/* No controller could be queried. */
	REASON_NOT_CONFIGURED,
	REASON_NOT_A_NODE,
	REASON_NOT_A_CONTROLLER,

	REASONS
};

const char *role_name(enum role role);           /* "leader" */
const char *reason_name(enum reason reason);     /* "no-quorum" */
const char *reason_sentence(enum reason reason); /* ends in a full stop */

/* What is known of one peer. All times are those of clock_now(). */
struct peer_state {
	clock_ms_t last_answer;   /* that counted; or NEVER */
	clock_ms_t waiting_since; /* first query since then; or NEVER */
	enum role last_role;      /* in that answer */
	enum reason last_reason;  /* how its last query ended */
	bool failed;              /* its last query ended in an error */
	bool settled;             /* its query ended in this round, in any way */
	bool answered;            /* in this round, with an answer that counts */
};

/* All that a response needs. Copied, never shared. */
struct verdict {
	enum role role;  /* what this node answers */
	enum role claim; /* what its controller says of itself */
	bool shown;      /* users may be sent to this node, by `show` in [ui] */
	enum reason reason;
	enum source source; /* SOURCE_RPC or SOURCE_S9S */
	char detail[192];   /* in ASCII, or "" */
	clock_ms_t at;      /* when the own controller's reply arrived */
	clock_ms_t expires; /* from then on it must not be used any more */
	unsigned long rounds, pings;
	unsigned long pings_ms;   /* how long all pings together took */
	size_t reachable, needed; /* peers; only known of a leader */
	struct peer_state peers[NODES_MAX];
	bool ui_known;
	bool ui_open[FORWARDS_MAX];
};

void peer_state_init(struct peer_state *peer);

/* Of role unknown, made now and expired now. */
void verdict_init(struct verdict *verdict, enum reason reason, clock_ms_t now);

/* Appends the reason in whole sentences, with what is known of the details. */
void verdict_explain(struct text *text, const struct verdict *verdict);

#endif
