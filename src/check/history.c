#include "check/history.h"

void
history_take(struct history *history, const struct verdict *verdict)
{
	struct text words = {0};
	clock_ms_t now = clock_now(), lasted = now - history->since;

	if (history->begun && history->role == verdict->role &&
	    history->reason == verdict->reason)
		return;
	verdict_explain(&words, verdict);
	if (!history->begun)
		log_info("this node is: %s (%s). %s", role_name(verdict->role),
		    reason_name(verdict->reason), text_string(&words));
	else
		log_info("%s (%s) for %lld.%03d s, now %s (%s). %s",
		    role_name(history->role), reason_name(history->reason),
		    (long long)(lasted / 1000), (int)(lasted % 1000),
		    role_name(verdict->role), reason_name(verdict->reason),
		    text_string(&words));
	text_free(&words);
	*history = (struct history){true, verdict->role, verdict->reason, now};
}
