#include "watch/liveness.h"

#include <stddef.h>
#include <string.h>

#include "watch/cpu_wait.h"

/* The shortest command that the process itself answers; and what fills the report. */
#define SHORT      "show cli level"
#define REPORT     "show info;show stat -1 4 -1"
#define REPORT_HAS "Uptime_sec"
/* A question without an answer for so long makes room for a new one. */
#define DROP_MS 1000
/* A call that comes so much later than it should was not HAProxy's fault. */
#define LATE_MS 100
/* A wait for a processor that is shorter has not kept HAProxy from answering. */
#define WAIT_MS 20

void
liveness_init(struct liveness_watch *watch, const char *root)
{
	*watch = (struct liveness_watch){.root = root, .verdict = LIVENESS_UNKNOWN};
	for (size_t i = 0; i < LIVENESS_QUESTIONS; i++)
		question_init(&watch->questions[i]);
}

static void
forgive_delay(struct liveness_watch *watch, clock_ms_t now)
{
	clock_ms_t delay = now - watch->last_call - LIVENESS_TICK_MS;

	if (watch->last_call && delay > LATE_MS) {
		for (size_t i = 0; i < LIVENESS_QUESTIONS; i++)
			watch->questions[i].asked += delay;
		if (watch->silent_since)
			watch->silent_since += delay;
	}
	watch->last_call = now;
}

static void
set_silent_since(struct liveness_watch *watch, clock_ms_t since)
{
	watch->silent_since = since;
	watch->waited = -1;
	watch->starved = 0;
}

/* A free place, or that of the oldest question if it is old enough; or NULL. */
static struct question *
find_place(struct liveness_watch *watch, clock_ms_t now)
{
	struct question *oldest = &watch->questions[0];

	for (size_t i = 0; i < LIVENESS_QUESTIONS; i++) {
		struct question *question = &watch->questions[i];

		if (question->state != QUESTION_PENDING)
			return question;
		if (question->asked < oldest->asked)
			oldest = question;
	}
	return now - oldest->asked >= DROP_MS ? oldest : NULL;
}

void
liveness_ask(struct liveness_watch *watch, const char *path, bool full)
{
	clock_ms_t now = clock_now();
	struct question *place;

	forgive_delay(watch, now);
	place = find_place(watch, now);
	if (!place)
		return;
	question_ask(place, path, full ? REPORT : SHORT);
	if (!watch->silent_since)
		set_silent_since(watch, now);
}

void
liveness_await(
    const struct liveness_watch *watch, struct pollfd fds[LIVENESS_QUESTIONS])
{
	clock_ms_t now = clock_now();

	for (size_t i = 0; i < LIVENESS_QUESTIONS; i++) {
		const struct question *question = &watch->questions[i];
		bool is_new = watch->verdict == LIVENESS_ANSWERS &&
			      now - question->asked < LIVENESS_TICK_MS / 2;

		/* It is complete when HAProxy has closed the connection. */
		fds[i] = (struct pollfd){
		    .fd = is_new ? -1 : question->fd, .events = POLLRDHUP};
	}
}

clock_ms_t
liveness_due(const struct liveness_watch *watch)
{
	if (!watch->silent_since || watch->verdict == LIVENESS_SILENT)
		return 0;
	return watch->silent_since + watch->starved + LIVENESS_SILENT_MS;
}

/* What was asked after an answered question is still open: silence begins with it. */
static clock_ms_t
first_open_after(const struct liveness_watch *watch, clock_ms_t asked)
{
	clock_ms_t first = 0;

	for (size_t i = 0; i < LIVENESS_QUESTIONS; i++) {
		const struct question *question = &watch->questions[i];

		if (question->state == QUESTION_PENDING && question->asked > asked &&
		    (!first || question->asked < first))
			first = question->asked;
	}
	return first;
}

static void
use_answer(struct liveness_watch *watch, struct question *question, clock_ms_t now)
{
	if (now - question->asked < LIVENESS_SILENT_MS) {
		watch->answers++;
		set_silent_since(watch, first_open_after(watch, question->asked));
	} else {
		watch->answers = 0;
	}
	if (strstr(text_string(&question->answer), REPORT_HAS)) {
		struct text before = watch->report;

		watch->report = question->answer;
		question->answer = before;
	}
	question_drop(question);
}

/*
 * Whether HAProxy could have answered for so long. It could not while it waited for a
 * processor: that is counted from the moment on at which it was late for a tick.
 */
static bool
is_hung(struct liveness_watch *watch, clock_ms_t now)
{
	clock_ms_t silence = now - watch->silent_since, starved;

	if (!watch->silent_since || silence < LIVENESS_TICK_MS)
		return false;
	if (watch->waited < 0)
		watch->waited = cpu_wait(watch->root);
	if (silence - watch->starved < LIVENESS_SILENT_MS)
		return false;
	if (watch->verdict == LIVENESS_SILENT)
		return true;
	starved = watch->waited < 0 ? 0 : cpu_wait(watch->root) - watch->waited;
	if (starved > silence - LIVENESS_TICK_MS)
		starved = silence - LIVENESS_TICK_MS;
	if (starved > LIVENESS_STARVED_MS)
		starved = LIVENESS_STARVED_MS;
	if (starved < watch->starved + WAIT_MS)
		return true;
	watch->starved = starved;
	return silence - starved >= LIVENESS_SILENT_MS;
}

bool
liveness_judge(struct liveness_watch *watch)
{
	clock_ms_t now = clock_now();
	enum liveness before = watch->verdict;

	forgive_delay(watch, now);
	for (size_t i = 0; i < LIVENESS_QUESTIONS; i++) {
		question_read(&watch->questions[i]);
		if (watch->questions[i].state == QUESTION_ANSWERED)
			use_answer(watch, &watch->questions[i], now);
	}
	if (is_hung(watch, now)) {
		watch->verdict = LIVENESS_SILENT;
		watch->answers = 0;
	} else if (watch->answers >= 2) {
		watch->verdict = LIVENESS_ANSWERS;
	}
	return watch->verdict != before;
}
