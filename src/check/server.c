#include "check/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "check/serving.h"

#define EVENTS_MAX      64
#define ACCEPTS_MAX     64  /* per turn, so that those already here get theirs */
#define LOOK_MS         250 /* how often the files are looked at */
#define PAUSE_MS        100 /* of accepting when the machine is out of descriptors */
#define OTHER_FILES_MAX (NODES_MAX + 32) /* descriptors that are no connections */

struct resident {
	const struct config *config;
	int listener; /* -1: we are ending */
	int signals, ready, epoll;
	clock_ms_t look_again;
	clock_ms_t paused_until; /* 0: we accept */
	struct serving serving;
};

static void
add_event(struct resident *resident, int fd, void *what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};

	if (epoll_ctl(resident->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		log_fatal(EX_OSERR, "epoll: %s", strerror(errno));
}

/* Whoever listens for us has the same socket open, so closing it is not enough. */
static void
remove_listener(struct resident *resident)
{
	if (!resident->paused_until)
		epoll_ctl(resident->epoll, EPOLL_CTL_DEL, resident->listener, NULL);
}

static void
accept_some(struct resident *resident, int most)
{
	for (int i = 0; i < most; i++) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		int fd = accept4(resident->listener, (struct sockaddr *)&from, &length,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			serving_take_connection(&resident->serving, fd, &from);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			remove_listener(resident);
			resident->paused_until = clock_now() + PAUSE_MS;
			return;
		} else if (errno == EAGAIN) {
			return;
		}
	}
}

static void
end(struct resident *resident, const char *why)
{
	log_info("ends: %s", why);
	remove_listener(resident);
	close(resident->listener);
	resident->listener = -1;
	serving_end(&resident->serving);
}

/* Whoever stands in the queue of the socket may have nobody else to answer. */
static void
take_signal(struct resident *resident)
{
	struct signalfd_siginfo signal;

	if (read(resident->signals, &signal, sizeof(signal)) != sizeof(signal) ||
	    resident->listener < 0)
		return;
	accept_some(resident, CONNECTIONS_MAX);
	end(resident, signal.ssi_signo == SIGINT ? "interrupted" : "told to");
}

/*
 * The files are looked at before anybody is let in, so that the first question after a
 * change is answered by our successor.
 */
static void
take_askers(struct resident *resident)
{
	clock_ms_t now = clock_now();

	if (resident->listener < 0)
		return;
	if (now >= resident->look_again) {
		resident->look_again = now + LOOK_MS;
		if (config_is_stale(resident->config)) {
			end(resident, "the configuration or the program has changed");
			return;
		}
	}
	accept_some(resident, ACCEPTS_MAX);
}

static void
take_event(struct resident *resident, const struct epoll_event *event)
{
	if (event->data.ptr == &resident->listener)
		take_askers(resident);
	else if (event->data.ptr == &resident->signals)
		take_signal(resident);
	else if (event->data.ptr == &resident->ready)
		serving_take_verdict(&resident->serving);
	else
		serving_take_event(&resident->serving, event->data.ptr, event->events);
}

/* Deals with all whose time has come; returns how long there is nothing to do. */
static int
run_timers(struct resident *resident)
{
	clock_ms_t next = serving_expire(&resident->serving);

	if (resident->paused_until && resident->paused_until <= clock_now()) {
		resident->paused_until = 0;
		if (resident->listener >= 0)
			add_event(resident, resident->listener, &resident->listener);
	}
	if (resident->paused_until && resident->paused_until < next)
		next = resident->paused_until;
	return next == INT64_MAX ? -1 : clock_left(next);
}

static void
serve(struct resident *resident)
{
	struct epoll_event events[EVENTS_MAX];

	for (;;) {
		int wait = run_timers(resident);
		int count;

		if (resident->listener < 0 && resident->serving.table.count == 0)
			return;
		count = epoll_wait(resident->epoll, events, EVENTS_MAX, wait);
		for (int i = 0; i < count; i++)
			take_event(resident, &events[i]);
	}
}

static size_t
connections_room(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < CONNECTIONS_MAX + OTHER_FILES_MAX)
		return limit.rlim_cur > 2 * OTHER_FILES_MAX
			   ? limit.rlim_cur - OTHER_FILES_MAX
			   : OTHER_FILES_MAX;
	return CONNECTIONS_MAX;
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
	struct resident *resident = allocate(sizeof(*resident));

	resident->config = config;
	resident->listener = listener;
	/* xinetd's queue holds 64: an asker who finds it full is late by a second. */
	listen(listener, CONNECTIONS_MAX);
	resident->signals = open_signals();
	resident->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	resident->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (resident->signals < 0 || resident->ready < 0 || resident->epoll < 0 ||
	    fcntl(listener, F_SETFL, O_NONBLOCK) < 0)
		log_fatal(EX_OSERR, "cannot serve: %s", strerror(errno));
	serving_create(&resident->serving, config, resident->epoll, resident->ready,
	    connections_room());
	add_event(resident, resident->listener, &resident->listener);
	add_event(resident, resident->signals, &resident->signals);
	add_event(resident, resident->ready, &resident->ready);
	serve(resident);
	serving_free(&resident->serving);
	close(resident->epoll);
	close(resident->ready);
	close(resident->signals);
	free(resident);
	return 0;
}
