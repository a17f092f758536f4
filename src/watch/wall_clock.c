#include "watch/wall_clock.h"

#include "base/log.h"

bool
wall_clock_judge(struct wall_clock *clock, int64_t real, clock_ms_t now)
{
	int64_t step = real - now - clock->ahead;
	bool stepped = step >= WALL_CLOCK_STEP_MS || step <= -WALL_CLOCK_STEP_MS;

	if (clock->is_known && stepped) {
		log_info("the wall clock was set by %+lld s", (long long)(step / 1000));
		clock->due = now + WALL_CLOCK_SETTLE_MS;
	}
	clock->is_known = true;
	clock->ahead = real - now;
	if (!clock->due || now < clock->due)
		return false;
	clock->due = 0;
	return true;
}
