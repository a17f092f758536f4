#include "check/prober.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sysexits.h>

#include "base/text.h"

#define ANSWER_MS   50 /* kept from the deadline for reading and writing */
#define STACK_BYTES (256 * 1024)

struct prober {
	const struct check_setup *setup;
	struct probe *probe;
	int ready;
	pthread_t thread;
	pthread_mutex_t mutex; /* of what follows */
	bool wanted;           /* a round is to begin, or runs */
	bool untaken;          /* its verdict was not looked at yet */
	bool stopping;
	struct verdict verdict;
};

int
prober_round_ms(const struct check_setup *setup)
{
	return setup->deadline > 2 * ANSWER_MS ? setup->deadline - ANSWER_MS
					       : setup->deadline / 2;
}

static void
hand_over(struct prober *prober, const struct verdict *verdict)
{
	pthread_mutex_lock(&prober->mutex);
	prober->verdict = *verdict;
	prober->wanted = false;
	prober->untaken = true;
	pthread_mutex_unlock(&prober->mutex);
	eventfd_write(prober->ready, 1);
}

static void *
run(void *context)
{
	struct prober *prober = context;
	struct verdict verdict;

	for (;;) {
		bool wanted, stopping;

		pthread_mutex_lock(&prober->mutex);
		wanted = prober->wanted;
		stopping = prober->stopping;
		pthread_mutex_unlock(&prober->mutex);
		if (stopping)
			return NULL;
		if (!wanted)
			probe_idle(prober->probe);
		else if (probe_round(prober->probe,
			     clock_now() + prober_round_ms(prober->setup), &verdict))
			hand_over(prober, &verdict);
	}
}

struct prober *
prober_start(const struct check_setup *setup, int ready)
{
	struct prober *prober = allocate(sizeof(*prober));
	pthread_attr_t attributes;

	prober->setup = setup;
	prober->probe = probe_create(setup);
	prober->ready = ready;
	/* The thread inherits the signal mask: what the caller waits for is blocked. */
	if (pthread_mutex_init(&prober->mutex, NULL) != 0 ||
	    pthread_attr_init(&attributes) != 0 ||
	    pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0 ||
	    pthread_create(&prober->thread, &attributes, run, prober) != 0)
		die(EX_OSERR, "cannot start a thread");
	pthread_attr_destroy(&attributes);
	return prober;
}

void
prober_stop(struct prober *prober)
{
	pthread_mutex_lock(&prober->mutex);
	prober->stopping = true;
	pthread_mutex_unlock(&prober->mutex);
	probe_stop(prober->probe);
	pthread_join(prober->thread, NULL);
	pthread_mutex_destroy(&prober->mutex);
	probe_free(prober->probe);
	free(prober);
}

void
prober_want(struct prober *prober)
{
	bool begins;

	pthread_mutex_lock(&prober->mutex);
	/* A verdict that waits to be taken is newer than what the caller knows. */
	begins = !prober->wanted && !prober->untaken;
	if (begins)
		prober->wanted = true;
	pthread_mutex_unlock(&prober->mutex);
	if (begins)
		probe_wake(prober->probe);
}

void
prober_take(struct prober *prober, struct verdict *verdict)
{
	pthread_mutex_lock(&prober->mutex);
	*verdict = prober->verdict;
	prober->untaken = false;
	pthread_mutex_unlock(&prober->mutex);
}
