#include "probe/probe_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sysexits.h>

#include "base/text.h"

#define STACK_BYTES (256 * 1024)

struct probe_thread {
	const struct config *config;
	struct probe *probe;
	int ready;
	pthread_t thread;
	pthread_mutex_t mutex; /* of what follows */
	bool requested;        /* a round is to begin, or runs */
	bool unread;           /* its verdict was not read yet */
	bool stopping;
	struct verdict verdict;
};

static void *
run(void *context)
{
	struct probe_thread *thread = context;
	struct verdict verdict;

	for (;;) {
		bool requested, stopping;

		pthread_mutex_lock(&thread->mutex);
		requested = thread->requested;
		stopping = thread->stopping;
		pthread_mutex_unlock(&thread->mutex);
		if (stopping)
			return NULL;
		if (!requested) {
			probe_idle(thread->probe);
			continue;
		}
		if (!probe_round(thread->probe,
			clock_now() + probe_round_ms(thread->config), &verdict))
			continue;
		pthread_mutex_lock(&thread->mutex);
		thread->verdict = verdict;
		thread->requested = false;
		thread->unread = true;
		pthread_mutex_unlock(&thread->mutex);
		eventfd_write(thread->ready, 1);
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
	/* An unread verdict is newer than what the caller knows. */
	begins = !probe_thread->requested && !probe_thread->unread;
	if (begins)
		probe_thread->requested = true;
	pthread_mutex_unlock(&probe_thread->mutex);
	if (begins)
		probe_wake(probe_thread->probe);
}

void
probe_thread_get(struct probe_thread *probe_thread, struct verdict *verdict)
{
	pthread_mutex_lock(&probe_thread->mutex);
	*verdict = probe_thread->verdict;
	probe_thread->unread = false;
	pthread_mutex_unlock(&probe_thread->mutex);
}
