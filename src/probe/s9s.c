#include "probe/s9s.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/process.h"

#define ONLINE "CmonHostOnline"

/* How well a row fits this node; the best fit must be one row alone. */
enum fit { FIT_NONE, FIT_SHORT_NAME, FIT_NAME, FIT_ADDRESS };

static const char *
field(json_t *row, const char *name)
{
	const char *value = json_string_value(json_object_get(row, name));

	return value ? value : "";
}

static bool
is_own_address(const struct config *config, const char *text)
{
	struct address address;

	return !address_parse(text, &address) && !address_is_loopback(&address) &&
	       (address_equal(&address, &config->address) ||
		   network_find(&config->local, &address));
}

/* "cc1" and "cc1.example.net" may be one host; a.example.net and a.test are not. */
static bool
is_short_form(const char *a, const char *b)
{
	size_t length = strlen(a);

	return length && strncasecmp(a, b, length) == 0 && b[length] == '.' &&
	       !strchr(a, '.');
}

static enum fit
row_fit(const struct config *config, json_t *row)
{
	const char *const own[] = {config->host_name, config->name};
	const char *name = field(row, "hostname");
	enum fit best = FIT_NONE;

	if (is_own_address(config, field(row, "ip")) || is_own_address(config, name))
		return FIT_ADDRESS;
	for (size_t i = 0; i < 2 && *name; i++) {
		if (strcasecmp(own[i], name) == 0)
			return FIT_NAME;
		if (is_short_form(own[i], name) || is_short_form(name, own[i]))
			best = FIT_SHORT_NAME;
	}
	return best;
}

static enum role
online_role(json_t *row)
{
	return strcmp(field(row, "hoststatus"), ONLINE) == 0
		   ? rpc_reply_role(field(row, "role"))
		   : ROLE_UNKNOWN;
}

struct search {
	const struct config *config;
	json_t *own;
	enum fit fit;
	bool ambiguous;
	size_t leaders; /* online */
};

static void
match_row(struct search *search, json_t *row)
{
	enum fit fit = row_fit(search->config, row);

	if (online_role(row) == ROLE_LEADER)
		search->leaders++;
	if (fit == FIT_NONE || fit < search->fit)
		return;
	search->ambiguous = fit == search->fit;
	search->fit = fit;
	search->own = row;
}

/* A list; in a Redirect an object with host:port as keys. Returns the number of rows.
 */
static size_t
match_rows(struct search *search, json_t *controllers)
{
	const char *key;
	json_t *row;
	size_t i;

	json_array_foreach (controllers, i, row)
		match_row(search, row);
	json_object_foreach (controllers, key, row)
		match_row(search, row);
	return json_array_size(controllers) + json_object_size(controllers);
}

static void
parse_own_row(const struct search *search, bool redirected, struct reply *reply)
{
	reply->reason = REASON_NOT_LISTED;
	if (!search->own)
		return;
	if (search->ambiguous) {
		rpc_reply_set_detail(reply, "", "more than one row matches this node");
		return;
	}
	reply->reason = REASON_OFFLINE;
	rpc_reply_set_detail(reply, "hoststatus ", field(search->own, "hoststatus"));
	if (strcmp(field(search->own, "hoststatus"), ONLINE) != 0)
		return;
	reply->reason = REASON_UNKNOWN_STATUS;
	rpc_reply_set_detail(reply, "role ", field(search->own, "role"));
	reply->role = online_role(search->own);
	if (reply->role == ROLE_UNKNOWN)
		return;
	reply->detail[0] = '\0';
	reply->reason = reply->role == ROLE_LEADER ? REASON_LEADER : REASON_FOLLOWER;
	if (reply->role == ROLE_LEADER && (redirected || search->leaders > 1)) {
		reply->role = ROLE_UNKNOWN;
		reply->reason = redirected ? REASON_REDIRECTED : REASON_TWO_LEADERS;
	}
}

void
s9s_parse(
    const struct config *config, const char *bytes, size_t length, struct reply *reply)
{
	json_t *root = rpc_reply_load(bytes, length);
	struct search search = {.config = config};

	*reply = rpc_reply_none(REASON_MALFORMED);
	if (!root) {
		rpc_reply_set_detail(
		    reply, "", "the output of s9s is not a JSON object");
		return;
	}
	if (!rpc_reply_is_error(root, reply)) {
		json_t *controllers = json_object_get(root, "controllers");

		if (!json_is_array(controllers) && !json_is_object(controllers))
			rpc_reply_set_detail(
			    reply, "", "no list of controllers in the output of s9s");
		else if (match_rows(&search, controllers) == 0)
			reply->reason = REASON_HA_NOT_ENABLED;
		else
			parse_own_row(&search,
			    strcasecmp(field(root, "request_status"), "Ok") != 0,
			    reply);
	}
	json_decref(root);
}

/* The exit status is ignored if there is output: s9s fails too if there is no leader.
 */
bool
s9s_query(const struct config *config, int milliseconds, struct reply *reply)
{
	const char *const argv[] = {
	    "s9s", "controller", "--list", "--long", "--print-json", NULL};
	char *home = format_string("HOME=%s", config->cluster.s9s_home);
	char path[] =
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char language[] = "LANG=C.UTF-8";
	char *const environment[] = {home, path, language, NULL};
	struct process_options how = {
	    .environment = environment, .milliseconds = milliseconds};
	struct process_result result;
	char words[64];

	process_run(argv, &how, &result);
	if (result.end == PROCESS_EXITED && result.output.length) {
		s9s_parse(config, result.output.data, result.output.length, reply);
	} else {
		*reply =
		    rpc_reply_none(result.end == PROCESS_TIMED_OUT ? REASON_TIME_OUT
								   : REASON_S9S_FAILED);
		rpc_reply_set_detail(
		    reply, "s9s ", process_describe_end(&result, words));
	}
	text_free(&result.output);
	free(home);
	return result.end != PROCESS_NOT_STARTED;
}
