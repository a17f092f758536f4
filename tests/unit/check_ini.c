#include <stdlib.h>
#include <string.h>

#include "cluster/ini.h"
#include "unit.h"

#define OUTSIDE  "key outside of any section"
#define HEADING  "a section heading must be [SECTION] or [node NAME]"
#define NOT_LINE " is neither a section heading nor \"key = value\""

/* All headings and keys, as "NUMBER[KIND|LABEL|SECTION]" and "NUMBER KEY=VALUE". */
static const struct {
	const char *content, *parsed, *problems;
} rows[] = {
    {"", "", ""},
    {"\n\n  \t\n", "", ""},
    {"\xef\xbb\xbf", "", ""},
    {"# words\n; words\n  # words\n", "", ""},
    {"[a]\nb = c\n", "1[a||a];2 b=c;", ""},
    {"[a]\nb = c", "1[a||a];2 b=c;", ""},
    {"[a]\r\nb = c\r\n", "1[a||a];2 b=c;", ""},
    {"\xef\xbb\xbf[a]\nb=c\n", "1[a||a];2 b=c;", ""},
    {"[a]\n\xef\xbb\xbf"
     "b=c\n",
	"1[a||a];2 b=c;",
	"f:2: [a] byte 1 is U+FEFF, a byte order mark, or zero-width no-break space: "
	"delete it\n"},
    {"  [ a ]  \n\tb\t=\tc d\t\n", "1[a||a];2 b=c d;", ""},
    {"[node cc1]\n", "1[node|cc1|node cc1];", ""},
    {"[node \t cc1 ]\n", "1[node|cc1|node cc1];", ""},
    {"[node a b]\n", "1[node|a b|node a b];", ""},
    {"[a] # words\n", "1[a||a];", ""},
    {"[a]\nb = c # words\n", "1[a||a];2 b=c;", ""},
    {"[a]\nb = c ; words\n", "1[a||a];2 b=c;", ""},
    {"[a]\nb = c\t# words\n", "1[a||a];2 b=c;", ""},
    {"[a]\nb = c#d;e\n", "1[a||a];2 b=c#d;e;", ""},
    {"[a]\nb = # words\n", "1[a||a];2 b=;", ""},
    {"[a]\nb =\n", "1[a||a];2 b=;", ""},
    {"[a]\nb = c = d\n", "1[a||a];2 b=c = d;", ""},
    {"[a]\n= c\n", "1[a||a];2 =c;", ""},
    {"[a]\nb = \"c\"\n", "1[a||a];2 b=\"c\";", ""},
    {"[a]\nb = [c]\n", "1[a||a];2 b=[c];", ""},
    /* Only comments and paths have other characters than ASCII. */
    {"[a]\nb = /\xc3\xa4 # \xe2\x80\x93\n", "1[a||a];2 b=/\xc3\xa4;", ""},
    {"[a]\nb = \xc3\xa4\n", "1[a||a];",
	"f:2: [a] byte 5 is U+00E4, which is not ASCII\n"},
    {"[a]\nb = 1\xc2\xa0\n", "1[a||a];2 b=1;",
	"f:2: [a] byte 6 is U+00A0, a no-break space: type a blank\n"},
    {"[node\xc2\xa0"
     "c]\nb = 1\n",
	"1[node|c|node c];2 b=1;",
	"f:1: byte 6 is U+00A0, a no-break space: type a blank\n"},
    {"[a]\nb = \xe2\x80\x9c"
     "1\xe2\x80\x9d\n",
	"1[a||a];2 b=\"1\";",
	"f:2: [a] byte 5 is U+201C, a typographic quotation mark: type \" (and 1 more in "
	"this line)\n"},
    {"[a]\nb\xef\xbc\x9d"
     "1\n",
	"1[a||a];2 b=1;",
	"f:2: [a] byte 2 is U+FF1D, a full-width character: type =\n"},
    {"[a]\n\xe2\x80\x8b"
     "b = 1\n",
	"1[a||a];2 b=1;", "f:2: [a] byte 1 is U+200B, a zero-width space: delete it\n"},
    {"[a]\n\xef\xbb\xbf"
     "b = 1\n",
	"1[a||a];2 b=1;",
	"f:2: [a] byte 1 is U+FEFF, a byte order mark, or zero-width no-break space: "
	"delete it\n"},
    {"[a]\nb = 1\xe2\x80\x93"
     "2\n",
	"1[a||a];2 b=1-2;", "f:2: [a] byte 6 is U+2013, an en dash: type -\n"},
    {"[a]\nb = 1\x96"
     "2\n",
	"1[a||a];2 b=1-2;",
	"f:2: [a] byte 6 is 0x96, which is not UTF-8; in Windows-1252 it is U+2013, an en "
	"dash: type -\n"},
    {"[a]\nb = /c\xc2\xa0"
     "d\n",
	"1[a||a];2 b=/c d;",
	"f:2: [a] byte 7 is U+00A0, a no-break space: type a blank\n"},
    {"[\xd1\x81]\nb = 1\n[a]\nb = 2\n", "3[a||a];4 b=2;",
	"f:1: byte 2 is U+0441, which is not ASCII\n"},
    {"[a]\nb = 1\r2\n", "1[a||a];", "f:2: [a] byte 6 is a control character (0x0d)\n"},
    {"\xff\xfe[\n", "", "f: the file is UTF-16: save it as UTF-8\n"},
    {"[a]\n[a]\n", "1[a||a];2[a||a];", ""},
    {"b = c\n", "", "f:1: b: " OUTSIDE "\n"},
    {"b = c\n[a]\nd = e\n", "2[a||a];3 d=e;", "f:1: b: " OUTSIDE "\n"},
    {"[a\n", "", "f:1: " HEADING "\n"},
    {"[a]b\n", "", "f:1: " HEADING "\n"},
    {"[a]]\n", "", "f:1: " HEADING "\n"},
    {"[]\n", "", "f:1: the section has no name\n"},
    {"[ \t]\n", "", "f:1: the section has no name\n"},
    {"[a]\n[b\nc = d\n", "1[a||a];", "f:2: " HEADING "\nf:3: c: " OUTSIDE "\n"},
    {"[a]\nword\n", "1[a||a];", "f:2: [a] \"word\"" NOT_LINE "\n"},
    {"a]\n", "", "f:1: \"a]\"" NOT_LINE "\n"},
    {"[a]\none two three four five six seven eight nine ten\n", "1[a||a];",
	"f:2: [a] \"one two three four five six seven eight \"" NOT_LINE "\n"},
    {"[a]\nb = \x01\n", "1[a||a];", "f:2: [a] byte 5 is a control character (0x01)\n"},
    {"[a]\n\x7f\nb = c\n", "1[a||a];3 b=c;",
	"f:2: [a] byte 1 is a control character (0x7f)\n"},
    {"[a]\n# \x1b[31m\n", "1[a||a];",
	"f:2: [a] byte 3 is a control character (0x1b)\n"},
    {"x\ny\n", "", "f:1: \"x\"" NOT_LINE "\nf:2: \"y\"" NOT_LINE "\n"},
};

static struct text parsed;
static struct problems problems;

static void
begin(void)
{
	parsed = (struct text){0};
	problems = (struct problems){.file = "f"};
}

static void
end(void)
{
	text_free(&parsed);
	problems_free(&problems);
}

static void
parse(const struct text *content)
{
	struct ini *ini = allocate(sizeof(*ini));

	ini_begin(ini, content, &problems);
	while (ini_next(ini)) {
		if (ini->key)
			text_addf(
			    &parsed, "%d %s=%s;", ini->number, ini->key, ini->value);
		else
			text_addf(&parsed, "%d[%s|%s|%s];", ini->number, ini->kind,
			    ini->label, ini->section);
	}
	ck_assert(!ini_next(ini));
	free(ini);
}

static void
read_bytes(const char *bytes, size_t length)
{
	struct text content = {0};

	text_add_bytes(&content, bytes, length);
	parse(&content);
	text_free(&content);
}

START_TEST(reads)
{
	size_t lines = 0;

	read_bytes(rows[_i].content, strlen(rows[_i].content));
	ck_assert_str_eq(text_string(&parsed), rows[_i].parsed);
	ck_assert_str_eq(text_string(&problems.lines), rows[_i].problems);
	for (const char *at = rows[_i].problems; *at; at++)
		lines += *at == '\n';
	ck_assert_uint_eq(problems.errors, lines);
}
END_TEST

START_TEST(nothing_at_all)
{
	struct text content = {0};

	parse(&content);
	ck_assert_uint_eq(parsed.length, 0);
	ck_assert_uint_eq(problems.errors, 0);
}
END_TEST

START_TEST(nul_byte)
{
	read_bytes("[a]\nb = c\0d\ne = f\n", 18);
	ck_assert_str_eq(text_string(&parsed), "1[a||a];3 e=f;");
	ck_assert_str_eq(text_string(&problems.lines),
	    "f:2: [a] byte 6 is a control character (0x00)\n");
}
END_TEST

/* Up to the longest line, and one byte over it: an error, never two lines. */
START_TEST(long_line)
{
	char line[INI_LINE_MAX + 8] = "[a]\nb=";
	size_t longest = 4 + INI_LINE_MAX - 1;

	memset(line + 6, 'x', sizeof(line) - 6);
	read_bytes(line, longest);
	ck_assert_uint_eq(problems.errors, 0);
	ck_assert_uint_eq(parsed.length, strlen("1[a||a];2 b=;") + longest - 6);
	text_clear(&parsed);
	read_bytes(line, longest + 1);
	ck_assert_str_eq(text_string(&parsed), "1[a||a];");
	ck_assert_str_eq(
	    text_string(&problems.lines), "f:2: [a] line is longer than 4095 bytes\n");
}
END_TEST

START_TEST(long_names)
{
	char line[INI_LINE_MAX];
	struct text wanted = {0};

	memset(line, 'x', sizeof(line));
	line[0] = '[';
	line[2000] = ' ';
	line[INI_LINE_MAX - 2] = ']';
	read_bytes(line, INI_LINE_MAX - 1);
	ck_assert_uint_eq(problems.errors, 0);
	text_addf(
	    &wanted, "1[%.1999s|%.2093s|%.4093s];", line + 1, line + 2001, line + 1);
	ck_assert_str_eq(text_string(&parsed), text_string(&wanted));
	text_free(&wanted);
}
END_TEST

START_TEST(many_lines)
{
	struct text content = {0};

	for (int i = 0; i < 100000; i++)
		text_addf(&content, "x\n");
	parse(&content);
	ck_assert_uint_eq(problems.errors, 100000);
	ck_assert_ptr_nonnull(strstr(problems.lines.data, "f:100000: "));
	text_free(&content);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("ini");
	TCase *cases = tcase_create("ini");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_loop_test(cases, reads, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(cases, nothing_at_all);
	tcase_add_test(cases, nul_byte);
	tcase_add_test(cases, long_line);
	tcase_add_test(cases, long_names);
	tcase_add_test(cases, many_lines);
	suite_add_tcase(suite, cases);
	return suite;
}
