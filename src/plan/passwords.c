#include "plan/passwords.h"

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>

#include "base/utf8.h"
#include "base/value.h"

/* 64, so that no value of a byte is more probable; crypt(5) has others in a salt. */
static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
static const char salt_letters[] =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/*
 * The least that crypt(5) allows. HAProxy computes the hash for every request to the
 * page, in the thread that also serves users, and the password itself is in a file
 * next to this one: more rounds would slow HAProxy and protect nothing.
 */
#define HASH_METHOD "$6$rounds=1000$"
#define SALT_LENGTH 16

#define MASK "********"

static void
random_letters(char *to, size_t length, const char *alphabet)
{
	unsigned char bytes[PASSWORD_LENGTH];

	if (getrandom(bytes, length, 0) != (ssize_t)length)
		log_fatal(EX_OSERR, "cannot generate a password: no random numbers");
	for (size_t i = 0; i < length; i++)
		to[i] = alphabet[bytes[i] % 64];
	to[length] = '\0';
}

void
passwords_generate(struct passwords *passwords)
{
	random_letters(passwords->admin, PASSWORD_LENGTH, letters);
	random_letters(passwords->stats, PASSWORD_LENGTH, letters);
}

/* Adds the first character that cannot be printed, or is another kind of blank. */
static bool
check_characters(const char *line, struct place place, struct problems *problems)
{
	struct text what = {0};
	size_t length = strlen(line), at = 0;

	while (at < length && !what.length) {
		uint32_t code;
		size_t count = utf8_decode(line + at, length - at, &code);

		if (count == 0)
			text_addf(&what, "0x%02x, which is not UTF-8",
			    (unsigned char)line[at]);
		else if ((code < ' ' && code != '\t') || code == 0x7f ||
			 (code >= 0x80 && code < 0xa0))
			text_addf(
			    &what, "the control character 0x%02x", (unsigned)code);
		else if (utf8_plain(code) == 0 || utf8_plain(code) == ' ')
			utf8_describe(code, &what);
		else
			at += count;
	}
	if (what.length)
		problem_error(problems, place,
		    "byte %zu is %s; a password may have any printable character",
		    at + 1, what.data);
	text_free(&what);
	return at == length;
}

static void
parse_line(char *line, struct place place, struct passwords *passwords,
    struct problems *problems)
{
	char *password = line + strcspn(line, " \t");
	char *to;

	if (*password)
		*password++ = '\0';
	password = value_trim(password);
	if (strcmp(line, "admin") == 0) {
		to = passwords->admin;
	} else if (strcmp(line, "stats") == 0) {
		to = passwords->stats;
	} else {
		/* Not repeated in the message: it may be a password. */
		problem_error(problems, place,
		    "a line must be \"admin PASSWORD\" or \"stats PASSWORD\"");
		return;
	}
	if (!*password)
		problem_error(problems, place, "user %s has no password", line);
	else if (strchr(password, '\t'))
		problem_error(problems, place,
		    "the password of user %s has a tab in it; it may have any "
		    "printable character",
		    line);
	else if (strlen(password) > PASSWORD_MAX)
		problem_error(problems, place,
		    "the password of user %s is longer than %d bytes", line,
		    PASSWORD_MAX);
	else if (*to)
		problem_error(problems, place, "duplicate user %s", line);
	else
		memcpy(to, password, strlen(password) + 1);
}

int
passwords_parse(
    const struct text *content, struct passwords *passwords, struct problems *problems)
{
	const char *at = text_string(content), *end = at + content->length;
	struct place place = {0};
	size_t errors = problems->errors, errors_of_lines;

	*passwords = (struct passwords){.admin = ""};
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);
		char *copy = format_string("%.*s", (int)length, at);
		char *line = value_trim(copy);

		place.line++;
		if (strnlen(at, length) < length)
			problem_error(problems, place,
			    "byte %zu is the control character 0x00; a password may "
			    "have any printable character",
			    strnlen(at, length) + 1);
		else if (*line && *line != '#' &&
			 check_characters(copy, place, problems))
			parse_line(line, place, passwords, problems);
		at += length + (newline ? 1 : 0);
		free(copy);
	}
	place.line = 0;
	errors_of_lines = problems->errors;
	if (errors_of_lines == errors && !*passwords->admin)
		problem_error(
		    problems, place, "the line \"admin PASSWORD\" is missing");
	if (errors_of_lines == errors && !*passwords->stats)
		problem_error(
		    problems, place, "the line \"stats PASSWORD\" is missing");
	if (problems->errors == errors)
		return 0;
	problem_error(problems, place,
	    "the file is not changed: correct it, or remove it, and apply creates new "
	    "passwords");
	return -1;
}

const char *
passwords_quote(const char *password, char buffer[static PASSWORD_WORDS_MAX])
{
	size_t length = 0;

	if (*password && strspn(password, letters) == strlen(password)) {
		snprintf(buffer, PASSWORD_WORDS_MAX, "%s", password);
		return buffer;
	}
	/* Between apostrophes every byte is itself: HAProxy's manual, section 2.2. */
	buffer[length++] = '\'';
	for (; *password; password++) {
		if (*password == '\'') {
			memcpy(buffer + length, "'\\''", 4);
			length += 4;
		} else {
			buffer[length++] = *password;
		}
	}
	buffer[length++] = '\'';
	buffer[length] = '\0';
	return buffer;
}

static bool
is_hash_of(const char *password, const char *hash)
{
	struct crypt_data *data = allocate(sizeof(*data));
	const char *result = crypt_r(password, hash, data);
	bool same = result && *result != '*' && strcmp(result, hash) == 0;

	free(data);
	return same;
}

/* The next word as HAProxy reads it: quotes and escapes may hold blanks. */
static const char *
word_end(const char *at)
{
	char quote = '\0';

	for (; *at && *at != '\n' && (quote || (*at != ' ' && *at != '\t')); at++) {
		if (quote == *at)
			quote = '\0';
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
		else if (*at == '\\' && quote != '\'' && at[1] && at[1] != '\n')
			at++;
	}
	return at;
}

static bool
is_word(const char *from, const char *to, const char *word)
{
	return (size_t)(to - from) == strlen(word) &&
	       memcmp(from, word, (size_t)(to - from)) == 0;
}

/* The hash that the line "user NAME password HASH" has; false if there is none. */
static bool
find_hash(const struct text *haproxy_cfg, const char *user, char *hash, size_t size)
{
	char *start = format_string("user %s password ", user);
	const char *line = text_string(haproxy_cfg);
	bool found = false;

	while (!found && line) {
		line += strspn(line, " \t\n");
		if (strncmp(line, start, strlen(start)) == 0) {
			line += strlen(start);
			found = (size_t)(word_end(line) - line) < size;
			if (found)
				snprintf(hash, size, "%.*s",
				    (int)(word_end(line) - line), line);
		}
		line = strchr(line, '\n');
	}
	free(start);
	return found;
}

void
passwords_installed(const char *user, const struct text *haproxy_cfg,
    char buffer[static PASSWORD_WORDS_MAX])
{
	char hash[CRYPT_OUTPUT_SIZE];

	*buffer = '\0';
	if (find_hash(haproxy_cfg, user, hash, sizeof(hash)))
		snprintf(buffer, PASSWORD_WORDS_MAX, "password %s", hash);
}

const char *
passwords_credentials(const char *user, const char *password, bool hashed,
    const struct text *haproxy_cfg, char buffer[static PASSWORD_WORDS_MAX])
{
	char hash[CRYPT_OUTPUT_SIZE], quoted[PASSWORD_WORDS_MAX];
	char setting[sizeof(HASH_METHOD) + SALT_LENGTH] = HASH_METHOD;
	struct crypt_data *data;

	if (hashed && find_hash(haproxy_cfg, user, hash, sizeof(hash)) &&
	    is_hash_of(password, hash)) {
		snprintf(buffer, PASSWORD_WORDS_MAX, "password %s", hash);
		return buffer;
	}
	data = allocate(sizeof(*data));
	random_letters(setting + strlen(HASH_METHOD), SALT_LENGTH, salt_letters);
	if (hashed && crypt_r(password, setting, data) && *data->output == '$')
		snprintf(buffer, PASSWORD_WORDS_MAX, "password %s", data->output);
	else
		snprintf(buffer, PASSWORD_WORDS_MAX, "insecure-password %.*s",
		    PASSWORD_WORDS_MAX - 24, passwords_quote(password, quoted));
	free(data);
	return buffer;
}

/* Where the secrets of a line begin and end; false if it has none. */
static bool
find_secret(const char *name, const char *line, const char **begin, const char **end)
{
	static const char *const before[] = {
	    "password", "insecure-password", "auth_pass"};
	const char *at = line + strspn(line, " \t");
	const char *to = at;
	bool is_stats = false;

	if (strcmp(name, "stats.passwords") == 0) {
		to = at + strcspn(at, " \t\n");
		*begin = to + strspn(to, " \t");
		*end = line + strcspn(line, "\n");
		return *begin < *end;
	}
	if (*at == '#')
		return false;
	for (; *at && *at != '\n'; at = to + strspn(to, " \t")) {
		/* "stats auth USER:PASSWORD", but not "stats http-request auth ..." */
		bool secret = strncmp(at, "auth", 4) == 0 && is_stats;

		to = word_end(at);
		is_stats = is_word(at, to, "stats");
		for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
			secret = secret || is_word(at, to, before[i]);
		*begin = to + strspn(to, " \t");
		*end = word_end(*begin);
		if (secret && *begin < *end)
			return true;
	}
	return false;
}

static bool
has_line(const struct text *text, const char *line, size_t length)
{
	const char *at = text_string(text);

	while (at) {
		if (strncmp(at, line, length) == 0 &&
		    (at[length] == '\n' || !at[length]))
			return true;
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return false;
}

void
passwords_mask(const char *path, const struct text *file, const struct text *before,
    struct text *masked)
{
	static const char *const names[] = {
	    "stats.passwords", "haproxy.cfg", "keepalived.conf"};
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *line = text_string(file);
	bool has_secrets = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		has_secrets = has_secrets || strcmp(name, names[i]) == 0;
	if (!has_secrets) {
		text_add_bytes(masked, text_string(file), file->length);
		return;
	}
	while (*line) {
		size_t length = strcspn(line, "\n");
		const char *rest = line, *begin, *end;

		if (find_secret(name, line, &begin, &end)) {
			text_add_bytes(masked, line, (size_t)(begin - line));
			text_addf(masked, MASK "%s",
			    before && !has_line(before, line, length) ? " (changed)"
								      : "");
			rest = end;
		}
		length += line[length] ? 1 : 0;
		text_add_bytes(masked, rest, (size_t)(line + length - rest));
		line += length;
	}
}
