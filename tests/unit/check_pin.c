/*
 * Pins of keys: what is one, and lists of them.
 */
#include <stdio.h>
#include <string.h>

#include "cluster/pin.h"
#include "unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define PIN   "sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4="
#define OTHER "sha256//OQp/wLAxKrOvEH8IWfMTF6NAJ+S8eMWC8yldj6Hyttg="
#define NO    "is not the pin of a key"
#define MANY  "has too many items"

static const struct {
	const char *text;
	const char *reason; /* NULL: accepted */
	const char *pins;
} rows[] = {
    {PIN, NULL, PIN},
    {PIN "," OTHER, NULL, PIN ";" OTHER},
    {" " PIN " , " OTHER " ", NULL, PIN ";" OTHER},
    {PIN "," PIN "," PIN "," OTHER, NULL, PIN ";" PIN ";" PIN ";" OTHER},
    {PIN "," PIN "," PIN "," OTHER "," OTHER, MANY, ""},
    {"", NO, ""},
    {PIN ",", NO, ""},
    {PIN ";" OTHER, NO, ""},
    {"XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4=", NO, ""},
    {"sha1//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4=", NO, ""},
    {"SHA256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4=", NO, ""},
    {"/etc/ssl/key.pem", NO, ""},
    {"sha256//", NO, ""},
    {"sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4", NO, ""},
    {"sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4==", NO, ""},
    {"sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu=", NO, ""},
    {"sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEuu4=", NO, ""},
    /* base64url, a line break, two bits too many */
    {"sha256//XrCAf-WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4=", NO, ""},
    {"sha256//XrCAf\nWdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4=", NO, ""},
    {"sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu5=", NO, ""},
};

START_TEST(lists)
{
	char text[512], pins[PINS_LENGTH + 1] = "";
	const char *reason;

	snprintf(text, sizeof(text), "%s", rows[_i].text);
	reason = pins_parse(text, pins);
	ck_assert_msg(!reason == !rows[_i].reason, "%s: %s", rows[_i].text,
	    reason ? reason : "accepted");
	if (reason)
		ck_assert_str_eq(reason, rows[_i].reason);
	ck_assert_str_eq(pins, rows[_i].pins);
}
END_TEST

START_TEST(which_are_in_a_list)
{
	ck_assert(pins_have(PIN, PIN));
	ck_assert(pins_have(PIN ";" OTHER, OTHER));
	ck_assert(!pins_have(PIN, OTHER));
	ck_assert(!pins_have("", OTHER));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("pin");
	TCase *cases = tcase_create("all");

	tcase_add_loop_test(cases, lists, 0, ROWS(rows));
	tcase_add_test(cases, which_are_in_a_list);
	suite_add_tcase(suite, cases);
	return suite;
}
