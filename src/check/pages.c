#include "check/pages.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

#include "overview/judgement.h"
#include "overview/page.h"

void
pages_init(struct pages *pages, const struct config *config, int ready)
{
	*pages = (struct pages){.config = config, .ready = ready};
}

static void
replace(struct pages *pages, json_t *judged)
{
	json_decref(pages->judged);
	pages->judged = judged;
	pages->made = clock_now();
	pages->second = time(NULL);
}

void
pages_clear(struct pages *pages)
{
	survey_stop(pages->survey);
	pages->survey = NULL;
	replace(pages, NULL);
}

bool
pages_are_fresh(const struct pages *pages)
{
	/* Without a cluster file there is nothing to survey. */
	if (pages->config->cluster.node_count == 0)
		return true;
	return pages->judged && clock_now() < pages->made + PAGES_FRESH_MS;
}

void
pages_request(struct pages *pages)
{
	if (!pages->survey)
		pages->survey = survey_start(&pages->config->cluster, pages->ready);
	survey_request(pages->survey);
}

void
pages_update(struct pages *pages)
{
	eventfd_t ignored;
	json_t *judged;

	eventfd_read(pages->ready, &ignored);
	judged = survey_take(pages->survey);
	if (judged)
		replace(pages, judged);
}

void
pages_survey(struct pages *pages, int milliseconds)
{
	struct answer *answers = allocate(NODES_MAX * sizeof(*answers));
	const struct cluster *cluster = &pages->config->cluster;

	query_nodes(cluster, milliseconds, -1, answers);
	replace(pages, judgement_make(cluster, answers));
	query_free(answers);
	free(answers);
}

static int
refresh_of(const struct pages *pages, enum http_path path)
{
	if (path == PATH_OVERVIEW_STILL)
		return 0;
	if (!pages_are_fresh(pages))
		return PAGES_STALE_S;
	return path == PATH_NO_LEADER ? PAGES_NO_LEADER_S : PAGES_OVERVIEW_S;
}

void
pages_add(const struct pages *pages, enum http_path path, struct text *page)
{
	const struct config *config = pages->config;
	bool usable = pages->judged && clock_now() < pages->made + PAGES_USABLE_MS;
	struct page_view view = {
	    .node = config->name,
	    .second = usable ? pages->second : time(NULL),
	    .refresh = refresh_of(pages, path),
	};

	if (path == PATH_NO_LEADER)
		page_add_no_leader(
		    page, &config->cluster, usable ? pages->judged : NULL, &view);
	else
		page_add_overview(
		    page, &config->cluster, usable ? pages->judged : NULL, &view);
}
