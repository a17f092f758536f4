#include "check/server.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "check/access.h"
#include "check/connection.h"
#include "check/http_response.h"
#include "check/pages.h"
#include "probe/probe_thread.h"

#define EVENTS_MAX      64
#define ACCEPTS_MAX     64  /* per turn, so that accepted clients are served too */
#define FILES_MS        250 /* how often the files are checked for changes */
#define PAUSE_MS        100 /* of accepting when there are no more descriptors */
#define EXIT_MS         100 /* for clients that are slow when the server exits */
#define OTHER_FILES_MAX (NODES_MAX + 32) /* descriptors that are no connections */

/* In epoll's events; larger ones are the tags of connections. */
enum { TAG_LISTENER, TAG_SIGNALS, TAG_VERDICT, TAG_PAGES };

struct server {
	const struct config *config;
	int listener; /* -1: the server exits once all connections are closed */
	int signals, ready, pages_ready, epoll;
	clock_ms_t check_files_at;
	clock_ms_t paused_until; /* 0: connections are accepted */
	struct probe_thread *probe_thread;
	struct verdict verdict; /* the latest */
	struct connection_list connections;
	struct counters counters;
	struct node_state node;
	struct pages pages;
	struct text response; /* its memory is used for all */
};

static void
add_event(struct server *server, int fd, uint64_t tag)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag};

	if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		log_fatal(EX_OSERR, "epoll: %s", strerror(errno));
}

/*
 * Registers the connection's socket, or closes what cannot be used any more. While a
 * complete request waits for its verdict there is nothing to register for; a socket
 * registered before that stays so, and its hang-up is noticed.
 */
static void
continue_connection(
    struct server *server, struct connection *connection, enum progress progress)
{
	struct connection_list *list = &server->connections;
	struct epoll_event event = {.data.u64 = connection->tag};

	if (progress == PROGRESS_CLOSED) {
		connection_list_close(list, connection);
		return;
	}
	if (connection->phase == PHASE_DRAINING && !connection->answered)
		connection_list_set_answered(list, connection,
		    clock_now() + (server->listener < 0 ? EXIT_MS : LINGER_MS));
	if (connection->phase == PHASE_WAITING && !connection->events)
		return;
	if (!connection->ended)
		event.events |= EPOLLIN;
	if (connection->phase == PHASE_WRITING)
		event.events |= EPOLLOUT;
	if (connection->events == (event.events | EPOLLHUP))
		return;
	if (epoll_ctl(server->epoll, connection->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
		connection->fd, &event) < 0) {
		connection_list_close(list, connection);
		return;
	}
	connection->events = event.events | EPOLLHUP;
}

static void
respond(struct server *server, struct connection *connection)
{
	server->counters.answers++;
	continue_connection(
	    server, connection, connection_respond(connection, &server->response));
}

static void
respond_with_verdict(
    struct server *server, struct connection *connection, const struct verdict *verdict)
{
	struct status status = {
	    server->config, verdict, &server->counters, &server->node};

	http_response_verdict(&server->response, &connection->request, &status);
	respond(server, connection);
}

static void
respond_with_page(struct server *server, struct connection *connection)
{
	http_response_page(&server->response, &connection->request,
	    pages_get(&server->pages, connection->request.path));
	respond(server, connection);
}

static bool
wants_page(const struct connection *connection)
{
	const struct http_request *request = &connection->request;

	return request->state == REQUEST_COMPLETE && pages_is_page(request->path) &&
	       request->method != METHOD_OTHER;
}

static void
handle_page_request(struct server *server, struct connection *connection)
{
	if (pages_are_fresh(&server->pages)) {
		respond_with_page(server, connection);
		return;
	}
	connection->phase = PHASE_WAITING;
	continue_connection(server, connection, PROGRESS_WAIT);
	pages_request(&server->pages);
}

static void
handle_request(struct server *server, struct connection *connection)
{
	if (!connection->allowed) {
		server->counters.refused++;
		http_response_forbidden(&server->response);
		respond(server, connection);
	} else if (wants_page(connection)) {
		handle_page_request(server, connection);
	} else if (!http_response_needs_verdict(&connection->request)) {
		http_response_error(&server->response, &connection->request);
		respond(server, connection);
	} else if (clock_now() < server->verdict.expires) {
		respond_with_verdict(server, connection, &server->verdict);
	} else {
		connection->phase = PHASE_WAITING;
		continue_connection(server, connection, PROGRESS_WAIT);
		probe_thread_request(server->probe_thread);
	}
}

static void
handle_progress(
    struct server *server, struct connection *connection, enum progress progress)
{
	if (progress == PROGRESS_REQUEST)
		handle_request(server, connection);
	else
		continue_connection(server, connection, progress);
}

static void
handle_connection(struct server *server, uint64_t tag, uint32_t events)
{
	struct connection *connection = connection_list_find(&server->connections, tag);

	if (!connection)
		return; /* closed by an earlier event of this turn */
	if (connection->phase == PHASE_WAITING && events & (EPOLLERR | EPOLLHUP))
		connection_list_close(&server->connections, connection);
	else if (connection->phase == PHASE_WRITING && events & EPOLLOUT)
		continue_connection(server, connection, connection_write(connection));
	else
		handle_progress(server, connection, connection_read(connection));
}

static void
add_connection(struct server *server, int fd, const struct sockaddr_storage *from)
{
	struct connection *connection;
	struct address client = {.family = AF_UNSPEC};
	bool allowed, dropped;

	allowed = address_from_socket((const struct sockaddr *)from, &client) &&
		  access_allows(server->config, &client);
	if (!allowed && server->connections.strangers >= STRANGERS_MAX) {
		server->counters.dropped++;
		close(fd);
		return;
	}
	connection = connection_list_add(&server->connections, fd, allowed,
	    clock_now() + server->config->cluster.deadline, &dropped);
	if (dropped)
		server->counters.dropped++;
	handle_progress(server, connection, connection_read(connection));
}

/* Closing the listener is not enough, since its owner has the same socket open. */
static void
remove_listener(struct server *server)
{
	if (!server->paused_until)
		epoll_ctl(server->epoll, EPOLL_CTL_DEL, server->listener, NULL);
}

static void
accept_connections(struct server *server, int most)
{
	for (int i = 0; i < most; i++) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		int fd = accept4(server->listener, (struct sockaddr *)&from, &length,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			add_connection(server, fd, &from);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			remove_listener(server);
			server->paused_until = clock_now() + PAUSE_MS;
			return;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

/* Clients that wait for a verdict keep their deadline; slow ones have EXIT_MS left. */
static void
begin_exit(struct server *server, const char *why)
{
	const struct connection_queue queues[] = {
	    server->connections.open, server->connections.answered};
	clock_ms_t deadline = clock_now() + EXIT_MS;

	log_info("exiting%s", why);
	remove_listener(server);
	close(server->listener);
	server->listener = -1;
	for (size_t i = 0; i < 2; i++)
		for (struct connection *at = queues[i].first; at; at = at->next)
			if (at->phase != PHASE_WAITING && at->deadline > deadline)
				at->deadline = deadline;
}

/* The connections in the listener's queue may have no other server to accept them. */
static void
handle_signal(struct server *server)
{
	struct signalfd_siginfo signal;

	if (read(server->signals, &signal, sizeof(signal)) != sizeof(signal) ||
	    server->listener < 0)
		return;
	accept_connections(server, CONNECTIONS_MAX);
	begin_exit(server, signal.ssi_signo == SIGINT ? " on SIGINT" : " on SIGTERM");
}

/*
 * The files are checked before connections are accepted, so that the first request
 * after a change is answered by the next process.
 */
static void
handle_listener(struct server *server)
{
	clock_ms_t now = clock_now();

	if (server->listener < 0)
		return;
	if (now >= server->check_files_at) {
		server->check_files_at = now + FILES_MS;
		if (config_is_outdated(server->config)) {
			begin_exit(server,
			    ": the configuration, the program or a library has changed");
			return;
		}
	}
	accept_connections(server, ACCEPTS_MAX);
}

/* Counts, and logs one line for, each change of role or reason. */
static void
note_change(struct server *server, const struct verdict *verdict)
{
	const struct verdict *before = &server->verdict;
	bool is_first = before->rounds == 0;
	clock_ms_t now = clock_now(), lasted = now - server->counters.since;
	struct text explanation = {0};

	if (!is_first && before->role == verdict->role &&
	    before->reason == verdict->reason)
		return;
	verdict_explain(&explanation, verdict);
	if (is_first)
		log_info("role: %s (%s). %s", role_name(verdict->role),
		    reason_name(verdict->reason), text_string(&explanation));
	else
		log_info("role changed from %s (%s) to %s (%s) after %lld.%03d s. %s",
		    role_name(before->role), reason_name(before->reason),
		    role_name(verdict->role), reason_name(verdict->reason),
		    (long long)(lasted / 1000), (int)(lasted % 1000),
		    text_string(&explanation));
	text_free(&explanation);
	server->counters.since = now;
	if (!is_first)
		server->counters
		    .last[server->counters.transitions++ % TRANSITIONS_KEPT] =
		    (struct transition){
			now, time(NULL), verdict->role, verdict->reason};
	/* The first round used more memory than any later one will. */
	if (is_first)
		malloc_trim(0);
}

static void
handle_verdict(struct server *server)
{
	struct connection *next;
	struct verdict verdict;
	eventfd_t ignored;

	if (eventfd_read(server->ready, &ignored) < 0)
		return;
	probe_thread_get(server->probe_thread, &verdict);
	note_change(server, &verdict);
	server->verdict = verdict;
	for (struct connection *at = server->connections.open.first; at; at = next) {
		next = at->next;
		if (at->phase == PHASE_WAITING && !wants_page(at))
			respond_with_verdict(server, at, &server->verdict);
	}
}

static void
handle_pages(struct server *server)
{
	struct connection *next;

	pages_update(&server->pages);
	for (struct connection *at = server->connections.open.first; at; at = next) {
		next = at->next;
		if (at->phase == PHASE_WAITING && wants_page(at))
			respond_with_page(server, at);
	}
}

static void
handle_timeout(struct server *server, struct connection *connection)
{
	struct verdict late;

	if (connection->phase == PHASE_READING && connection->request.head_bytes > 0) {
		http_response_timeout(&server->response);
		respond(server, connection);
	} else if (connection->phase == PHASE_WAITING && wants_page(connection)) {
		respond_with_page(server, connection);
	} else if (connection->phase == PHASE_WAITING) {
		/* A slow request has less time left than the round takes. */
		late = server->verdict;
		late.role = late.claim = ROLE_UNKNOWN;
		late.reason = REASON_TIME_OUT;
		late.detail[0] = '\0';
		respond_with_verdict(server, connection, &late);
	} else {
		connection_list_close(&server->connections, connection);
	}
}

/* The queues are in order of deadlines until begin_exit() shortens some of them. */
static void
expire_connections(
    struct server *server, const struct connection_queue *queue, clock_ms_t now)
{
	struct connection *next;

	for (struct connection *at = queue->first; at; at = next) {
		next = at->next;
		if (at->deadline <= now)
			handle_timeout(server, at);
		else if (server->listener >= 0)
			return;
	}
}

static clock_ms_t
earliest_deadline(const struct server *server, const struct connection_queue *queue)
{
	clock_ms_t earliest = INT64_MAX;

	for (const struct connection *at = queue->first; at; at = at->next) {
		if (at->deadline < earliest)
			earliest = at->deadline;
		if (server->listener >= 0)
			break;
	}
	return earliest;
}

/* Handles all that is due; returns how many milliseconds there is nothing to do. */
static int
run_timers(struct server *server)
{
	const struct connection_queue *open = &server->connections.open;
	const struct connection_queue *answered = &server->connections.answered;
	clock_ms_t now = clock_now(), next, other;

	expire_connections(server, open, now);
	expire_connections(server, answered, now);
	if (server->paused_until && server->paused_until <= clock_now()) {
		server->paused_until = 0;
		if (server->listener >= 0)
			add_event(server, server->listener, TAG_LISTENER);
	}
	next = earliest_deadline(server, open);
	other = earliest_deadline(server, answered);
	if (other < next)
		next = other;
	if (server->paused_until && server->paused_until < next)
		next = server->paused_until;
	return next == INT64_MAX ? -1 : clock_left(next);
}

static void
run_loop(struct server *server)
{
	struct epoll_event events[EVENTS_MAX];

	for (;;) {
		int wait = run_timers(server), count;

		if (server->listener < 0 && server->connections.count == 0)
			return;
		count = epoll_wait(server->epoll, events, EVENTS_MAX, wait);
		for (int i = 0; i < count; i++) {
			uint64_t tag = events[i].data.u64;

			if (tag == TAG_LISTENER)
				handle_listener(server);
			else if (tag == TAG_SIGNALS)
				handle_signal(server);
			else if (tag == TAG_VERDICT)
				handle_verdict(server);
			else if (tag == TAG_PAGES)
				handle_pages(server);
			else
				handle_connection(server, tag, events[i].events);
		}
	}
}

static size_t
connection_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    files.rlim_cur >= CONNECTIONS_MAX + OTHER_FILES_MAX)
		return CONNECTIONS_MAX;
	return files.rlim_cur > 2 * OTHER_FILES_MAX ? files.rlim_cur - OTHER_FILES_MAX
						    : OTHER_FILES_MAX;
}

static int
open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
server_run(const struct config *config, int listener)
{
	struct server *server = allocate(sizeof(*server));

	server->config = config;
	server->listener = listener;
	/* xinetd's queue has 64 places: a client that finds it full is late by 1 s. */
	listen(listener, CONNECTIONS_MAX);
	/* The probe's thread inherits the signal mask. */
	server->signals = open_signals();
	server->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	server->pages_ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (server->signals < 0 || server->ready < 0 || server->pages_ready < 0 ||
	    server->epoll < 0 || fcntl(listener, F_SETFL, O_NONBLOCK) < 0)
		log_fatal(EX_OSERR, "cannot start the server: %s", strerror(errno));
	connection_list_init(&server->connections, connection_limit());
	node_state_init(&server->node, "");
	pages_init(&server->pages, config, server->pages_ready);
	server->counters.started = server->counters.since = clock_now();
	verdict_init(&server->verdict, REASON_TIME_OUT, server->counters.started);
	server->probe_thread = probe_thread_start(config, server->ready);
	add_event(server, server->listener, TAG_LISTENER);
	add_event(server, server->signals, TAG_SIGNALS);
	add_event(server, server->ready, TAG_VERDICT);
	add_event(server, server->pages_ready, TAG_PAGES);
	run_loop(server);
	pages_clear(&server->pages);
	probe_thread_stop(server->probe_thread);
	connection_list_clear(&server->connections);
	node_state_clear(&server->node);
	text_free(&server->response);
	close(server->epoll);
	close(server->ready);
	close(server->pages_ready);
	close(server->signals);
	free(server);
	return 0;
}
