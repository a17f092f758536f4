#include "overview/survey.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "overview/judgement.h"

#define STACK_BYTES (256 * 1024)

struct survey {
	const struct cluster *cluster;
	int ready;
	int stop; /* eventfd: ends a query */
	pthread_t thread;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t wake;
	bool requested; /* a query is to begin, or runs */
	bool stopping;
	json_t *judged;
};

static json_t *
make_judgement(const struct survey *survey)
{
	struct answer *answers = allocate(NODES_MAX * sizeof(*answers));
	json_t *judged;

	query_nodes(survey->cluster, survey->cluster->deadline + SURVEY_EXTRA_MS,
	    survey->stop, answers);
	judged = judgement_make(survey->cluster, answers);
	query_free(answers);
	free(answers);
	return judged;
}

static void *
run(void *context)
{
	struct survey *survey = context;

	pthread_mutex_lock(&survey->mutex);
	for (;;) {
		json_t *judged;

		while (!survey->requested && !survey->stopping)
			pthread_cond_wait(&survey->wake, &survey->mutex);
		if (survey->stopping)
			break;
		pthread_mutex_unlock(&survey->mutex);
		judged = make_judgement(survey);
		pthread_mutex_lock(&survey->mutex);
		json_decref(survey->judged);
		survey->judged = judged;
		survey->requested = false;
		eventfd_write(survey->ready, 1);
	}
	pthread_mutex_unlock(&survey->mutex);
	return NULL;
}

struct survey *
survey_start(const struct cluster *cluster, int ready)
{
	struct survey *survey = allocate(sizeof(*survey));
	pthread_attr_t attributes;

	survey->cluster = cluster;
	survey->ready = ready;
	survey->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (survey->stop < 0 || pthread_mutex_init(&survey->mutex, NULL) != 0 ||
	    pthread_cond_init(&survey->wake, NULL) != 0 ||
	    pthread_attr_init(&attributes) != 0 ||
	    pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0 ||
	    pthread_create(&survey->thread, &attributes, run, survey) != 0)
		log_fatal(EX_OSERR, "cannot start a thread");
	pthread_attr_destroy(&attributes);
	return survey;
}

void
survey_stop(struct survey *survey)
{
	if (!survey)
		return;
	pthread_mutex_lock(&survey->mutex);
	survey->stopping = true;
	pthread_cond_signal(&survey->wake);
	pthread_mutex_unlock(&survey->mutex);
	eventfd_write(survey->stop, 1);
	pthread_join(survey->thread, NULL);
	pthread_cond_destroy(&survey->wake);
	pthread_mutex_destroy(&survey->mutex);
	close(survey->stop);
	json_decref(survey->judged);
	free(survey);
}

void
survey_request(struct survey *survey)
{
	pthread_mutex_lock(&survey->mutex);
	survey->requested = true;
	pthread_cond_signal(&survey->wake);
	pthread_mutex_unlock(&survey->mutex);
}

json_t *
survey_take(struct survey *survey)
{
	json_t *judged;

	pthread_mutex_lock(&survey->mutex);
	judged = survey->judged;
	survey->judged = NULL;
	pthread_mutex_unlock(&survey->mutex);
	return judged;
}
