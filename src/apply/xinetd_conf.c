#include "apply/xinetd_conf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/value.h"

#define SERVICE   "cmonhachk"
#define DIRECTORY "/etc/xinetd.d"
#define REMEDY    "; remove it, or set server = systemd in [check]"

struct findings {
	struct problems *problems;
	bool includes;          /* the directory of our file */
	int enabled_line;       /* the last "enabled"; 0: none */
	bool enabled, disabled; /* the service is in such a list */
};

static bool
has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || strchr(" \t", at[-1])) &&
		    (!at[length] || strchr(" \t", at[length])))
			return true;
	return false;
}

/* A line "attribute = value", "+= value" or "-= value" of the defaults. */
static void
check_attribute(char *line, int number, struct findings *findings)
{
	char *equals = strchr(line, '=');
	struct place place = {.line = number};
	const char *value;

	if (!equals)
		return;
	value = equals + 1;
	while (equals > line && strchr("+- \t", equals[-1]))
		equals--;
	*equals = '\0';
	if (strcmp(line, "only_from") == 0) {
		problem_error(findings->problems, place,
		    "only_from in defaults keeps xinetd from starting cmonhachk, whose "
		    "clients it cannot see (wait = yes)" REMEDY);
	} else if (strcmp(line, "disabled") == 0 && has_word(value, SERVICE)) {
		problem_error(findings->problems, place,
		    "disabled in defaults has " SERVICE REMEDY);
	} else if (strcmp(line, "enabled") == 0) {
		findings->enabled_line = number;
		findings->enabled = findings->enabled || has_word(value, SERVICE);
	}
}

void
xinetd_conf_check(const struct text *content, struct problems *problems)
{
	struct findings findings = {.problems = problems};
	char *copy = copy_string(text_string(content)), *rest = copy, *line;
	bool in_defaults = false;
	int number = 0;

	while ((line = strsep(&rest, "\n"))) {
		number++;
		line = value_trim(line);
		if (*line == '#')
			continue;
		if (strncmp(line, "defaults", 8) == 0)
			in_defaults = true;
		else if (*line == '}')
			in_defaults = false;
		else if (in_defaults)
			check_attribute(line, number, &findings);
		else if (strncmp(line, "includedir", 10) == 0) {
			line = value_trim(line + 10);
			while (*line && line[strlen(line) - 1] == '/')
				line[strlen(line) - 1] = '\0';
			findings.includes =
			    findings.includes || strcmp(line, DIRECTORY) == 0;
		}
	}
	if (findings.enabled_line && !findings.enabled)
		problem_error(problems, (struct place){.line = findings.enabled_line},
		    "enabled in defaults lacks " SERVICE
		    ": add it, or set server = systemd in [check]");
	if (!findings.includes)
		problem_error(problems, (struct place){0},
		    "the line \"includedir " DIRECTORY
		    "\" is missing: add it, or set server = systemd in [check]");
	free(copy);
}
