#include "watch/keepalived_care.h"

/* keepalived itself leaves FAULT some milliseconds after the cause has gone. */
#define SETTLE_MS      300
#define FIRST_PAUSE_MS 2000
#define LAST_PAUSE_MS  60000

static clock_ms_t
pause_after(int times)
{
	clock_ms_t pause = FIRST_PAUSE_MS;

	for (int i = 1; i < times && pause < LAST_PAUSE_MS; i++)
		pause *= 2;
	return pause < LAST_PAUSE_MS ? pause : LAST_PAUSE_MS;
}

enum care
keepalived_care_judge(
    struct keepalived_care *care, const struct care_facts *facts, clock_ms_t now)
{
	bool possible = facts->is_fit && facts->is_running && facts->number;
	bool is_deaf = possible && facts->started && facts->started != facts->number;
	bool is_stuck = possible && facts->is_fault;

	if (!is_deaf && !is_stuck) {
		*care = (struct keepalived_care){.times = 0};
		return CARE_NONE;
	}
	if (!care->wrong_since)
		care->wrong_since = now;
	if (care->times == 0 ? now - care->wrong_since < SETTLE_MS
			     : now - care->last_time < pause_after(care->times))
		return CARE_NONE;
	care->last_time = now;
	care->times++;
	/* A reload that did not help is followed by a restart. */
	return is_deaf || care->times > 1 ? CARE_RESTART : CARE_RELOAD;
}
