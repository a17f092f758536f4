#include "probe/reason.h"

static const struct {
	const char *word;
	const char *sentence;
} reasons[] = {
    [REASON_LEADER] = {"leader", "Its controller is the leader of the cluster."},
    [REASON_FOLLOWER] = {"follower", "Its controller follows another one."},

    [REASON_REFUSED] = {"refused",
	"The controller refuses connections: it does not run on this node."},
    [REASON_NO_ANSWER] = {"no-answer",
	"The controller could not be reached, or hung up without an answer."},
    [REASON_TIME_OUT] = {"time-out", "The controller did not answer in time."},
    [REASON_TLS_FAILURE] = {"tls-failure",
	"No TLS connection to the controller came about: is rpc_port its TLS "
	"port?"},

    [REASON_HTTP_ERROR] = {"http-error", "The controller answered with an HTTP "
					 "error: is rpc_port its RPC port?"},
    [REASON_TOO_LARGE] = {"too-large",
	"The controller's reply is larger than any that it should send."},
    [REASON_MALFORMED] = {"malformed", "The controller's reply is not a CMON reply."},
    [REASON_NO_STATUS] = {"no-status", "The controller's reply names no role."},
    [REASON_UNKNOWN_STATUS] = {"unknown-status",
	"The controller names a role that is neither leader nor follower."},
    [REASON_REDIRECTED] = {"redirected",
	"The controller points to another one instead of naming its role."},
    [REASON_AUTH_REQUIRED] = {"auth-required",
	"The controller wants a login before it names its role."},
    [REASON_TRY_AGAIN] = {"try-again", "The controller is not ready to answer yet."},
    [REASON_REJECTED] = {"rejected", "The controller rejects the question."},
    [REASON_HA_NOT_ENABLED] = {"ha-not-enabled",
	"The controller knows no other: CMON HA is not enabled."},

    [REASON_S9S_FAILED] = {"s9s-failed",
	"The s9s client failed: try \"s9s controller --list\" as the user "
	"cmonha-ui with HOME set to s9s_home."},
    [REASON_NOT_LISTED] = {"not-listed",
	"This node is not in the list of controllers that s9s shows."},
    [REASON_OFFLINE] = {"offline", "The list of controllers shows it as not online."},

    [REASON_UI_DOWN] = {"ui-down",
	"Its controller is the leader, but its web interface does not accept "
	"connections."},
    [REASON_NO_QUORUM] = {"no-quorum",
	"Its controller says leader, but no majority of the controllers can be "
	"reached."},
    [REASON_TWO_LEADERS] = {"two-leaders",
	"Its controller says leader, and so does another one."},

    [REASON_NOT_CONFIGURED] = {"not-configured",
	"The cluster file cannot be used; \"cmonha-ui check\" tells why."},
    [REASON_NOT_A_NODE] = {"not-a-node",
	"This machine is not one of the nodes in the cluster file."},
    [REASON_NOT_A_CONTROLLER] = {"not-a-controller",
	"This node has no controller; it only passes connections on."},
};

_Static_assert(
    sizeof(reasons) / sizeof(reasons[0]) == REASONS, "a reason has no words");

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
	return reasons[reason].word;
}

const char *
reason_sentence(enum reason reason)
{
	return reasons[reason].sentence;
}

bool
reason_is_unintelligible(enum reason reason)
{
	return reason == REASON_MALFORMED || reason == REASON_NO_STATUS ||
	       reason == REASON_UNKNOWN_STATUS || reason == REASON_REDIRECTED;
}
