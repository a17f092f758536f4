#include "watch/question.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/network.h"
#include "base/stream.h"

#define CHUNK 4096

static void
end(struct question *question, enum question_state state)
{
	if (question->fd >= 0)
		close(question->fd);
	question->fd = -1;
	question->state = state;
}

void
question_init(struct question *question)
{
	*question = (struct question){.fd = -1};
}

/* A local connection is made at once, or is refused because the backlog is full. */
void
question_ask(struct question *question, const char *path, const char *command)
{
	char *line = format_string("%s\n", command);
	struct text request = {.data = line, .length = strlen(line)};

	end(question, QUESTION_PENDING);
	text_clear(&question->answer);
	question->asked = clock_now();
	question->fd = network_connect_path(path, question->asked);
	if (question->fd < 0 ||
	    stream_write(question->fd, &request, question->asked) < 0)
		end(question, QUESTION_FAILED);
	free(line);
}

void
question_read(struct question *question)
{
	while (question->state == QUESTION_PENDING) {
		ssize_t got = recv(question->fd, text_reserve(&question->answer, CHUNK),
		    CHUNK, MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got > 0) {
			question->answer.length += (size_t)got;
			question->answer.data[question->answer.length] = '\0';
		}
		if (got < 0 || question->answer.length > FILE_LIMIT)
			end(question, QUESTION_FAILED);
		else if (got == 0)
			end(question, question->answer.length ? QUESTION_ANSWERED
							      : QUESTION_FAILED);
	}
}

void
question_drop(struct question *question)
{
	end(question, QUESTION_NONE);
	text_clear(&question->answer);
}
