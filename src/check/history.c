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
		note("this node is: %s (%s). %s", check_role_word(verdict->role),
		    reason_word(verdict->reason), text_string(&words));
	else
		note("%s (%s) for %lld.%03d s, now %s (%s). %s",
		    check_role_word(history->role), reason_word(history->reason),
		    (long long)(lasted / 1000), (int)(lasted % 1000),
		    check_role_word(verdict->role), reason_word(verdict->reason),
		    text_string(&words));
	text_free(&words);
	*history = (struct history){true, verdict->role, verdict->reason, now};
}
