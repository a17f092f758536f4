#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "unit.h"

static struct text text;

static void
forget(void)
{
	text_free(&text);
}

START_TEST(empty)
{
	ck_assert_str_eq(text_string(&text), "");
	text_clear(&text);
	ck_assert_str_eq(text_string(&text), "");
	text_free(&text);
	text_add_bytes(&text, NULL, 0);
	ck_assert_str_eq(text.data, "");
	ck_assert_uint_eq(text.length, 0);
	text_addf(&text, "%s", "");
	ck_assert_uint_eq(text.length, 0);
}
END_TEST

START_TEST(appends)
{
	text_addf(&text, "%d-%s", 7, "seven");
	text_add_bytes(&text, "\0x", 2);
	text_addf(&text, "%c", '!');
	ck_assert_uint_eq(text.length, 10);
	ck_assert_mem_eq(text.data, "7-seven\0x!", 11);
}
END_TEST

START_TEST(foreign_text_is_made_printable)
{
	static const char *const pairs[][2] = {
	    {"", ""}, {"plain, ~", "plain, ~"},
	    {"\033[2Jgone\a\n\t\r\x7f", "?[2Jgone?????"},
	    {"gr\303\274n \342\202\254", "gr\303\274n \342\202\254"},
	    {"\302\233 2J", "?? 2J"},   /* CSI of C1 */
	    {"\233 2J \377", "? 2J ?"}, /* the same byte without UTF-8 */
	    {"cut \342\202", "cut ??"},
	    {"\300\233 \340\202\233", "?? ???"}, /* too long a form */
	    {"\355\240\200", "???"},             /* a surrogate */
	    {"a\342\200\256b", "a???b"},         /* from right to left */
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char *copy = copy_string(pairs[i][0]);

		text_make_printable(copy);
		ck_assert_str_eq(copy, pairs[i][1]);
		free(copy);
	}
}
END_TEST

/* Over every border at which the memory grows. */
START_TEST(grows)
{
	char *expected = allocate(5000);

	for (size_t i = 0; i < 4999; i++) {
		expected[i] = (char)('a' + i % 26);
		text_add_bytes(&text, &expected[i], 1);
		ck_assert_uint_eq(text.length, i + 1);
		ck_assert_uint_gt(text.capacity, text.length);
		ck_assert_int_eq(text.data[text.length], '\0');
	}
	ck_assert_str_eq(text.data, expected);
	free(expected);
}
END_TEST

START_TEST(one_long_piece)
{
	char *piece = allocate(100001);

	memset(piece, 'x', 100000);
	text_addf(&text, "<%s>", piece);
	ck_assert_uint_eq(text.length, 100002);
	ck_assert_int_eq(text.data[0], '<');
	ck_assert_int_eq(text.data[100001], '>');
	ck_assert_int_eq(text.data[100002], '\0');
	free(piece);
}
END_TEST

START_TEST(reserve_keeps_content)
{
	char *end;

	text_addf(&text, "abc");
	end = text_reserve(&text, 10000);
	ck_assert_ptr_eq(end, text.data + 3);
	ck_assert_uint_ge(text.capacity, 10004);
	ck_assert_str_eq(text.data, "abc");
	memset(end, 'z', 10000);
	end[10000] = '\0';
	ck_assert_uint_eq(text.length, 3);
}
END_TEST

START_TEST(clear_keeps_memory)
{
	char *at;

	text_addf(&text, "something");
	at = text.data;
	text_clear(&text);
	ck_assert_ptr_eq(text.data, at);
	ck_assert_str_eq(text.data, "");
	text_addf(&text, "new");
	ck_assert_str_eq(text.data, "new");
	text_free(&text);
	ck_assert_ptr_null(text.data);
	ck_assert_uint_eq(text.length, 0);
	ck_assert_uint_eq(text.capacity, 0);
}
END_TEST

START_TEST(copies)
{
	char original[] = "original";
	char *copy = copy_string(original);
	char *formatted = format_string("%s/%03d", original, 7);
	char *nothing = format_string("%s", "");
	char *zeros = allocate(16);

	original[0] = 'X';
	ck_assert_str_eq(copy, "original");
	ck_assert_str_eq(formatted, "original/007");
	ck_assert_str_eq(nothing, "");
	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(zeros[i], 0);
	free(allocate(0));
	free(copy);
	free(formatted);
	free(nothing);
	free(zeros);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *cases = tcase_create("text");

	tcase_add_checked_fixture(cases, NULL, forget);
	tcase_add_test(cases, empty);
	tcase_add_test(cases, appends);
	tcase_add_test(cases, foreign_text_is_made_printable);
	tcase_add_test(cases, grows);
	tcase_add_test(cases, one_long_piece);
	tcase_add_test(cases, reserve_keeps_content);
	tcase_add_test(cases, clear_keeps_memory);
	tcase_add_test(cases, copies);
	suite_add_tcase(suite, cases);
	return suite;
}
