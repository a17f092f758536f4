#include "watch/transitions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/vrrp_directory.h"

static const char *const names[VRRP_STATES] = {
    "unknown", "master", "backup", "fault", "stopped"};

const char *
vrrp_state_name(enum vrrp_state state)
{
	return names[state];
}

bool
transitions_open(struct transitions *transitions, const char *root)
{
	char *path = format_string("%s%s", root, VRRP_FIFO);
	struct stat now, open_one;
	bool exists = lstat(path, &now) == 0 && S_ISFIFO(now.st_mode);

	if (transitions->fd >= 0 && exists &&
	    (fstat(transitions->fd, &open_one) < 0 || now.st_ino != open_one.st_ino ||
		now.st_dev != open_one.st_dev)) {
		close(transitions->fd);
		transitions->fd = -1;
		transitions->length = 0;
	}
	if (transitions->fd < 0 && exists)
		transitions->fd =
		    open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	free(path);
	return transitions->fd >= 0;
}

/* keepalived's words; the others are no states of the instance. */
static enum vrrp_state
find_state(const char *word)
{
	static const struct {
		const char *word;
		enum vrrp_state state;
	} states[] = {{"MASTER", VRRP_MASTER}, {"BACKUP", VRRP_BACKUP},
	    {"FAULT", VRRP_FAULT}, {"STOP", VRRP_STOPPED}, {"DELETED", VRRP_STOPPED}};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i].word, word) == 0)
			return states[i].state;
	return VRRP_UNKNOWN;
}

/* INSTANCE "NAME" STATE PRIORITY */
bool
transitions_note(struct transitions *transitions, const char *line)
{
	char word[32];
	enum vrrp_state state;

	if (sscanf(line, "INSTANCE \"%*[^\"]\" %31[A-Z_]", word) != 1)
		return false;
	state = find_state(word);
	if (state == VRRP_UNKNOWN || state == transitions->state)
		return false;
	log_info("VRRP: %s, was %s", names[state], names[transitions->state]);
	transitions->state = state;
	transitions->since = time(NULL);
	return true;
}

static bool
add_byte(struct transitions *transitions, char byte)
{
	bool changed = false;

	if (byte != '\n' && transitions->length < TRANSITION_LINE_MAX - 1) {
		transitions->line[transitions->length++] = byte;
	} else if (byte != '\n') {
		transitions->skipping = true;
	} else {
		transitions->line[transitions->length] = '\0';
		changed = !transitions->skipping &&
			  transitions_note(transitions, transitions->line);
		transitions->length = 0;
		transitions->skipping = false;
	}
	return changed;
}

bool
transitions_read(struct transitions *transitions)
{
	char bytes[512];
	ssize_t got;
	bool changed = false;

	while (transitions->fd >= 0 &&
	       (got = read(transitions->fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < got; i++)
			if (add_byte(transitions, bytes[i]))
				changed = true;
	return changed;
}
