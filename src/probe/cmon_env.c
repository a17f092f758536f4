#include "probe/cmon_env.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/value.h"

#define VALUE_MAX 4096

/*
 * One word of shell: quoted and bare parts next to each other, up to a blank, a ";" or
 * the end of the line. Returns its end, or NULL if a quote is not closed or the word is
 * too long; `word` holds VALUE_MAX bytes.
 */
static const char *
parse_word(const char *at, const char *end, char *word)
{
	char quote = '\0';
	size_t length = 0;

	for (; at < end && length < VALUE_MAX - 1; at++) {
		if (quote == '\0' && (isspace((unsigned char)*at) || *at == ';'))
			break;
		if (quote == '\0' && (*at == '"' || *at == '\'')) {
			quote = *at;
		} else if (quote != '\0' && *at == quote) {
			quote = '\0';
		} else if (*at == '\\' && quote != '\'' && at + 1 < end) {
			if (*++at != '\n')
				word[length++] = *at;
		} else {
			word[length++] = *at;
		}
	}
	word[length] = '\0';
	return quote == '\0' && length < VALUE_MAX - 1 ? at : NULL;
}

static void
parse_addresses(char *list, struct cmon_env *result)
{
	char *rest;

	result->count = 0;
	for (char *item = strtok_r(list, ", \t\n", &rest); item;
	     item = strtok_r(NULL, ", \t\n", &rest)) {
		size_t length = strlen(item);

		if (result->count == BIND_ADDRESSES_MAX || length >= BIND_ADDRESS_MAX)
			continue;
		memcpy(result->addresses[result->count++], item, length + 1);
	}
}

static void
apply_assignment(const char *name, size_t length, char *value, struct cmon_env *result)
{
	int64_t port;

	if (length == 8 && memcmp(name, "RPC_PORT", 8) == 0) {
		if (!value_number(value, 1, 65535, &port))
			result->rpc_port = (int)port;
	} else if (length == 18 && memcmp(name, "RPC_BIND_ADDRESSES", 18) == 0) {
		parse_addresses(value, result);
	}
}

/* At the beginning of a line. Returns the end of what was parsed. */
static const char *
parse_statement(const char *at, const char *end, struct cmon_env *result)
{
	char value[VALUE_MAX];
	const char *name, *value_end;

	while (at < end && isspace((unsigned char)*at))
		at++;
	if (end - at > 7 && memcmp(at, "export", 6) == 0 &&
	    (at[6] == ' ' || at[6] == '\t'))
		for (at += 6; at < end && (*at == ' ' || *at == '\t');)
			at++;
	for (name = at; at < end && (isalnum((unsigned char)*at) || *at == '_');)
		at++;
	if (at == name || at == end || *at != '=')
		return at;
	value_end = parse_word(at + 1, end, value);
	if (!value_end)
		return at;
	apply_assignment(name, (size_t)(at - name), value, result);
	return value_end;
}

/* To the next place where an assignment can begin. */
static const char *
skip_rest(const char *at, const char *end)
{
	bool comment = at < end && *at == '#';

	for (; at < end && *at != '\n' && (comment || *at != ';'); at++)
		if (isspace((unsigned char)*at) && at + 1 < end && at[1] == '#')
			comment = true;
	return at < end ? at + 1 : end;
}

void
cmon_env_parse(const struct text *content, struct cmon_env *result)
{
	const char *at = text_string(content);
	const char *end = at + content->length;

	*result = (struct cmon_env){.rpc_port = CMON_PLAIN_PORT};
	while (at < end)
		at = skip_rest(parse_statement(at, end, result), end);
}
