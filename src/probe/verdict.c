#include "probe/verdict.h"

static const struct {
	const char *name;
	const char *sentence;
} reasons[] = {
    [REASON_LEADER] = {"leader", "Its controller is the leader of the cluster."},
    [REASON_FOLLOWER] = {"follower", "Its controller follows another controller."},

    [REASON_REFUSED] = {"refused",
	"The controller refuses connections: it is not running on this node."},
    [REASON_NO_ANSWER] = {"no-answer", "The controller cannot be reached, or closed "
				       "the connection without a reply."},
    [REASON_TIME_OUT] = {"time-out", "The controller did not reply in time."},
    [REASON_TLS_FAILURE] = {"tls-failure",
	"TLS handshake with the controller failed: is rpc_port its TLS port?"},
    [REASON_WRONG_PIN] = {"wrong-pin",
	"The controller's certificate has another key than the pin of its section "
	"[node]: \"cmonha-ui pins\" prints the keys."},

    [REASON_FOREIGN_LISTENER] = {"foreign-listener",
	"A program of another user than root listens on a port of the controller or of "
	"its web interface, and is not believed. If it is the right one, add the user "
	"to listener_users in section [check]."},

    [REASON_HTTP_ERROR] = {"http-error", "The controller replied with an HTTP error: "
					 "is rpc_port its RPC port?"},
    [REASON_TOO_LARGE] = {"too-large", "The controller's reply is too large."},
    [REASON_MALFORMED] = {"malformed",
	"The controller's reply is not a valid CMON reply."},
    [REASON_NO_STATUS] = {"no-status",
	"The controller's reply contains no role. If this ClusterControl does not use "
	"CMON HA, write show = any in section [ui]."},
    [REASON_UNKNOWN_STATUS] = {"unknown-status",
	"The controller reports a role that is neither leader nor follower."},
    [REASON_REDIRECTED] = {"redirected", "The controller redirects to another "
					 "controller instead of reporting its role."},
    [REASON_AUTH_REQUIRED] = {"auth-required",
	"The controller requires authentication before it reports its role."},
    [REASON_TRY_AGAIN] = {"try-again", "The controller is not ready yet."},
    [REASON_REJECTED] = {"rejected", "The controller rejected the request."},
    [REASON_HA_NOT_ENABLED] = {"ha-not-enabled",
	"No other controllers known: CMON HA is not enabled. For a controller that "
	"stands alone write show = any in section [ui]."},
    [REASON_POOL] = {"pool",
	"The controller is in a controller pool, which has no leader: write show = any "
	"in section [ui]."},

    [REASON_SERVING] = {"serving",
	"Its controller and its web interface respond, and users may be sent to every "
	"such node (show = any)."},

    [REASON_S9S_FAILED] = {"s9s-failed",
	"The s9s client failed: try \"s9s controller --list\" as the user "
	"cmonha-ui with HOME set to s9s_home."},
    [REASON_NOT_LISTED] = {"not-listed",
	"This node is not in the list of controllers that s9s prints."},
    [REASON_OFFLINE] = {"offline",
	"The list of controllers shows this node as not online."},

    [REASON_UI_DOWN] = {"ui-down",
	"Its controller responds, but its web interface does not."},
    [REASON_NO_QUORUM] = {"no-quorum",
	"Its controller says that it is the leader, but no majority of the "
	"controllers is reachable."},
    [REASON_TWO_LEADERS] = {"two-leaders",
	"Its controller says that it is the leader, and so does another one."},

    [REASON_NOT_CONFIGURED] = {"not-configured",
	"The cluster file cannot be used: run \"cmonha-ui check\" for the reason."},
    [REASON_NOT_A_NODE] = {"not-a-node",
	"This machine is not one of the nodes in the cluster file."},
    [REASON_NOT_A_CONTROLLER] = {"not-a-controller",
	"This node has no controller: it is only a proxy."},
};

_Static_assert(
    sizeof(reasons) / sizeof(reasons[0]) == REASONS, "a reason has no sentence");

const char *
role_name(enum role role)
{
	switch (role) {
	case ROLE_LEADER:
		return "leader";
	case ROLE_FOLLOWER:
		return "follower";
	case ROLE_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *
reason_name(enum reason reason)
{
	return reasons[reason].name;
}

const char *
reason_sentence(enum reason reason)
{
	return reasons[reason].sentence;
}

void
peer_state_init(struct peer_state *peer)
{
	*peer = (struct peer_state){
	    .last_answer = NEVER,
	    .waiting_since = NEVER,
	    .last_reason = REASON_NO_ANSWER,
	};
}

void
verdict_init(struct verdict *verdict, enum reason reason, clock_ms_t now)
{
	*verdict = (struct verdict){
	    .role = ROLE_UNKNOWN,
	    .reason = reason,
	    .source = SOURCE_RPC,
	    .at = now,
	    .expires = now,
	};
	for (size_t i = 0; i < NODES_MAX; i++)
		peer_state_init(&verdict->peers[i]);
}

void
verdict_explain(struct text *text, const struct verdict *verdict)
{
	text_addf(text, "%s", reasons[verdict->reason].sentence);
	if (*verdict->detail)
		text_addf(text, " (%s)", verdict->detail);
}
