#include "base/value.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *
read_digits(const char *text, int64_t *number, const char **rest)
{
	int64_t total = 0;
	const char *at = text;

	/* 14 digits do not overflow int64_t even after the largest unit. */
	for (; *at >= '0' && *at <= '9'; at++) {
		if (at - text >= 14)
			return "has too many digits";
		total = total * 10 + (*at - '0');
	}
	*number = total;
	*rest = at;
	return at == text ? "must be a number" : NULL;
}

const char *
value_number(const char *text, int64_t low, int64_t high, int64_t *number)
{
	const char *rest;
	const char *reason;
	int64_t total;

	reason = read_digits(text, &total, &rest);
	if (reason)
		return reason;
	if (*rest)
		return "must be a whole number";
	if (total < low || total > high)
		return "is out of range";
	*number = total;
	return NULL;
}

const char *
value_duration(const char *text, int64_t low, int64_t high, int64_t *milliseconds)
{
	static const struct {
		const char *unit;
		int64_t factor;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}};
	const char *rest;
	const char *reason;
	int64_t total;

	reason = read_digits(text, &total, &rest);
	if (reason)
		return reason;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(rest, units[i].unit) != 0)
			continue;
		total *= units[i].factor;
		if (total < low || total > high)
			return "is out of range";
		*milliseconds = total;
		return NULL;
	}
	return "must be a number with its unit, as in 250ms, 2s or 1m";
}

const char *
value_bool(const char *text, bool *truth)
{
	static const struct {
		const char *word;
		bool truth;
	} words[] = {{"yes", true}, {"no", false}, {"true", true}, {"false", false},
	    {"on", true}, {"off", false}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i].word) == 0) {
			*truth = words[i].truth;
			return NULL;
		}
	}
	return "must be yes or no";
}

char *
value_trim(char *text)
{
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

char *
value_next_item(char **list)
{
	char *item = *list;
	char *comma;

	if (!item)
		return NULL;
	comma = strchr(item, ',');
	if (comma)
		*comma = '\0';
	*list = comma ? comma + 1 : NULL;
	return value_trim(item);
}
