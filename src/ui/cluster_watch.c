#include "ui/cluster_watch.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "overview/survey.h"
#include "ui/frame.h"
#include "ui/screen.h"

#define PERIOD_MS 1000

/* False if the terminal is gone. */
static bool
draw(struct frame *frame, const json_t *judged)
{
	struct frame_form form = {
	    .colours = screen_has_colours(), .now = clock_now(), .second = time(NULL)};
	struct text text = {0};
	bool drawn;

	screen_size(&form.columns, &form.rows);
	frame_add(&text, frame, judged, &form);
	drawn = screen_draw(&text);
	text_free(&text);
	return drawn;
}

/* The judgement that is to be shown: a new one, or the one before. */
static json_t *
update(struct survey *survey, int ready, json_t *judged)
{
	json_t *latest;
	eventfd_t ignored;

	eventfd_read(ready, &ignored);
	latest = survey_take(survey);
	if (!latest)
		return judged;
	json_decref(judged);
	return latest;
}

int
cluster_watch(const struct cluster *cluster)
{
	int ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	enum screen_event event = SCREEN_TIMEOUT;
	clock_ms_t next = clock_now();
	struct frame frame = {0};
	struct survey *survey;
	json_t *judged = NULL;

	if (ready < 0)
		log_fatal(EX_OSERR, "eventfd: %s", strerror(errno));
	screen_open();
	survey = survey_start(cluster, ready);
	while (event != SCREEN_END) {
		if (clock_left(next) == 0) {
			survey_request(survey);
			next = clock_now() + PERIOD_MS;
		}
		if (!draw(&frame, judged))
			break;
		event = screen_wait(ready, next);
		if (event == SCREEN_READY)
			judged = update(survey, ready, judged);
	}
	screen_close();
	survey_stop(survey);
	json_decref(judged);
	frame_free(&frame);
	close(ready);
	return 0;
}
