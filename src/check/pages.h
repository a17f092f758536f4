/*
 * The pages for people (see overview/page.h), made from one survey of the cluster for
 * all clients of a second, so that they cost the nodes no more than one client does.
 * Owns the survey and the latest judgement; never sends anything.
 */
#ifndef CMONHA_CHECK_PAGES_H
#define CMONHA_CHECK_PAGES_H

#include "check/http_request.h"
#include "overview/survey.h"
#include "probe/config.h"

#define PAGES_FRESH_MS 1000
/* When nodes are slower than a client waits, it gets what was known last. */
#define PAGES_USABLE_MS 10000

/* After how many seconds they reload; the last one is for what is old or not known. */
#define PAGES_OVERVIEW_S  5
#define PAGES_NO_LEADER_S 2
#define PAGES_STALE_S     1

struct pages {
	const struct config *config;
	int ready;             /* the caller's eventfd, see survey.h */
	struct survey *survey; /* NULL until the first request */
	json_t *judged;        /* NULL: none yet */
	clock_ms_t made;
	int64_t second; /* the same by the wall clock, since the Epoch */
};

void pages_init(struct pages *pages, const struct config *config, int ready);
void pages_clear(struct pages *pages);

/* Whether pages_add() needs no new survey. */
bool pages_are_fresh(const struct pages *pages);
/* Begins one unless one runs. */
void pages_request(struct pages *pages);
/* To be called when `ready` can be read. */
void pages_update(struct pages *pages);
/* Surveys at once, for at most so many milliseconds. */
void pages_survey(struct pages *pages, int milliseconds);

/* Appends the page of that path, by the last survey if it is usable. */
void pages_add(const struct pages *pages, enum http_path path, struct text *page);

#endif
