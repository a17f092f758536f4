#include "base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

clock_ms_t
clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (clock_ms_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
clock_left(clock_ms_t deadline)
{
	clock_ms_t left = deadline - clock_now();

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

const char *
clock_stamp(char *buffer)
{
	struct timespec now;
	struct tm utc;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	length = strftime(buffer, CLOCK_STAMP_MAX, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(buffer + length, CLOCK_STAMP_MAX - length, ".%03dZ",
	    (int)(now.tv_nsec / 1000000) % 1000);
	return buffer;
}
