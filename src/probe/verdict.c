#include "probe/verdict.h"

bool
peer_is_reachable(const struct peer_view *peer, clock_ms_t now)
{
	return !peer->failed && peer->last_answer != NEVER &&
	       now - peer->last_answer < PEER_MEMORY_MS;
}

/*
 * The moment from which its silence means that it is not there, unless it answers
 * before. While it is asked all the time, silence begins with the last answer; if
 * nobody asked for a while, with the first question.
 */
static clock_ms_t
silent_at(const struct peer_view *peer)
{
	clock_ms_t since = peer->waiting_since;
	clock_ms_t patient;

	if (since == NEVER)
		return INT64_MAX;
	patient = since + PEER_PATIENCE_MS;
	if (peer->last_answer != NEVER && since - peer->last_answer <= PEER_MEMORY_MS)
		since = peer->last_answer;
	return since + PEER_MEMORY_MS > patient ? since + PEER_MEMORY_MS : patient;
}

/* Whether it can still change what this round finds out. */
static bool
is_open(const struct peer_view *peer, clock_ms_t now)
{
	return !peer->settled && now < silent_at(peer);
}

/*
 * Its last word was "leader" and is still fresh. Not used as a second claim, since it
 * may have changed its mind; but its answer of this round is worth waiting for.
 */
static bool
is_rival(const struct peer_view *peer, clock_ms_t now)
{
	return peer_is_reachable(peer, now) && peer->last_role == ROLE_LEADER;
}

static void
sooner(clock_ms_t now, clock_ms_t moment, clock_ms_t *again)
{
	if (moment > now && moment < *again)
		*again = moment;
}

/* The next moment at which the passing of time alone can change the judgement. */
static clock_ms_t
next_look(const struct question *question, clock_ms_t now)
{
	clock_ms_t again = question->deadline;

	sooner(now, question->own_at + PEER_GRACE_MS, &again);
	for (size_t i = 0; i < question->count; i++) {
		const struct peer_view *peer = &question->peers[i];

		if (!peer->settled)
			sooner(now, silent_at(peer), &again);
		if (peer->last_answer != NEVER)
			sooner(now, peer->last_answer + PEER_MEMORY_MS, &again);
	}
	return again;
}

/* When so many of the reachable peers are forgotten that too few are left. */
static clock_ms_t
majority_ends(const struct question *question, size_t needed, clock_ms_t now)
{
	clock_ms_t newest = NEVER;

	if (needed == 0)
		return INT64_MAX;
	for (size_t i = 0; i < question->count; i++) {
		const struct peer_view *peer = &question->peers[i];
		size_t as_new = 0;

		for (size_t j = 0; j < question->count; j++)
			if (peer_is_reachable(&question->peers[j], now) &&
			    question->peers[j].last_answer >= peer->last_answer)
				as_new++;
		if (peer_is_reachable(peer, now) && as_new >= needed &&
		    peer->last_answer > newest)
			newest = peer->last_answer;
	}
	return newest + PEER_MEMORY_MS;
}

static struct judgement
judge_leader(
    const struct question *question, struct judgement judgement, clock_ms_t now)
{
	bool in_grace = now < question->own_at + PEER_GRACE_MS;

	judgement.reason = REASON_LEADER;
	judgement.expires = majority_ends(question, judgement.needed, now);
	for (size_t i = 0; i < question->count && now < question->deadline; i++) {
		const struct peer_view *peer = &question->peers[i];

		if (is_open(peer, now) && (in_grace || is_rival(peer, now)))
			judgement.wait = true;
	}
	return judgement;
}

struct judgement
judge(const struct question *question, clock_ms_t now)
{
	struct judgement judgement = {
	    .reason = REASON_NO_QUORUM,
	    .needed = question->quorum ? (question->count + 1) / 2 : 0,
	    .again = next_look(question, now),
	};
	size_t possible = 0;

	for (size_t i = 0; i < question->count; i++) {
		const struct peer_view *peer = &question->peers[i];

		if (peer->answered && peer->last_role == ROLE_LEADER) {
			judgement.reason = REASON_TWO_LEADERS;
			judgement.other = i;
		}
		if (peer_is_reachable(peer, now))
			judgement.reachable++;
		else if (is_open(peer, now))
			possible++;
	}
	if (judgement.reason == REASON_TWO_LEADERS)
		return judgement;
	if (judgement.reachable >= judgement.needed)
		return judge_leader(question, judgement, now);
	judgement.wait = judgement.reachable + possible >= judgement.needed &&
			 now < question->deadline;
	return judgement;
}

void
verdict_begin(struct verdict *verdict, enum reason reason, clock_ms_t now)
{
	*verdict = (struct verdict){
	    .role = ROLE_UNKNOWN, .reason = reason, .source = SOURCE_RPC};
	verdict->at = verdict->expires = now;
	for (size_t i = 0; i < NODES_MAX; i++)
		verdict->peers[i] = (struct peer_view){
		    .last_answer = NEVER,
		    .waiting_since = NEVER,
		    .last_reason = REASON_NO_ANSWER,
		};
}

void
verdict_explain(struct text *text, const struct verdict *verdict)
{
	text_addf(text, "%s", reason_sentence(verdict->reason));
	if (*verdict->detail)
		text_addf(text, " (%s)", verdict->detail);
}
