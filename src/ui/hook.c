/*
 * What the units of this package and keepalived call. Not for people, but documented
 * in cmonha-ui(8) all the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "apply/haproxy_socket.h"
#include "apply/machine.h"
#include "apply/old_workers.h"
#include "apply/server_state.h"
#include "apply/transaction.h"
#include "base/file.h"
#include "base/process.h"
#include "ui/command.h"

/* keepalived watches this file: 1 takes the VIP away from this node. */
#define HAPROXY_GONE  RUNTIME_DIRECTORY "/haproxy.gone"
#define HAPROXY_STATE RUNTIME_DIRECTORY "/haproxy.state"
#define ALL_DOWN      STATE_DIRECTORY "/haproxy.state"

/* Below the second that keepalived gives the script. */
#define ALIVE_MS 800
#define STATE_MS 2000
#define IP_MS    2000

static int
set_gone(bool gone)
{
	char digit[] = {gone ? '1' : '0', '\n'};
	struct text content = {.data = digit, .length = sizeof(digit)};

	if (file_make_directories(RUNTIME_DIRECTORY) < 0)
		return EX_OSERR;
	return file_replace(HAPROXY_GONE, &content, 0644) < 0 ? EX_OSERR : 0;
}

/*
 * A machine that lost power in the middle of an apply starts with the old files, not
 * with a mix. While an apply is at work it holds the lock, and this is its own restart.
 */
static void
recover_files(void)
{
	struct machine machine = machine_at(NULL);
	int lock = machine_lock(&machine, false);

	if (lock < 0)
		return;
	if (transaction_recover(&machine) > 0)
		log_info("an apply was interrupted: its changes were undone");
	machine_unlock(lock);
}

static int
haproxy_starting(void)
{
	struct text state = {0};
	int status = EX_OSERR;

	recover_files();
	if (file_make_directories(RUNTIME_DIRECTORY) < 0)
		return EX_OSERR;
	if (file_read(ALL_DOWN, FILE_LIMIT, &state) < 0)
		log_warn("%s: cannot read", ALL_DOWN);
	else if (file_replace(HAPROXY_STATE, &state, 0644) == 0)
		status = 0;
	text_free(&state);
	return status;
}

static int
haproxy_started(void)
{
	return set_gone(false);
}

static int
haproxy_stopped(void)
{
	return set_gone(true);
}

/* The next HAProxy process begins with what this one knows. */
static int
haproxy_reloading(void)
{
	struct text live = {0}, all_down = {0}, state = {0};
	int status = EX_OSERR;

	if (haproxy_query(HAPROXY_SOCKET, "show servers state", clock_now() + STATE_MS,
		&live) < 0)
		log_warn("%s: no answer, so the new HAProxy begins without a leader",
		    HAPROXY_SOCKET);
	if (file_read(ALL_DOWN, FILE_LIMIT, &all_down) < 0) {
		log_warn("%s: cannot read", ALL_DOWN);
	} else {
		server_state_merge(&all_down, &live, &state);
		status = file_replace(HAPROXY_STATE, &state, 0644) < 0 ? EX_OSERR : 0;
	}
	text_free(&live);
	text_free(&all_down);
	text_free(&state);
	return status;
}

/* What the old process knew when it was replaced is in the file for the new one. */
static int
haproxy_reloaded(void)
{
	struct problems ignored = {0};
	struct cluster *cluster = allocate(sizeof(*cluster));
	struct text before = {0};
	int status = 0;

	if (cluster_read(CLUSTER_FILE_APPLIED, cluster, &ignored) == 0 &&
	    !cluster->cut_sessions)
		goto out;
	if (file_read(HAPROXY_STATE, FILE_LIMIT, &before) < 0) {
		log_warn("%s: cannot read", HAPROXY_STATE);
		status = EX_OSERR;
	} else if (old_workers_watch(&before) < 0) {
		status = EX_OSERR;
	}
out:
	text_free(&before);
	problems_free(&ignored);
	free(cluster);
	return status;
}

static int
haproxy_alive(void)
{
	struct text answer = {0};
	int result = haproxy_query(
	    HAPROXY_ALIVE_SOCKET, "show info", clock_now() + ALIVE_MS, &answer);

	if (result == 0 && !strstr(text_string(&answer), "Uptime_sec"))
		result = -1;
	text_free(&answer);
	return result < 0 ? 1 : 0;
}

/* Until HAProxy's own unit says that it serves, it does not. */
static int
keepalived_starting(void)
{
	return access(HAPROXY_GONE, F_OK) == 0 ? 0 : set_gone(true);
}

/*
 * A keepalived that was killed leaves the VIP on the interface, and another node takes
 * it at the same time: whatever way it ended, what it had put there goes.
 */
static int
keepalived_stopped(void)
{
	struct problems ignored = {0};
	struct local_addresses *addresses = allocate(sizeof(*addresses));
	struct cluster *cluster = allocate(sizeof(*cluster));
	int status = 0;

	if (cluster_read(CLUSTER_FILE_APPLIED, cluster, &ignored) < 0 ||
	    network_local_addresses(addresses) < 0)
		goto out;
	for (size_t i = 0; i < cluster->vips.count; i++) {
		const struct local_address *here =
		    network_find(addresses, &cluster->vips.at[i].address);
		char prefix[ADDRESS_TEXT_MAX];
		const char *argv[] = {
		    "ip", "address", "delete", prefix, "dev", NULL, NULL};
		struct process_options how = {
		    .milliseconds = IP_MS, .capture_stderr = true};
		struct process_result result;

		if (!here)
			continue;
		prefix_format(&here->prefix, prefix);
		argv[5] = here->interface;
		process_run(argv, &how, &result);
		if (!process_succeeded(&result)) {
			log_warnx("the virtual IP %s stays on %s: %s", prefix,
			    here->interface, text_string(&result.output));
			status = EX_OSERR;
		}
		text_free(&result.output);
	}
out:
	problems_free(&ignored);
	free(addresses);
	free(cluster);
	return status;
}

int
command_hook(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} hooks[] = {
	    {"haproxy-starting", haproxy_starting},
	    {"haproxy-started", haproxy_started},
	    {"haproxy-reloading", haproxy_reloading},
	    {"haproxy-reloaded", haproxy_reloaded},
	    {"haproxy-stopped", haproxy_stopped},
	    {"haproxy-alive", haproxy_alive},
	    {"keepalived-starting", keepalived_starting},
	    {"keepalived-stopped", keepalived_stopped},
	};

	for (size_t i = 0; argc == 2 && i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (strcmp(hooks[i].name, argv[1]) == 0)
			return hooks[i].run();
	return usage_error("hook", "no such hook");
}
