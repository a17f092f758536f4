#include "check/s9s.h"

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
is_own_address(const struct check_setup *setup, const char *text)
{
	struct address address;

	return !address_parse(text, &address) && !address_is_loopback(&address) &&
	       (address_equal(&address, &setup->address) ||
		   network_find(&setup->local, &address));
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
fit_of(const struct check_setup *setup, json_t *row)
{
	const char *const own[] = {setup->host_name, setup->name};
	const char *name = field(row, "hostname");
	enum fit best = FIT_NONE;

	if (is_own_address(setup, field(row, "ip")) || is_own_address(setup, name))
		return FIT_ADDRESS;
	for (size_t i = 0; i < 2 && *name; i++) {
		if (strcasecmp(own[i], name) == 0)
			return FIT_NAME;
		if (is_short_form(own[i], name) || is_short_form(name, own[i]))
			best = FIT_SHORT_NAME;
	}
	return best;
}

static enum check_role
online_role(json_t *row)
{
	return strcmp(field(row, "hoststatus"), ONLINE) == 0
		   ? reply_role_of(field(row, "role"))
		   : CHECK_UNKNOWN;
}

struct search {
	const struct check_setup *setup;
	json_t *own;
	enum fit fit;
	bool ambiguous;
	size_t leaders; /* that are online */
};

static void
look_at(struct search *search, json_t *row)
{
	enum fit fit = fit_of(search->setup, row);

	search->leaders += online_role(row) == CHECK_LEADER;
	if (fit == FIT_NONE || fit < search->fit)
		return;
	search->ambiguous = fit == search->fit;
	search->fit = fit;
	search->own = row;
}

/* A list; in a Redirect a map of host:port to the same. Returns how many rows. */
static size_t
look_at_all(struct search *search, json_t *controllers)
{
	const char *key;
	json_t *row;
	size_t i;

	json_array_foreach (controllers, i, row)
		look_at(search, row);
	json_object_foreach (controllers, key, row)
		look_at(search, row);
	return json_array_size(controllers) + json_object_size(controllers);
}

static void
read_own_row(const struct search *search, bool redirected, struct reply *reply)
{
	reply->reason = REASON_NOT_LISTED;
	if (!search->own)
		return;
	if (search->ambiguous) {
		reply_set_detail(reply, "", "more than one line fits this node");
		return;
	}
	reply->reason = REASON_OFFLINE;
	reply_set_detail(reply, "hoststatus ", field(search->own, "hoststatus"));
	if (strcmp(field(search->own, "hoststatus"), ONLINE) != 0)
		return;
	reply->reason = REASON_UNKNOWN_STATUS;
	reply_set_detail(reply, "role ", field(search->own, "role"));
	reply->role = online_role(search->own);
	if (reply->role == CHECK_UNKNOWN)
		return;
	reply->detail[0] = '\0';
	reply->reason = reply->role == CHECK_LEADER ? REASON_LEADER : REASON_FOLLOWER;
	if (reply->role == CHECK_LEADER && (redirected || search->leaders > 1)) {
		reply->role = CHECK_UNKNOWN;
		reply->reason = redirected ? REASON_REDIRECTED : REASON_TWO_LEADERS;
	}
}

void
s9s_read(const struct check_setup *setup, const char *bytes, size_t length,
    struct reply *reply)
{
	json_t *root = reply_load(bytes, length);
	struct search search = {.setup = setup};

	*reply = reply_none(REASON_MALFORMED);
	if (!root) {
		reply_set_detail(reply, "", "what s9s prints is not a JSON object");
		return;
	}
	if (!reply_is_refusal(root, reply)) {
		json_t *controllers = json_object_get(root, "controllers");

		if (!json_is_array(controllers) && !json_is_object(controllers))
			reply_set_detail(
			    reply, "", "s9s prints no list of controllers");
		else if (look_at_all(&search, controllers) == 0)
			reply->reason = REASON_HA_NOT_ENABLED;
		else
			read_own_row(&search,
			    strcasecmp(field(root, "request_status"), "Ok") != 0,
			    reply);
	}
	json_decref(root);
}

/*
 * Its exit status is not looked at where it printed something: it fails too when the
 * answer is a plain "nobody leads".
 */
bool
s9s_ask(const struct check_setup *setup, int milliseconds, struct reply *reply)
{
	const char *const argv[] = {
	    "s9s", "controller", "--list", "--long", "--print-json", NULL};
	char *home = format_string("HOME=%s", setup->s9s_home);
	char path[] =
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char language[] = "LANG=C.UTF-8";
	char *const environment[] = {home, path, language, NULL};
	struct process_how how = {
	    .environment = environment, .milliseconds = milliseconds};
	struct process_result result;
	char words[64];

	process_run(argv, &how, &result);
	if (result.end == PROCESS_EXITED && result.output.length) {
		s9s_read(setup, result.output.at, result.output.length, reply);
	} else {
		*reply =
		    reply_none(result.end == PROCESS_TIMED_OUT ? REASON_TIME_OUT
							       : REASON_S9S_FAILED);
		reply_set_detail(reply, "s9s ", process_end_words(&result, words));
	}
	text_free(&result.output);
	free(home);
	return result.end != PROCESS_NOT_STARTED;
}
