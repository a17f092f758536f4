#include "base/haproxy_stat.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Counted from 0. */
enum column {
	COLUMN_BACKEND = 0,
	COLUMN_NAME = 1,
	COLUMN_SESSIONS = 4,
	COLUMN_STATUS = 17,
	COLUMN_SINCE = 23,
	COLUMN_CHECK = 36,
	COLUMN_CHECK_CODE = 37,
	COLUMNS,
};

/* A node's name has no colon. */
static bool
is_page(const char *name)
{
	static const char prefix[] = "page:";

	return strncmp(name, prefix, sizeof(prefix) - 1) == 0;
}

char *
haproxy_info(const char *output, const char *key)
{
	char *begin = format_string("\n%s: ", key);
	const char *at = strstr(output, begin);
	char *value = NULL;

	if (at) {
		at += strlen(begin);
		value = format_string("%.*s", (int)strcspn(at, "\r\n"), at);
	}
	free(begin);
	return value;
}

bool
haproxy_next_server(char **rest, struct haproxy_server *server)
{
	char *columns[COLUMNS];
	char *line;

	while (*rest && (line = strsep(rest, "\n"))) {
		int count = 0;

		if (*line == '#')
			continue;
		while (line && count < COLUMNS)
			columns[count++] = strsep(&line, ",");
		if (count < COLUMNS || is_page(columns[COLUMN_NAME]))
			continue;
		*server = (struct haproxy_server){
		    .backend = columns[COLUMN_BACKEND],
		    .name = columns[COLUMN_NAME],
		    .status = columns[COLUMN_STATUS],
		    .check = columns[COLUMN_CHECK],
		    .check_code = columns[COLUMN_CHECK_CODE],
		    .since = atoi(columns[COLUMN_SINCE]),
		    .sessions = atoi(columns[COLUMN_SESSIONS]),
		};
		return true;
	}
	return false;
}
