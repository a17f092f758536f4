#include "plan/passwords.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define END                                                                            \
	"f: the file is not changed: correct it, or remove it, and apply creates "     \
	"new passwords\n"

static struct passwords passwords;
static struct problems problems;

static int
parse(const char *content, size_t length)
{
	struct text text = {0};
	int result;

	problems_free(&problems);
	problems = (struct problems){.file = "f"};
	text_add_bytes(&text, content, length);
	result = passwords_parse(&text, &passwords, &problems);
	text_free(&text);
	return result;
}

static const struct {
	const char *content, *admin, *stats;
} accepted[] = {
    {"admin secret\nstats other\n", "secret", "other"},
    {"admin secret\nstats other", "secret", "other"},
    {"stats other\nadmin secret\n", "secret", "other"},
    {"\n# our passwords\n  admin\t secret \r\n\r\nstats other\r\n", "secret", "other"},
    {"admin two words\nstats #other\n", "two words", "#other"},
    {"admin !\"#$%&'()*+,-./0123456789:;<=>?@\nstats "
     "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\n",
	"!\"#$%&'()*+,-./0123456789:;<=>?@",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"},
    {"admin Gr\xc3\xbc\xc3\x9f\x65\nstats \xe2\x82\xac\n", "Gr\xc3\xbc\xc3\x9f\x65",
	"\xe2\x82\xac"},
};

START_TEST(accepts)
{
	ck_assert_msg(parse(accepted[_i].content, strlen(accepted[_i].content)) == 0,
	    "%s", text_string(&problems.lines));
	ck_assert_str_eq(passwords.admin, accepted[_i].admin);
	ck_assert_str_eq(passwords.stats, accepted[_i].stats);
}
END_TEST

static const struct {
	const char *content, *lines; /* without the last line, which is always there */
} rejected[] = {
    {"admin a\n", "f: the line \"stats PASSWORD\" is missing\n"},
    {"\n\n", "f: the line \"admin PASSWORD\" is missing\n"
	     "f: the line \"stats PASSWORD\" is missing\n"},
    {"admin \nstats b\n", "f:1: user admin has no password\n"},
    {"admin a\nadmin c\nstats b\n", "f:2: duplicate user admin\n"},
    {"admin a\nstats b\nsecret\n",
	"f:3: a line must be \"admin PASSWORD\" or \"stats PASSWORD\"\n"},
    {"admin=a\nstats b\n",
	"f:1: a line must be \"admin PASSWORD\" or \"stats PASSWORD\"\n"},
    {"admin a\tb\nstats b\n", "f:1: the password of user admin has a tab in it; it may "
			      "have any printable character\n"},
    {"admin a\nstats b\x01\n", "f:2: byte 8 is the control character 0x01; a password "
			       "may have any printable character\n"},
    {"admin a\n  stats b\x7f\n", "f:2: byte 10 is the control character 0x7f; a "
				 "password may have any printable character\n"},
    {"admin a\xc2\xa0\nstats b\n",
	"f:1: byte 8 is U+00A0, a no-break space: type a blank; a password may have "
	"any printable character\n"},
    {"admin a\nstats \xe2\x80\x8b\x62\n",
	"f:2: byte 7 is U+200B, a zero-width space: delete it; a password may have any "
	"printable character\n"},
    {"admin a\xff\nstats b\n", "f:1: byte 8 is 0xff, which is not UTF-8; a password "
			       "may have any printable character\n"},
};

START_TEST(rejects)
{
	char *wanted = format_string("%s" END, rejected[_i].lines);

	ck_assert_int_eq(parse(rejected[_i].content, strlen(rejected[_i].content)), -1);
	ck_assert_str_eq(text_string(&problems.lines), wanted);
	free(wanted);
}
END_TEST

START_TEST(longest_password)
{
	char content[2 * PASSWORD_MAX] = "stats b\nadmin ";

	memset(content + strlen(content), 'x', PASSWORD_MAX);
	ck_assert_int_eq(parse(content, strlen(content)), 0);
	ck_assert_uint_eq(strlen(passwords.admin), PASSWORD_MAX);
	strcat(content, "x");
	ck_assert_int_eq(parse(content, strlen(content)), -1);
	ck_assert_str_eq(problems.lines.data,
	    "f:2: the password of user admin is longer than 128 bytes\n" END);
	ck_assert_int_eq(parse("admin a\nstats b\0c\n", 18), -1);
	ck_assert_str_eq(problems.lines.data,
	    "f:2: byte 8 is the control character 0x00; a password may have any "
	    "printable character\n" END);
}
END_TEST

START_TEST(generates)
{
	struct passwords other;

	passwords_generate(&passwords);
	passwords_generate(&other);
	ck_assert_uint_eq(strlen(passwords.admin), PASSWORD_LENGTH);
	ck_assert_uint_eq(strlen(passwords.stats), PASSWORD_LENGTH);
	ck_assert_str_ne(passwords.admin, passwords.stats);
	ck_assert_str_ne(passwords.admin, other.admin);
}
END_TEST

static const struct {
	const char *password, *quoted;
} quotes[] = {
    {"aZ0-_", "aZ0-_"},
    {"two words", "'two words'"},
    {"$HOME#\"\\", "'$HOME#\"\\'"},
    {"it's", "'it'\\''s'"},
    {"", "''"},
};

START_TEST(quote)
{
	char buffer[PASSWORD_WORDS_MAX], longest[PASSWORD_MAX + 1] = "";

	ck_assert_str_eq(
	    passwords_quote(quotes[_i].password, buffer), quotes[_i].quoted);
	memset(longest, '\'', PASSWORD_MAX);
	ck_assert_uint_eq(
	    strlen(passwords_quote(longest, buffer)), 4 * PASSWORD_MAX + 2);
}
END_TEST

START_TEST(credentials)
{
	char first[PASSWORD_WORDS_MAX], second[PASSWORD_WORDS_MAX];
	struct text none = {0}, config = {0};

	passwords_credentials("admin", "se cret", true, &none, first);
	ck_assert_int_eq(strncmp(first, "password $6$", 12), 0);
	ck_assert_ptr_null(strchr(first + 9, ' '));
	ck_assert_str_eq(crypt("se cret", first + 9), first + 9);
	ck_assert_str_ne(crypt("secret", first + 9), first + 9);
	/* Another salt each time, unless the file has a hash of this password. */
	passwords_credentials("admin", "se cret", true, &none, second);
	ck_assert_str_ne(first, second);
	text_addf(&config, "userlist x\n\tuser stats %s\n\tuser admin %s groups a\n",
	    second, first);
	passwords_credentials("admin", "se cret", true, &config, second);
	ck_assert_str_eq(first, second);
	passwords_credentials("admin", "other", true, &config, second);
	ck_assert_str_ne(first, second);
	/* A file of an earlier version, or one that was damaged. */
	text_clear(&config);
	text_addf(&config, "user admin insecure-password a\nuser admin password *0\n"
			   "user admin password \nuser admin password");
	passwords_credentials("admin", "a", true, &config, second);
	ck_assert_int_eq(strncmp(second, "password $6$", 12), 0);
	passwords_credentials("admin", "it's", false, &config, second);
	ck_assert_str_eq(second, "insecure-password 'it'\\''s'");
	text_free(&config);
}
END_TEST

static const struct {
	const char *path, *before, *file, *masked;
} masks[] = {
    {"/etc/cmonha-ui/stats.passwords", NULL, "admin a b\n# old: c\nstats d",
	"admin ********\n# ********\nstats ********"},
    {"stats.passwords", "admin a\nstats b\n", "admin c\nstats b\n",
	"admin ******** (changed)\nstats ********\n"},
    {"/root/haproxy.cfg", NULL,
	"\tuser admin password $6$a$b\n\tuser x insecure-password 'it'\\''s a' groups "
	"g\n\tuser y insecure-password \"a \\\" b\"\n\tuser z password a\\ b\n",
	"\tuser admin password ********\n\tuser x insecure-password ******** groups "
	"g\n\tuser y insecure-password ********\n\tuser z password ********\n"},
    {"haproxy.cfg", NULL, "\tstats http-request auth realm x unless y\n",
	"\tstats http-request auth realm x unless y\n"},
    {"haproxy.cfg", NULL, "stats auth a:b\n# password in a comment\nuser a password\n",
	"stats auth ********\n# password in a comment\nuser a password\n"},
    {"haproxy.cfg", "\tuser a password x\n",
	"\tuser a password x y\nuser b password x\n",
	"\tuser a password ******** (changed) y\nuser b password ******** (changed)\n"},
    {"keepalived.conf", NULL, "\tauth_pass 1234\n", "\tauth_pass ********\n"},
    {"services", NULL, "password 1/tcp\n", "password 1/tcp\n"},
};

START_TEST(mask)
{
	struct text file = {0}, before = {0}, masked = {0};

	text_addf(&file, "%s", masks[_i].file);
	text_addf(&before, "%s", masks[_i].before ? masks[_i].before : "");
	passwords_mask(
	    masks[_i].path, &file, masks[_i].before ? &before : NULL, &masked);
	ck_assert_str_eq(text_string(&masked), masks[_i].masked);
	text_clear(&masked);
	text_clear(&file);
	passwords_mask(masks[_i].path, &file, NULL, &masked);
	ck_assert_str_eq(text_string(&masked), "");
	text_free(&file);
	text_free(&before);
	text_free(&masked);
}
END_TEST

static void
end(void)
{
	problems_free(&problems);
}

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("passwords");
	TCase *cases = tcase_create("passwords");

	tcase_add_checked_fixture(cases, NULL, end);
	tcase_add_loop_test(cases, accepts, 0, COUNT(accepted));
	tcase_add_loop_test(cases, rejects, 0, COUNT(rejected));
	tcase_add_test(cases, longest_password);
	tcase_add_test(cases, generates);
	tcase_add_loop_test(cases, quote, 0, COUNT(quotes));
	tcase_add_test(cases, credentials);
	tcase_add_loop_test(cases, mask, 0, COUNT(masks));
	suite_add_tcase(suite, cases);
	return suite;
}
