#include "watch/peers.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <unistd.h>

#include "base/network.h"

static void
end_attempt(int *attempt)
{
	if (*attempt >= 0)
		close(*attempt);
	*attempt = -1;
}

static void
end_wait(struct peers *peers)
{
	peers->until = 0;
	for (size_t i = 0; i < NODES_MAX; i++)
		end_attempt(&peers->attempts[i]);
}

void
peers_init(struct peers *peers)
{
	peers->until = 0;
	for (size_t i = 0; i < NODES_MAX; i++)
		peers->attempts[i] = -1;
}

void
peers_await(struct peers *peers, const struct settings *settings)
{
	if (settings->peers.count > 0)
		peers->until = clock_now() + PEERS_WAIT_MS;
}

void
peers_ask(struct peers *peers, const struct settings *settings)
{
	for (size_t i = 0; peers->until && i < settings->peers.count; i++) {
		int *attempt = &peers->attempts[i];

		end_attempt(attempt);
		*attempt =
		    network_begin_connect(&settings->peers.at[i], settings->peer_port);
		if (*attempt < 0 && errno == ECONNREFUSED)
			end_wait(peers);
	}
}

/* Ends an attempt that failed, since its error can be read only once. */
static bool
has_answered(int *attempt)
{
	struct pollfd wait = {.fd = *attempt, .events = POLLOUT};
	bool answered;

	if (*attempt < 0 || poll(&wait, 1, 0) != 1)
		return false;
	answered = network_finish_connect(*attempt) == 0 || errno == ECONNREFUSED;
	end_attempt(attempt);
	return answered;
}

void
peers_read(struct peers *peers)
{
	for (size_t i = 0; peers->until && i < NODES_MAX; i++)
		if (has_answered(&peers->attempts[i]))
			end_wait(peers);
	if (peers->until && clock_left(peers->until) == 0)
		end_wait(peers);
}

bool
peers_are_awaited(const struct peers *peers)
{
	return peers->until != 0;
}
