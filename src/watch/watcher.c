#include "watch/watcher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/haproxy_socket.h"
#include "base/loaded.h"
#include "base/process.h"
#include "base/service_notify.h"
#include "base/vrrp_directory.h"
#include "watch/haproxy_clock.h"
#include "watch/keepalived_care.h"
#include "watch/liveness.h"
#include "watch/old_workers.h"
#include "watch/own_network.h"
#include "watch/peers.h"
#include "watch/programs.h"
#include "watch/report.h"
#include "watch/transitions.h"

#define SECOND_MS 1000
/* Between looks at what changes seldom, or reports its changes by itself. */
#define SELDOM_MS 2000
/* An address that is replaced is missing for a moment: DHCP clients do that. */
#define ADDRESS_GRACE_MS 300
#define SYSTEMCTL_MS     2000
#define KEEPALIVED_UNIT  "cmonha-ui-keepalived.service"
#define HAPROXY_UNIT     "cmonha-ui-haproxy.service"

/* As the units have them. */
#define HAPROXY_PROGRAM    "/usr/sbin/haproxy"
#define KEEPALIVED_PROGRAM "/usr/sbin/keepalived"

struct watcher {
	const char *root;
	struct settings *settings;
	struct liveness_watch liveness;
	struct old_workers old_workers;
	struct own_network network;
	struct peers peers;
	struct transitions transitions;
	struct keepalived_care care;
	struct haproxy_clock haproxy_clock;
	unsigned started; /* the interface that keepalived was started with */
	clock_ms_t next_tick, next_second, next_seldom;
	clock_ms_t address_missing_since; /* 0: it is there */
	bool link_was_down;               /* and no peer is awaited yet since */
	const char *unfit; /* why this node may not hold the virtual IP, or NULL */
	bool is_judged;    /* `unfit` is known */
	bool is_outdated;  /* its program or a library of it was replaced */
	struct program haproxy, keepalived;
	char *haproxy_path;
};

static volatile sig_atomic_t must_read_settings;

static void
note_hangup(int number)
{
	(void)number;
	must_read_settings = 1;
}

static void
look_at_network(struct watcher *watcher)
{
	if (own_network_look(&watcher->network, watcher->settings) < 0) {
		watcher->next_seldom = 0;
		return;
	}
	if (watcher->network.has_address)
		watcher->address_missing_since = 0;
	else if (!watcher->address_missing_since)
		watcher->address_missing_since = clock_now();
	if (!watcher->network.is_running)
		watcher->link_was_down = true;
	else if (watcher->link_was_down && watcher->network.has_address) {
		watcher->link_was_down = false;
		peers_await(&watcher->peers, watcher->settings);
	}
}

/* NULL: it may hold the virtual IP. `*known` is set if that is certain. */
static const char *
find_unfitness(const struct watcher *watcher, bool *known)
{
	*known = true;
	if (watcher->link_was_down)
		return "its link is down, or came up without this node's address";
	if (peers_are_awaited(&watcher->peers))
		return "its link came up, and no other node can be reached yet";
	if (watcher->address_missing_since &&
	    clock_now() - watcher->address_missing_since >= ADDRESS_GRACE_MS)
		return "this node does not have its own address";
	if (watcher->liveness.verdict == LIVENESS_SILENT)
		return "HAProxy does not answer";
	*known = watcher->liveness.verdict == LIVENESS_ANSWERS;
	return NULL;
}

/*
 * HAProxy's unit writes the same file, when HAProxy has started for instance, and knows
 * of its process alone: what is unfit is written again if it says something else.
 */
static bool
judge_fitness(struct watcher *watcher)
{
	bool known;
	const char *unfit = find_unfitness(watcher, &known);
	bool changed = known && (!watcher->is_judged || unfit != watcher->unfit);

	if (!known)
		return false;
	if (changed && unfit)
		log_warnx("this node may not hold the virtual IP: %s", unfit);
	else if (changed && watcher->is_judged)
		log_info("this node may hold the virtual IP again");
	if (changed ? vrrp_is_fit(watcher->root) != !unfit
		    : unfit && vrrp_is_fit(watcher->root))
		vrrp_set_fit(watcher->root, !unfit);
	watcher->unfit = unfit;
	watcher->is_judged = true;
	return changed;
}

/* keepalived then neither hears nor sends. */
static bool
interface_was_made_again(const struct watcher *watcher)
{
	return watcher->started && watcher->network.number &&
	       watcher->started != watcher->network.number;
}

/* A unit that is not active is left alone. systemctl's output is the message. */
static void
run_systemctl(const char *verb, const char *unit)
{
	const char *argv[] = {"systemctl", "--no-block", verb, unit, NULL};
	struct process_options how = {
	    .milliseconds = SYSTEMCTL_MS, .capture_stderr = true};
	struct process_result result;
	char words[64];

	process_run(argv, &how, &result);
	if (!process_succeeded(&result))
		log_warnx("systemctl %s %s %s: %s", verb, unit,
		    process_describe_end(&result, words), text_string(&result.output));
	text_free(&result.output);
}

static void
care_for_keepalived(struct watcher *watcher)
{
	const struct care_facts facts = {
	    .is_fit = watcher->is_judged && !watcher->unfit,
	    .is_running = watcher->network.is_running,
	    .is_fault = watcher->transitions.state == VRRP_FAULT,
	    .number = watcher->network.number,
	    .started = watcher->started,
	};

	switch (keepalived_care_judge(&watcher->care, &facts, clock_now())) {
	case CARE_RELOAD:
		log_info("keepalived stays in the state FAULT: reloading it");
		run_systemctl("try-reload-or-restart", KEEPALIVED_UNIT);
		break;
	case CARE_RESTART:
		log_info("%s: restarting keepalived",
		    interface_was_made_again(watcher)
			? "its interface was made again"
			: "keepalived stays in the state FAULT");
		run_systemctl("try-restart", KEEPALIVED_UNIT);
		break;
	case CARE_NONE:
		break;
	}
}

static void
care_for_haproxy(struct watcher *watcher)
{
	if (!haproxy_clock_jumped(
		&watcher->haproxy_clock, &watcher->liveness.report, clock_now()))
		return;
	log_info("the clock was set, and HAProxy's health checks may have stopped: "
		 "reloading it");
	run_systemctl("try-reload-or-restart", HAPROXY_UNIT);
}

static json_t *
list_problems(const struct watcher *watcher)
{
	const char *interface = watcher->settings->interface;
	json_t *problems = json_array();
	char address[ADDRESS_TEXT_MAX];

	if (watcher->liveness.verdict == LIVENESS_SILENT)
		json_array_append_new(problems, json_string("HAProxy does not answer"));
	if (!watcher->network.has_address)
		json_array_append_new(problems,
		    json_sprintf("this node does not have its address %s",
			address_format(&watcher->settings->address, address)));
	if (!watcher->network.number)
		json_array_append_new(
		    problems, json_sprintf("there is no interface %s", interface));
	else if (!watcher->network.is_running)
		json_array_append_new(
		    problems, json_sprintf("interface %s is down", interface));
	else if (interface_was_made_again(watcher))
		json_array_append_new(problems,
		    json_sprintf("interface %s was made again, and keepalived has to "
				 "be restarted",
			interface));
	if (watcher->transitions.state == VRRP_FAULT && !json_array_size(problems))
		json_array_append_new(
		    problems, json_string("keepalived is in the state FAULT"));
	return problems;
}

static void
write_report(const struct watcher *watcher)
{
	struct report report = {
	    .state = watcher->transitions.state,
	    .state_since = watcher->transitions.since,
	    .haproxy_answers = watcher->liveness.verdict == LIVENESS_ANSWERS,
	    .old_workers = watcher->old_workers.count,
	    .haproxy = &watcher->liveness.report,
	    .haproxy_installed = watcher->haproxy.version,
	    .keepalived_installed = watcher->keepalived.version,
	    .problems = list_problems(watcher),
	};

	report_write(&report, watcher->root);
	json_decref(report.problems);
}

static void
read_settings(struct watcher *watcher)
{
	char *path = format_string("%s%s", watcher->root, SETTINGS_FILE);

	must_read_settings = 0;
	settings_read(path, watcher->settings);
	free(path);
	look_at_network(watcher);
}

/* After an upgrade; one at a time, since this waits for a child process. */
static void
look_at_programs(struct watcher *watcher)
{
	if (!program_look(&watcher->haproxy, HAPROXY_PROGRAM))
		program_look(&watcher->keepalived, KEEPALIVED_PROGRAM);
}

static void
look_seldom(struct watcher *watcher, clock_ms_t now)
{
	watcher->next_seldom = now + (watcher->network.fd < 0 ? 0 : SELDOM_MS);
	look_at_network(watcher);
	watcher->is_outdated = loaded_is_replaced();
}

/* Once a second: what is watched by its path, and the questions for the report. */
static void
begin_second(struct watcher *watcher, clock_ms_t now)
{
	watcher->next_second = now + SECOND_MS;
	service_notify("WATCHDOG=1");
	transitions_open(&watcher->transitions, watcher->root);
	watcher->started = vrrp_interface(watcher->root);
	look_at_programs(watcher);
	if (now >= watcher->next_seldom)
		look_seldom(watcher, now);
}

static void
begin_tick(struct watcher *watcher)
{
	clock_ms_t now = clock_now();
	bool is_second = now >= watcher->next_second;

	watcher->next_tick = now + LIVENESS_TICK_MS;
	if (is_second)
		begin_second(watcher, now);
	liveness_ask(&watcher->liveness, watcher->haproxy_path, is_second);
	old_workers_ask(&watcher->old_workers, watcher->root, is_second,
	    watcher->settings->cut_sessions);
	/* It may have been restarted since the last look. */
	if (interface_was_made_again(watcher))
		watcher->started = vrrp_interface(watcher->root);
	peers_ask(&watcher->peers, watcher->settings);
	care_for_keepalived(watcher);
	if (is_second) {
		care_for_haproxy(watcher);
		write_report(watcher);
	}
}

/* Places among the descriptors that are waited for. */
enum {
	EVENT_NETWORK,
	EVENT_TRANSITIONS,
	EVENT_SERVERS,
	EVENT_QUESTIONS,
	EVENT_PEERS = EVENT_QUESTIONS + LIVENESS_QUESTIONS,
	EVENTS_MAX = EVENT_PEERS + NODES_MAX
};

/* The next tick, or the moment at which HAProxy's silence becomes a hang. */
static clock_ms_t
next_moment(const struct watcher *watcher)
{
	clock_ms_t due = liveness_due(&watcher->liveness);

	return due && due < watcher->next_tick ? due : watcher->next_tick;
}

/*
 * Waits for whatever comes first: an event, an answer that decides something, or that
 * moment. At a tick the other answers are read.
 */
static void
wait_for_events(const struct watcher *watcher, struct pollfd events[EVENTS_MAX])
{
	size_t peers = watcher->settings->peers.count;

	events[EVENT_NETWORK] =
	    (struct pollfd){.fd = watcher->network.fd, .events = POLLIN};
	events[EVENT_TRANSITIONS] =
	    (struct pollfd){.fd = watcher->transitions.fd, .events = POLLIN};
	events[EVENT_SERVERS] =
	    (struct pollfd){.fd = watcher->old_workers.servers.fd, .events = POLLRDHUP};
	liveness_await(&watcher->liveness, events + EVENT_QUESTIONS);
	for (size_t i = 0; i < peers; i++)
		events[EVENT_PEERS + i] = (struct pollfd){
		    .fd = watcher->peers.attempts[i], .events = POLLOUT};
	if (poll(events, EVENT_PEERS + peers, clock_left(next_moment(watcher))) < 0 &&
	    errno != EINTR)
		log_fatal(EX_OSERR, "cannot wait: %s", strerror(errno));
}

static void
handle_events(struct watcher *watcher, const struct pollfd events[EVENTS_MAX])
{
	bool changed = liveness_judge(&watcher->liveness);

	if (old_workers_judge(&watcher->old_workers, watcher->root))
		changed = true;
	if (events[EVENT_TRANSITIONS].revents &&
	    transitions_read(&watcher->transitions))
		changed = true;
	if (events[EVENT_NETWORK].revents && own_network_changed(&watcher->network))
		look_at_network(watcher);
	peers_read(&watcher->peers);
	if (judge_fitness(watcher))
		changed = true;
	if (changed)
		write_report(watcher);
}

void
watcher_run(const char *root, struct settings *settings)
{
	const struct sigaction hangup = {.sa_handler = note_hangup};
	struct watcher watcher = {
	    .root = root, .settings = settings, .transitions.fd = -1};
	struct pollfd events[EVENTS_MAX];

	sigaction(SIGHUP, &hangup, NULL);
	watcher.haproxy_path = format_string("%s%s", root, HAPROXY_SOCKET);
	liveness_init(&watcher.liveness, root);
	old_workers_init(&watcher.old_workers);
	own_network_open(&watcher.network);
	peers_init(&watcher.peers);
	report_restore(root, &watcher.transitions);
	vrrp_make_fifo(root);
	service_notify("READY=1");
	while (!watcher.is_outdated) {
		if (must_read_settings)
			read_settings(&watcher);
		if (clock_left(watcher.next_tick) == 0)
			begin_tick(&watcher);
		wait_for_events(&watcher, events);
		handle_events(&watcher, events);
	}
	log_info("this program or a library that it uses was replaced: starting again");
}
