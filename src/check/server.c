#include "check/server.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "check/answer.h"
#include "check/history.h"
#include "check/prober.h"
#include "check/table.h"

#define EVENTS_MAX      64
#define ACCEPTS_MAX     64 /* per turn, so that those already here get theirs */
#define LOOK_MS         250 /* how often the files are looked at */
#define HURRY_MS        100 /* for whoever dawdles when we are to end */
#define PAUSE_MS        100 /* of accepting when the machine has no descriptors left */
#define OTHER_FILES_MAX 64  /* descriptors that are no connections */

struct server {
	const struct check_setup *setup;
	int listener; /* -1: we are ending */
	int signals, ready, epoll;
	struct prober *prober;
	struct table table;

	bool known; /* there is a verdict */
	struct verdict verdict;
	struct history history;
	struct service service;
	struct text answer;

	clock_ms_t look_again;
	clock_ms_t paused_until; /* 0: we accept */
	bool ending;
};

static void
watch(struct server *server, int fd, void *what, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = what};

	if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die(EX_OSERR, "epoll: %s", strerror(errno));
}

static void
watch_connection(struct server *server, struct connection *connection)
{
	struct epoll_event event = {
		.events = connection->phase == PHASE_WRITING ? EPOLLIN | EPOLLOUT
							     : EPOLLIN,
		.data.ptr = connection,
	};

	/* While it waits for the verdict, what it may still send can wait too. */
	if (connection->phase == PHASE_WAITING || connection->ended)
		event.events &= ~(uint32_t)EPOLLIN;
	if (connection->watched == event.events)
		return;
	if (epoll_ctl(server->epoll,
		    connection->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, connection->fd,
		    &event) < 0)
		table_close(&server->table, connection);
	else
		connection->watched = event.events;
}
