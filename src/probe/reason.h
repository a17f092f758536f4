/*
 * What a controller says that it is, and why this node answers as it does: one word for
 * machines and one sentence for people per reason. No other file has such words.
 */
#ifndef CMONHA_PROBE_REASON_H
#define CMONHA_PROBE_REASON_H

#include <stdbool.h>

/* Three states inside; outside there are two, since unknown is answered like "no". */
enum role { ROLE_UNKNOWN, ROLE_FOLLOWER, ROLE_LEADER };

enum reason {
	REASON_LEADER,
	REASON_FOLLOWER,

	/* The controller could not be asked. */
	REASON_REFUSED,
	REASON_NO_ANSWER,
	REASON_TIME_OUT,
	REASON_TLS_FAILURE,

	/* It answered, but not in a way that tells its role. */
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

	/* Only from the s9s client. */
	REASON_S9S_FAILED,
	REASON_NOT_LISTED,
	REASON_OFFLINE,

	/* It says leader, and yet users should not come here. */
	REASON_UI_DOWN,
	REASON_NO_QUORUM,
	REASON_TWO_LEADERS,

	/* There was nothing to ask. */
	REASON_NOT_CONFIGURED,
	REASON_NOT_A_NODE,
	REASON_NOT_A_CONTROLLER,

	REASONS
};

const char *role_name(enum role role);           /* "leader" */
const char *reason_name(enum reason reason);     /* "no-quorum" */
const char *reason_sentence(enum reason reason); /* ends in a full stop */

/* Whether a reply came that tells the role to somebody, only not to us. */
bool reason_is_unintelligible(enum reason reason);

#endif
