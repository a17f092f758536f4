#include "watch/haproxy_clock.h"

#include <stdlib.h>

#include "base/haproxy_stat.h"
#include "base/process.h"
#include "base/value.h"

/* -1 if it is not there. */
static int64_t
find_number(const struct text *info, const char *key, int64_t last)
{
	char *digits = haproxy_info(text_string(info), key);
	int64_t number = -1;

	if (digits)
		value_number(digits, 0, last, &number);
	free(digits);
	return number;
}

bool
haproxy_clock_jumped(
    struct haproxy_clock *clock, const struct text *info, clock_ms_t now)
{
	int64_t pid = find_number(info, "Pid", PID_LAST);
	int64_t uptime = find_number(info, "Uptime_sec", INT32_MAX);
	const struct haproxy_clock before = *clock;

	if (pid < 0 || uptime < 0)
		return false;
	*clock = (struct haproxy_clock){.pid = pid, .uptime = uptime, .at = now};
	return before.pid == pid &&
	       uptime - before.uptime - (now - before.at) / 1000 > HAPROXY_CLOCK_JUMP_S;
}
