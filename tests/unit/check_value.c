#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/value.h"
#include "unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define NO_NUMBER "must be a number"
#define NOT_WHOLE "must be a whole number"
#define RANGE     "is out of range"
#define DIGITS    "has too many digits"
#define UNIT      "must be a number with its unit, as in 250ms, 2s or 1m"
#define UNTOUCHED (-77)

static void
assert_reason(const char *text, const char *reason, const char *wanted)
{
	ck_assert_msg((reason == NULL) == (wanted == NULL) &&
			  (!reason || strcmp(reason, wanted) == 0),
	    "\"%s\": %s, not %s", text, reason ? reason : "accepted",
	    wanted ? wanted : "accepted");
}

static const struct number_row {
	const char *text;
	int64_t low, high;
	const char *reason; /* NULL: accepted */
	int64_t number;
} numbers[] = {
    {"0", 0, 9, NULL, 0},
    {"1", 1, 255, NULL, 1},
    {"255", 1, 255, NULL, 255},
    {"0", 1, 255, RANGE, 0},
    {"256", 1, 255, RANGE, 0},
    {"007", 1, 9, NULL, 7},
    {"", 0, 9, NO_NUMBER, 0},
    {"-1", 0, 9, NO_NUMBER, 0},
    {"+1", 0, 9, NO_NUMBER, 0},
    {" 1", 0, 9, NO_NUMBER, 0},
    {"1 ", 0, 9, NOT_WHOLE, 0},
    {"1.5", 0, 9, NOT_WHOLE, 0},
    {"0x10", 0, 99, NOT_WHOLE, 0},
    {"1e3", 0, 9999, NOT_WHOLE, 0},
    {"1,000", 0, 9999, NOT_WHOLE, 0},
    {"one", 0, 9, NO_NUMBER, 0},
    {"\xd9\xa1", 0, 9, NO_NUMBER, 0},
    {"99999999999999", 0, INT64_MAX, NULL, 99999999999999},
    {"100000000000000", 0, INT64_MAX, DIGITS, 0},
    {"000000000000001", 0, 9, DIGITS, 0},
    {"18446744073709551617", 0, 9, DIGITS, 0},
};

START_TEST(reads_number)
{
	const struct number_row *row = &numbers[_i];
	int64_t number = UNTOUCHED;

	assert_reason(row->text, value_number(row->text, row->low, row->high, &number),
	    row->reason);
	ck_assert_int_eq(number, row->reason ? UNTOUCHED : row->number);
}
END_TEST

static const struct number_row durations[] = {
    {"250ms", 0, 1000, NULL, 250},
    {"2s", 0, 2000, NULL, 2000},
    {"1m", 0, 60000, NULL, 60000},
    {"0ms", 0, 10, NULL, 0},
    {"100ms", 100, 200, NULL, 100},
    {"99ms", 100, 200, RANGE, 0},
    {"200ms", 100, 200, NULL, 200},
    {"201ms", 100, 200, RANGE, 0},
    {"3s", 0, 2999, RANGE, 0},
    {"99999999999999m", 0, INT64_MAX, NULL, 5999999999999940000},
    {"999999999999999m", 0, INT64_MAX, DIGITS, 0},
    {"250", 0, 1000, UNIT, 0},
    {"250 ms", 0, 1000, UNIT, 0},
    {"250MS", 0, 1000, UNIT, 0},
    {"250msec", 0, 1000, UNIT, 0},
    {"1h", 0, INT64_MAX, UNIT, 0},
    {"2s ", 0, 9000, UNIT, 0},
    {"0.2s", 0, 9000, UNIT, 0},
    {"ms", 0, 9, NO_NUMBER, 0},
    {"", 0, 9, NO_NUMBER, 0},
    {"-1s", 0, 9, NO_NUMBER, 0},
};

START_TEST(reads_duration)
{
	const struct number_row *row = &durations[_i];
	int64_t number = UNTOUCHED;

	assert_reason(row->text,
	    value_duration(row->text, row->low, row->high, &number), row->reason);
	ck_assert_int_eq(number, row->reason ? UNTOUCHED : row->number);
}
END_TEST

static const struct {
	const char *text;
	int truth; /* -1: refused */
} truths[] = {
    {"yes", 1},
    {"no", 0},
    {"true", 1},
    {"false", 0},
    {"on", 1},
    {"off", 0},
    {"YES", 1},
    {"No", 0},
    {"", -1},
    {"y", -1},
    {"1", -1},
    {"0", -1},
    {"yes ", -1},
    {"yess", -1},
    {"enabled", -1},
};

START_TEST(reads_truth)
{
	bool found[2] = {false, true};

	/* Both ways, so that a refused word is seen to leave the result alone. */
	for (int i = 0; i < 2; i++) {
		const char *reason = value_bool(truths[_i].text, &found[i]);

		assert_reason(truths[_i].text, reason,
		    truths[_i].truth < 0 ? "must be yes or no" : NULL);
		ck_assert_int_eq(found[i], truths[_i].truth < 0 ? i : truths[_i].truth);
	}
}
END_TEST

static const struct {
	const char *list;
	const char *items; /* joined by "|" */
} lists[] = {
    {"a", "a"},
    {"a,b", "a|b"},
    {" a ,\tb , c ", "a|b|c"},
    {"", ""},
    {",", "|"},
    {"a,", "a|"},
    {",a", "|a"},
    {"a,,b", "a||b"},
    {"a b,c", "a b|c"},
};

START_TEST(cuts_items)
{
	struct text joined = {0};
	char *copy = copy_string(lists[_i].list);
	char *rest = copy;
	char *item;
	int count = 0;

	while ((item = value_next_item(&rest)))
		text_addf(&joined, "%s%s", count++ ? "|" : "", item);
	ck_assert_str_eq(text_string(&joined), lists[_i].items);
	ck_assert_int_gt(count, 0);
	ck_assert_ptr_null(value_next_item(&rest));
	text_free(&joined);
	free(copy);
}
END_TEST

static const struct {
	const char *text, *trimmed;
} trims[] = {
    {"", ""},
    {" ", ""},
    {" \t\r\n", ""},
    {"a", "a"},
    {"  a b\t", "a b"},
    {"a\r", "a"},
    {"\xc2\xa0", "\xc2\xa0"},
};

START_TEST(trims_blanks)
{
	char *copy = copy_string(trims[_i].text);

	ck_assert_str_eq(value_trim(copy), trims[_i].trimmed);
	free(copy);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("value");
	TCase *cases = tcase_create("value");

	tcase_add_loop_test(cases, reads_number, 0, ROWS(numbers));
	tcase_add_loop_test(cases, reads_duration, 0, ROWS(durations));
	tcase_add_loop_test(cases, reads_truth, 0, ROWS(truths));
	tcase_add_loop_test(cases, cuts_items, 0, ROWS(lists));
	tcase_add_loop_test(cases, trims_blanks, 0, ROWS(trims));
	suite_add_tcase(suite, cases);
	return suite;
}
