#include "check/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "check/access.h"
#include "check/connection.h"
#include "check/responder.h"

#define EVENTS_MAX      64
#define ACCEPTS_MAX     64  /* per turn, so that accepted clients are served too */
#define FILES_MS        250 /* how often the files are checked for changes */
#define PAUSE_MS        100 /* of accepting when there are no more descriptors */
#define EXIT_MS         100 /* for clients that are slow when the server exits */
#define OTHER_FILES_MAX (NODES_MAX + 32) /* descriptors that are no connections */

/* In epoll's events; larger ones are the tags of connections. */
enum { TAG_LISTENER, TAG_SIGNALS, TAG_VERDICT, TAG_SURVEY };

struct server {
	const struct config *config;
	int listener; /* -1: the server exits once all connections are closed */
	int signals, epoll;
	clock_ms_t check_files_at;
	clock_ms_t paused_until; /* 0: connections are accepted */
	struct connection_list connections;
	struct responder responder;
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
respond(struct server *server, struct connection *connection, bool late)
{
	const struct text *response =
	    responder_respond(&server->responder, connection, late);

	continue_connection(
	    server, connection, connection_respond(connection, response));
}

static void
handle_request(struct server *server, struct connection *connection)
{
	if (responder_has(&server->responder, responder_need(connection))) {
		respond(server, connection, false);
		return;
	}
	connection->phase = PHASE_WAITING;
	continue_connection(server, connection, PROGRESS_WAIT);
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
		server->responder.counters.dropped++;
		close(fd);
		return;
	}
	connection = connection_list_add(&server->connections, fd, allowed,
	    clock_now() + server->config->cluster.deadline, &dropped);
	if (dropped)
		server->responder.counters.dropped++;
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

/* What these connections wait for is known. */
static void
respond_to_waiting(struct server *server, enum http_need need)
{
	struct connection *next;

	for (struct connection *at = server->connections.open.first; at; at = next) {
		next = at->next;
		if (at->phase == PHASE_WAITING && responder_need(at) == need)
			respond(server, at, false);
	}
}

static void
handle_verdict(struct server *server)
{
	responder_update_verdict(&server->responder);
	respond_to_waiting(server, NEED_VERDICT);
}

static void
handle_survey(struct server *server)
{
	responder_update_pages(&server->responder);
	respond_to_waiting(server, NEED_SURVEY);
}

static void
handle_timeout(struct server *server, struct connection *connection)
{
	if (connection->phase == PHASE_WAITING ||
	    (connection->phase == PHASE_READING && connection->request.head_bytes > 0))
		respond(server, connection, true);
	else
		connection_list_close(&server->connections, connection);
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
			else if (tag == TAG_SURVEY)
				handle_survey(server);
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
	/* The threads of the responder inherit the signal mask. */
	server->signals = open_signals();
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (server->signals < 0 || server->epoll < 0 ||
	    fcntl(listener, F_SETFL, O_NONBLOCK) < 0)
		log_fatal(EX_OSERR, "cannot start the server: %s", strerror(errno));
	connection_list_init(&server->connections, connection_limit());
	responder_start(&server->responder, config);
	add_event(server, server->listener, TAG_LISTENER);
	add_event(server, server->signals, TAG_SIGNALS);
	add_event(server, server->responder.verdict_ready, TAG_VERDICT);
	add_event(server, server->responder.survey_ready, TAG_SURVEY);
	run_loop(server);
	responder_stop(&server->responder);
	connection_list_clear(&server->connections);
	close(server->epoll);
	close(server->signals);
	free(server);
	return 0;
}
