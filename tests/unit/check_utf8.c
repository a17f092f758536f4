#include "base/utf8.h"

#include <string.h>

#include "unit.h"

static const struct {
	const char *bytes;
	size_t length;
	uint32_t code; /* 0 with length 0: not UTF-8 */
} characters[] = {
    {"a", 1, 'a'},
    {"\x7f", 1, 0x7f},
    {"\xc2\x80", 2, 0x80},
    {"\xdf\xbf", 2, 0x7ff},
    {"\xe0\xa0\x80", 3, 0x800},
    {"\xef\xbb\xbf", 3, 0xfeff},
    {"\xf0\x90\x80\x80", 4, 0x10000},
    {"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
    {"", 0, 0},
    {"\x80", 0, 0},
    {"\xc0\xaf", 0, 0},         /* too long a form of "/" */
    {"\xe0\x80\xaf", 0, 0},     /* the same */
    {"\xed\xa0\x80", 0, 0},     /* half of a surrogate pair */
    {"\xf4\x90\x80\x80", 0, 0}, /* above the last code */
    {"\xf8\x88\x80\x80", 0, 0},
    {"\xe2\x80", 0, 0}, /* cut off */
    {"\xe2\x28\xa1", 0, 0},
    {"\xff", 0, 0},
};

START_TEST(decode)
{
	uint32_t code = 0;

	ck_assert_uint_eq(
	    utf8_decode(characters[_i].bytes, strlen(characters[_i].bytes), &code),
	    characters[_i].length);
	ck_assert_uint_eq(code, characters[_i].code);
}
END_TEST

static const struct {
	uint32_t code;
	int plain;
	const char *words;
} described[] = {
    {0xa0, ' ', "U+00A0, a no-break space: type a blank"},
    {0x2019, '\'', "U+2019, a typographic quotation mark: type '"},
    {0x201c, '"', "U+201C, a typographic quotation mark: type \""},
    {0x2013, '-', "U+2013, an en dash: type -"},
    {0x200b, 0, "U+200B, a zero-width space: delete it"},
    {0xfeff, 0, "U+FEFF, a byte order mark, or zero-width no-break space: delete it"},
    {0xff10, '0', "U+FF10, a full-width character: type 0"},
    {0xff1d, '=', "U+FF1D, a full-width character: type ="},
    {0xff3b, '[', "U+FF3B, a full-width character: type ["},
    {0x3000, ' ', "U+3000, an ideographic space: type a blank"},
    {0x430, -1, "U+0430, which is not ASCII"},
    {0x1f600, -1, "U+1F600, which is not ASCII"},
};

START_TEST(describe)
{
	struct text text = {0};

	utf8_describe(described[_i].code, &text);
	ck_assert_str_eq(text_string(&text), described[_i].words);
	ck_assert_int_eq(utf8_plain(described[_i].code), described[_i].plain);
	text_free(&text);
}
END_TEST

START_TEST(ascii_is_plain)
{
	for (uint32_t code = 0; code < 0x80; code++)
		ck_assert_int_eq(utf8_plain(code), -1);
}
END_TEST

START_TEST(windows)
{
	ck_assert_uint_eq(utf8_from_windows(0x96), 0x2013);
	ck_assert_uint_eq(utf8_from_windows(0x93), 0x201c);
	ck_assert_uint_eq(utf8_from_windows(0xa0), 0xa0);
	ck_assert_uint_eq(utf8_from_windows('a'), 'a');
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("utf8");
	TCase *cases = tcase_create("utf8");

	tcase_add_loop_test(
	    cases, decode, 0, sizeof(characters) / sizeof(characters[0]));
	tcase_add_loop_test(
	    cases, describe, 0, sizeof(described) / sizeof(described[0]));
	tcase_add_test(cases, ascii_is_plain);
	tcase_add_test(cases, windows);
	suite_add_tcase(suite, cases);
	return suite;
}
