/*
 * A judgement as pages for people, in HTML without scripts: the whole cluster, and what
 * users see while there is no leader. Pure. Nothing that a node reports is believed to
 * be harmless: it is printable text, escaped.
 */
#ifndef CMONHA_OVERVIEW_PAGE_H
#define CMONHA_OVERVIEW_PAGE_H

#include <jansson.h>

#include "base/text.h"
#include "cluster/cluster.h"

struct page_view {
	const char *node; /* that surveyed the cluster */
	int64_t second;   /* when, since the Epoch */
	int refresh;      /* after how many seconds the page reloads; 0: never */
};

/* In both `judged` is as by judgement.h; NULL: not known yet. */

/* Appends the page of the cluster. */
void page_add_overview(struct text *page, const struct cluster *cluster,
    const json_t *judged, const struct page_view *view);

/*
 * Appends the page that everybody gets at the virtual IP without a password while there
 * is no leader: names of nodes and the sentences of verdict.h, and no other text of a
 * node.
 */
void page_add_no_leader(struct text *page, const struct cluster *cluster,
    const json_t *judged, const struct page_view *view);

#endif
