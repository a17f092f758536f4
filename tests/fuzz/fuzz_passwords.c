/*
 * The file of passwords: what is accepted fits into a word of haproxy.cfg, and any file
 * can be printed without them.
 */
#include "fuzz.h"
#include "plan/passwords.h"

static void
check_user(const char *name, const char *password)
{
	char words[PASSWORD_WORDS_MAX];

	assert(*password && strlen(password) <= PASSWORD_MAX);
	assert(!strpbrk(password, "\t\n\r"));
	assert(*passwords_quote(password, words));
	assert(strlen(words) < sizeof(words) && !strchr(words, '\n'));
	passwords_credentials(name, password, false, &(struct text){0}, words);
	assert(strncmp(words, "insecure-password ", 18) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text file = fuzz_text(data, size), masked = {0};
	struct problems problems = {.file = "f"};
	struct passwords passwords;

	if (passwords_parse(&file, &passwords, &problems) == 0) {
		assert(problems.errors == 0);
		check_user("admin", passwords.admin);
		check_user("stats", passwords.stats);
	} else {
		assert(problems.errors > 0);
	}
	passwords_mask("/etc/cmonha-ui/stats.passwords", &file, NULL, &masked);
	passwords_mask("/etc/cmonha-ui/haproxy.cfg", &file, &file, &masked);
	text_free(&masked);
	problems_free(&problems);
	text_free(&file);
	return 0;
}
