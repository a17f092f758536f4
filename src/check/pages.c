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
	text_free(&pages->overview);
	text_free(&pages->no_leader);
}

void
pages_clear(struct pages *pages)
{
	survey_stop(pages->survey);
	pages->survey = NULL;
	replace(pages, NULL);
}

bool
pages_is_page(enum http_path path)
{
	return path == PATH_OVERVIEW || path == PATH_NO_LEADER;
}

bool
pages_are_fresh(const struct pages *pages)
{
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

const struct text *
pages_get(struct pages *pages, enum http_path path)
{
	struct page_origin origin = {pages->config->name, time(NULL)};
	struct text *page =
	    path == PATH_OVERVIEW ? &pages->overview : &pages->no_leader;

	if (pages->judged && clock_now() >= pages->made + PAGES_USABLE_MS)
		replace(pages, NULL);
	/* Of what is not known there is nothing to keep. */
	if (!pages->judged)
		text_clear(page);
	if (page->length > 0)
		return page;
	if (path == PATH_OVERVIEW)
		page_add_overview(
		    page, &pages->config->cluster, pages->judged, &origin);
	else
		page_add_no_leader(page, &pages->config->cluster, pages->judged);
	return page;
}
