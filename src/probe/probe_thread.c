#include "probe/probe_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sysexits.h>

#include "base/text.h"

#define ANSWER_MS   50 /* kept from the deadline for reading and writing */
#define STACK_BYTES (256 * 1024)

struct probe_thread {
	const struct config *config;
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
probe_thread_round_ms(const struct config *config)
{
	return config->deadline > 2 * ANSWER_MS ? config->deadline - ANSWER_MS
						: config->deadline / 2;
}

static void
hand_over(struct probe_thread *probe_thread, const struct verdict *verdict)
{
	pthread_mutex_lock(&probe_thread->mutex);
	probe_thread->verdict = *verdict;
	probe_thread->wanted = false;
	probe_thread->untaken = true;
	pthread_mutex_unlock(&probe_thread->mutex);
	eventfd_write(probe_thread->ready, 1);
}

static void *
run(void *context)
{
	struct probe_thread *probe_thread = context;
	struct verdict verdict;

	for (;;) {
		bool wanted, stopping;

		pthread_mutex_lock(&probe_thread->mutex);
		wanted = probe_thread->wanted;
		stopping = probe_thread->stopping;
		pthread_mutex_unlock(&probe_thread->mutex);
		if (stopping)
			return NULL;
		if (!wanted)
			probe_idle(probe_thread->probe);
		else if (probe_round(probe_thread->probe,
			     clock_now() + probe_thread_round_ms(probe_thread->config),
			     &verdict))
			hand_over(probe_thread, &verdict);
	}
}

struct probe_thread *
probe_thread_start(const struct config *config, int ready)
{
	struct probe_thread *probe_thread = allocate(sizeof(*probe_thread));
	pthread_attr_t attributes;

	probe_thread->config = config;
	probe_thread->probe = probe_create(config);
	probe_thread->ready = ready;
	/* The thread inherits the signal mask: what the caller waits for is blocked. */
	if (pthread_mutex_init(&probe_thread->mutex, NULL) != 0 ||
	    pthread_attr_init(&attributes) != 0 ||
	    pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0 ||
	    pthread_create(&probe_thread->thread, &attributes, run, probe_thread) != 0)
		log_fatal(EX_OSERR, "cannot start a thread");
	pthread_attr_destroy(&attributes);
	return probe_thread;
}

void
probe_thread_stop(struct probe_thread *probe_thread)
{
	pthread_mutex_lock(&probe_thread->mutex);
	probe_thread->stopping = true;
	pthread_mutex_unlock(&probe_thread->mutex);
	probe_stop(probe_thread->probe);
	pthread_join(probe_thread->thread, NULL);
	pthread_mutex_destroy(&probe_thread->mutex);
	probe_free(probe_thread->probe);
	free(probe_thread);
}

void
probe_thread_request(struct probe_thread *probe_thread)
{
	bool begins;

	pthread_mutex_lock(&probe_thread->mutex);
	/* A verdict that waits to be taken is newer than what the caller knows. */
	begins = !probe_thread->wanted && !probe_thread->untaken;
	if (begins)
		probe_thread->wanted = true;
	pthread_mutex_unlock(&probe_thread->mutex);
	if (begins)
		probe_wake(probe_thread->probe);
}

void
probe_thread_get(struct probe_thread *probe_thread, struct verdict *verdict)
{
	pthread_mutex_lock(&probe_thread->mutex);
	*verdict = probe_thread->verdict;
	probe_thread->untaken = false;
	pthread_mutex_unlock(&probe_thread->mutex);
}
