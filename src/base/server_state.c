#include "base/server_state.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Columns, counted from 0. */
/* The number, which haproxy.cfg sets: a release may give the backend another name. */
#define BACKEND_ID  0
#define SERVER_NAME 3
#define OPERATION   5
#define COLUMNS_MAX 32

/* Values of the operational state, srv_op_state. */
#define STOPPED '0'
#define RUNNING '2'

/* The columns that hold the result of checks: operational state, time since it changed,
 * and the check's status, result, health and state. */
static const bool is_health[COLUMNS_MAX] = {
    [5] = true, [9] = true, [10] = true, [11] = true, [12] = true, [13] = true};

struct columns {
	const char *at[COLUMNS_MAX];
	size_t length[COLUMNS_MAX];
	size_t count;
};

/* Splits the line at `*from` into columns and advances past it; false at the end. */
static bool
next_columns(const char **from, struct columns *columns)
{
	const char *at = *from;

	columns->count = 0;
	if (!*at)
		return false;
	while (*at && *at != '\n') {
		size_t length = strcspn(at, " \n");

		if (length && columns->count < COLUMNS_MAX) {
			columns->at[columns->count] = at;
			columns->length[columns->count++] = length;
		}
		at += length;
		at += strspn(at, " ");
	}
	*from = *at ? at + 1 : at;
	return true;
}

static bool
same_column(const struct columns *a, const struct columns *b, size_t column)
{
	return a->length[column] == b->length[column] &&
	       memcmp(a->at[column], b->at[column], a->length[column]) == 0;
}

static bool
is_server(const struct columns *line)
{
	return line->count > 13 && *line->at[0] != '#';
}

/* The line of the server that has the name of `server` and is in that backend, or, with
 * NULL, in the first that has it. */
static bool
find_server(const struct text *state, const struct columns *server,
    const struct columns *backend, struct columns *found)
{
	const char *at = text_string(state);

	while (next_columns(&at, found))
		if (is_server(found) && same_column(server, found, SERVER_NAME) &&
		    (!backend || same_column(backend, found, BACKEND_ID)))
			return true;
	return false;
}

void
server_state_merge(
    const struct text *all_down, const struct text *live, struct text *merged)
{
	const char *at = text_string(all_down);
	struct columns line, known, checking = {0};

	while (next_columns(&at, &line)) {
		bool is_known = false;

		if (is_server(&line)) {
			if (!checking.count)
				checking = line;
			is_known = find_server(live, &line, &checking, &known) ||
				   find_server(live, &line, NULL, &known);
		}
		for (size_t i = 0; i < line.count; i++) {
			const struct columns *from =
			    is_known && is_health[i] ? &known : &line;

			text_addf(merged, "%s%.*s", i ? " " : "", (int)from->length[i],
			    from->at[i]);
		}
		text_addf(merged, "\n");
	}
}

static bool
is_in_operation(const struct columns *server, char state)
{
	return server->length[OPERATION] == 1 && *server->at[OPERATION] == state;
}

bool
server_state_lost(const struct text *before, const struct text *now)
{
	const char *at = text_string(now);
	struct columns line, found = {0};
	bool has_servers = false;

	while (!has_servers && next_columns(&at, &line))
		has_servers = is_server(&line);
	at = text_string(before);
	while (has_servers && next_columns(&at, &line)) {
		if (!is_server(&line) || !is_in_operation(&line, RUNNING))
			continue;
		if (!find_server(now, &line, &line, &found) ||
		    is_in_operation(&found, STOPPED))
			return true;
	}
	return false;
}
