/*
 * From the bytes of a controller's reply to what they say. Pure: no connection, no
 * clock, no message. Whatever comes in, nothing but a clear "leader" is one.
 */
#ifndef CMONHA_PROBE_RPC_REPLY_H
#define CMONHA_PROBE_RPC_REPLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "probe/reason.h"

#define REPLY_LIMIT  (64 * 1024) /* bytes; CMON's have some 300 */
#define REPLY_DEPTH  32          /* of nesting */
#define REPLY_DETAIL 96          /* with the NUL */

struct reply {
	enum role role;
	enum reason reason;
	bool spoke; /* it is a CMON reply, whatever it says */
	/* What was odd about it, in printable ASCII; "" if the reason says it all. */
	char detail[REPLY_DETAIL];
};

/* The reply to a ping. `http_status` is 0 if the answer had none. */
void rpc_reply_parse(
    long http_status, const char *bytes, size_t length, struct reply *reply);

/* A reply that never came. */
struct reply rpc_reply_without(enum reason reason);

/* The object, within the limits, or NULL; the caller calls json_decref(). */
json_t *rpc_reply_load(const char *bytes, size_t length);

/*
 * What request_status says, if it is not "Ok": true and the reply is filled. A reply
 * with "Redirect" is left to the caller.
 */
bool rpc_reply_is_refusal(json_t *root, struct reply *reply);

/*
 * The role that a word ends in, in any case: "CmonControllerLeader", "follower". The
 * words of a real CMON are not published, so what stands before it is not compared, but
 * it must not deny it: "NoLeader", "not a leader" and the like are unknown.
 */
enum role rpc_reply_role(const char *word);

/* Replaces the detail by the text, odd characters made "?", cut where it is full. */
void rpc_reply_set_detail(struct reply *reply, const char *before, const char *text);

#endif
