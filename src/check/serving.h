/*
 * The conversations of a resident check: each connection from its first byte to its
 * last, and the verdict that they wait for. server.c brings what happens; this decides.
 */
#ifndef CMONHA_CHECK_SERVING_H
#define CMONHA_CHECK_SERVING_H

#include <sys/socket.h>

#include "check/history.h"
#include "probe/probe_thread.h"
#include "check/status_json.h"
#include "check/table.h"

struct serving {
	const struct config *config;
	int epoll; /* connections are watched here, each as its event's data */
	int ready; /* eventfd: there is a verdict */
	struct probe_thread *probe_thread;
	struct table table;
	struct verdict verdict; /* the latest */
	struct history history;
	struct counters counters;
	struct text answer; /* its memory is used for all */
	bool ending;
};

/* `room`: how many connections there may be. */
void serving_create(struct serving *serving, const struct config *config, int epoll,
    int ready, size_t room);
void serving_free(struct serving *serving);

/* A connection has come; epoll says something of one; a verdict is ready. */
void serving_take_connection(
    struct serving *serving, int fd, const struct sockaddr_storage *from);
void serving_take_event(
    struct serving *serving, struct connection *connection, uint32_t events);
void serving_take_verdict(struct serving *serving);

/* Deals with those whose time is up; returns when the next one's will be. */
clock_ms_t serving_expire(struct serving *serving);

/* From now on nobody may dawdle. All are done when table.count is 0. */
void serving_end(struct serving *serving);

#endif
