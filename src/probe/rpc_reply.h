/*
 * From the bytes of a controller's reply to the role in it. Pure: owns no connection,
 * no clock, prints no message. Whatever the bytes are, only an unambiguous "leader" is
 * one.
 */
#ifndef CMONHA_PROBE_RPC_REPLY_H
#define CMONHA_PROBE_RPC_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "probe/verdict.h"

#define REPLY_LIMIT  (64 * 1024) /* bytes; CMON's have some 300 */
#define REPLY_DEPTH  32          /* of nesting */
#define REPLY_DETAIL 96          /* with the NUL */

struct reply {
	enum role role;
	enum reason reason;
	bool is_from_cmon; /* it is a CMON reply, whatever is in it */
	/* What is wrong with it, in printable ASCII; "" if the reason says it all. */
	char detail[REPLY_DETAIL];
};

/* The reply to a ping. `http_status` is 0 if the answer had none. */
void rpc_reply_parse(
    long http_status, const char *bytes, size_t length, struct reply *reply);

/* In place of a reply that did not arrive. */
struct reply rpc_reply_none(enum reason reason);

/*
 * Of the reply to "ping" at /v2/info: how many controllers are in the pool of this one,
 * a list that ClusterControl 2.4 and later send. 0: none, or not such a reply.
 */
size_t rpc_reply_pool_size(long http_status, const char *bytes, size_t length);

/* Whether a reply arrived that may contain the role, but not in a form known here. */
bool rpc_reply_is_unusable(const struct reply *reply);

/* The object, within the limits, or NULL; the caller calls json_decref(). */
json_t *rpc_reply_load(const char *bytes, size_t length);

/*
 * Whether request_status is an error, that is neither "Ok" nor "Redirect" (which is
 * left to the caller); if so `reply` has the reason.
 */
bool rpc_reply_is_error(json_t *root, struct reply *reply);

/*
 * The role that a word is: "leader" or "follower", alone or after "CmonController" or
 * "Controller", in any case, "_" and "-" ignored. All other words are unknown, since
 * CMON's are not published: "ElectingLeader" or "NextLeader" must not get users.
 */
enum role rpc_reply_role(const char *word);

/* Sets the detail: truncated where it is full, "?" for characters not printable. */
void rpc_reply_set_detail(struct reply *reply, const char *before, const char *text);

#endif
