#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "plan/template.h"
#include "unit.h"

static json_t *variables;
static struct text source, output;
static struct problems problems;

static void
begin(void)
{
	source = output = (struct text){0};
	problems = (struct problems){.file = "t"};
	variables = json_pack(
	    "{s:s, s:s, s:i, s:i, s:b, s:b, s:[], s:[{s:s, s:i}, {s:s, s:i}]}", "name",
	    "cc1", "empty", "", "port", 9201, "zero", 0, "yes", 1, "no", 0, "none",
	    "peers", "name", "cc2", "number", 1, "name", "cc3", "number", 2);
	ck_assert_ptr_nonnull(variables);
}

static void
end(void)
{
	json_decref(variables);
	text_free(&source);
	text_free(&output);
	problems_free(&problems);
}

static int
render(const char *words)
{
	text_clear(&source);
	text_addf(&source, "%s", words);
	return template_render(&source, variables, &output, &problems);
}

static const struct {
	const char *source, *output;
} good[] = {
    {"", ""},
    {"no tags\n", "no tags\n"},
    {"no newline", "no newline"},
    {"{{name}}", "cc1"},
    {"{{ name }}", "cc1"},
    {"<{{name}}:{{port}}>\n", "<cc1:9201>\n"},
    {"{{name}}{{name}}", "cc1cc1"},
    {"{{empty}}|{{zero}}|{{yes}}|{{no}}", "|0|yes|no"},
    /* Braces that are no tags. */
    {"{name} { } } {{name}}}\n", "{name} { } } cc1}\n"},
    {"{ {name} }", "{ {name} }"},
    {"}}", "}}"},
    /* Truth. */
    {"{{#yes}}a{{/yes}}{{#no}}b{{/no}}", "a"},
    {"{{^yes}}a{{/yes}}{{^no}}b{{/no}}", "b"},
    {"{{#port}}a{{/port}}{{#zero}}b{{/zero}}", "a"},
    {"{{^port}}a{{/port}}{{^zero}}b{{/zero}}", "b"},
    {"{{#name}}a{{/name}}{{#empty}}b{{/empty}}", "a"},
    {"{{#none}}a{{/none}}{{^none}}b{{/none}}", "b"},
    {"{{^peers}}a{{/peers}}", ""},
    {"{{# yes }}a{{/ yes }}", "a"},
    /* Lists, and what is seen within them. */
    {"{{#peers}}{{name}} {{/peers}}", "cc2 cc3 "},
    {"{{#peers}}{{number}}={{name}}:{{port}},{{/peers}}{{name}}",
	"1=cc2:9201,2=cc3:9201,cc1"},
    {"{{#peers}}{{#peers}}{{name}}{{/peers}};{{/peers}}", "cc2cc3;cc2cc3;"},
    {"{{#peers}}{{#yes}}{{name}}{{/yes}}{{^yes}}x{{/yes}}{{/peers}}", "cc2cc3"},
    {"{{#peers}}{{#number}}{{name}}{{/number}}{{/peers}}", "cc2cc3"},
    {"{{#no}}{{#peers}}{{name}}{{/peers}}{{/no}}|", "|"},
    {"{{#none}}{{#none}}a{{/none}}{{/none}}|", "|"},
    /* Tags alone on a line replace the line; values do not. */
    {"a\n{{#yes}}\nb\n{{/yes}}\nc\n", "a\nb\nc\n"},
    {"a\n  {{#yes}}\t\n\tb\n\t{{/yes}}  \nc\n", "a\n\tb\nc\n"},
    {"a\n{{#no}}\nb\n{{/no}}\nc\n", "a\nc\n"},
    {"{{#peers}}\n- {{name}}\n{{/peers}}\n", "- cc2\n- cc3\n"},
    {"{{#peers}}\n- {{name}}\n{{/peers}}", "- cc2\n- cc3\n"},
    {"{{#yes}}\n{{#yes}}\na\n{{/yes}}\n{{/yes}}\n", "a\n"},
    {"a\n{{name}}\nb\n", "a\ncc1\nb\n"},
    {"a\n\n{{#yes}}\n\nb\n{{/yes}}\n\n", "a\n\n\nb\n\n"},
    {"{{#yes}}a{{/yes}}\n", "a\n"},
    {"{{#no}}a{{/no}}\n", "\n"},
    {"  {{#yes}}a\n{{/yes}}b\n", "  a\nb\n"},
    {"x {{#yes}}\na\n{{/yes}} y\n", "x \na\n y\n"},
    /* Comments. */
    {"a{{! words }}b", "ab"},
    {"a\n{{! words }}\nb\n", "a\nb\n"},
    {"{{!}}a", "a"},
    {"{{! # / ^ }}a", "a"},
    {"{{! a very long comment, much longer than any name of a variable could ever "
     "be in a template }}a",
	"a"},
    /* Nothing is escaped, nothing is a tag twice. */
    {"%s%n \\n &lt; {{name}}", "%s%n \\n &lt; cc1"},
    {"\xc3\xa4 {{name}} \xff", "\xc3\xa4 cc1 \xff"},
};

START_TEST(renders)
{
	int result = render(good[_i].source);

	ck_assert_str_eq(text_string(&problems.lines), "");
	ck_assert_int_eq(result, 0);
	ck_assert_str_eq(text_string(&output), good[_i].output);
}
END_TEST

static const struct {
	const char *source, *problems;
} bad[] = {
    {"{{nme}}", "t:1: unknown variable \"nme\"\n"},
    {"a\nb {{nme}}\n", "t:2: unknown variable \"nme\"\n"},
    {"a\n\n\n{{#nme}}\nx\n{{/nme}}\n", "t:4: unknown variable \"nme\"\n"},
    {"{{^nme}}x{{/nme}}", "t:1: unknown variable \"nme\"\n"},
    {"{{number}}", "t:1: unknown variable \"number\"\n"},
    {"{{#peers}}{{/peers}}\n{{number}}", "t:2: unknown variable \"number\"\n"},
    {"{{Name}}", "t:1: unknown variable \"Name\"\n"},
    {"{{na me}}", "t:1: unknown variable \"na me\"\n"},
    {"{{&name}}", "t:1: unknown variable \"&name\"\n"},
    {"{{>file}}", "t:1: unknown variable \">file\"\n"},
    {"{{{name}}}", "t:1: unknown variable \"{name\"\n"},
    {"{{peers}}", "t:1: variable is a list: \"peers\"\n"},
    {"\n{{#yes}}\na\n", "t:2: section is not closed: \"yes\"\n"},
    {"{{#no}}\na\n", "t:1: section is not closed: \"no\"\n"},
    {"{{#yes}}\n{{#peers}}\n{{/yes}}\n", "t:3: section is not open: \"yes\"\n"},
    {"{{#no}}\n{{#peers}}\n{{/no}}\n", "t:3: section is not open: \"no\"\n"},
    {"a\n{{/yes}}\n", "t:2: section is not open: \"yes\"\n"},
    {"{{#yes}}{{/yes}}{{/yes}}", "t:1: section is not open: \"yes\"\n"},
    {"a\n{{name\n", "t:2: tag is not closed by }}\n"},
    {"{{name\n}}", "t:1: tag is not closed by }}\n"},
    {"{{name}", "t:1: tag is not closed by }}\n"},
    {"{{", "t:1: tag is not closed by }}\n"},
    {"{{!", "t:1: tag is not closed by }}\n"},
    {"{{}}", "t:1: tag name is missing or too long\n"},
    {"{{  }}", "t:1: tag name is missing or too long\n"},
    {"{{#}}x{{/}}", "t:1: tag name is missing or too long\n"},
    {"{{#yes}}{{/}}", "t:1: tag name is missing or too long\n"},
    {"{{a234567890123456789012345678901234567890123456789012345678901234}}",
	"t:1: tag name is missing or too long\n"},
    {"{{a23456789012345678901234567890123456789012345678901234567890123}}",
	"t:1: unknown variable "
	"\"a23456789012345678901234567890123456789012345678901234567890123\"\n"},
};

START_TEST(refuses)
{
	ck_assert_int_eq(render(bad[_i].source), -1);
	ck_assert_str_eq(text_string(&problems.lines), bad[_i].problems);
	ck_assert_uint_eq(problems.errors, 1);
}
END_TEST

START_TEST(appends)
{
	text_addf(&output, "before|");
	ck_assert_int_eq(render("{{name}}"), 0);
	ck_assert_str_eq(output.data, "before|cc1");
}
END_TEST

START_TEST(nothing_to_render)
{
	ck_assert_int_eq(template_render(&source, variables, &output, &problems), 0);
	ck_assert_uint_eq(output.length, 0);
}
END_TEST

START_TEST(nul_bytes)
{
	text_add_bytes(&source, "a\0{{name}}\0{{#yes}}\0b{{/yes}}", 29);
	ck_assert_int_eq(template_render(&source, variables, &output, &problems), 0);
	ck_assert_uint_eq(output.length, 8);
	ck_assert_mem_eq(output.data, "a\0cc1\0\0b", 8);
	text_clear(&source);
	text_add_bytes(&source, "{{\0}}", 5);
	ck_assert_int_eq(template_render(&source, variables, &output, &problems), -1);
}
END_TEST

/* Sections within sections: of any kind, as many as allowed and one more. */
static const struct {
	const char *name, *inside;
} kinds[] = {{"yes", "x"}, {"no", ""}, {"peers", NULL}};

static void
nest(const char *name, int depth)
{
	text_clear(&source);
	for (int i = 0; i < depth; i++)
		text_addf(&source, "{{#%s}}", name);
	text_addf(&source, "x");
	for (int i = 0; i < depth; i++)
		text_addf(&source, "{{/%s}}", name);
}

START_TEST(deepest)
{
	nest(kinds[_i].name, TEMPLATE_DEPTH_MAX);
	ck_assert_int_eq(template_render(&source, variables, &output, &problems), 0);
	if (kinds[_i].inside)
		ck_assert_str_eq(text_string(&output), kinds[_i].inside);
	else
		ck_assert_uint_eq(output.length, 1u << TEMPLATE_DEPTH_MAX);
}
END_TEST

START_TEST(too_deep)
{
	char wanted[100];

	nest(kinds[_i].name, TEMPLATE_DEPTH_MAX + 1);
	ck_assert_int_eq(template_render(&source, variables, &output, &problems), -1);
	snprintf(wanted, sizeof(wanted),
	    "t:1: sections are nested too deeply at \"%s\"\n", kinds[_i].name);
	ck_assert_str_eq(problems.lines.data, wanted);
}
END_TEST

/* A file of nothing but openings must not exhaust the stack. */
START_TEST(absurdly_deep)
{
	for (int i = 0; i < 100000; i++)
		text_addf(&source, "{{#%s}}\n", kinds[_i].name);
	ck_assert_int_eq(template_render(&source, variables, &output, &problems), -1);
	ck_assert_uint_eq(problems.errors, 1);
}
END_TEST

/* Lists in lists multiply: rejected before memory or time is exhausted. */
START_TEST(too_much)
{
	static const char *const bodies[] = {"x", "{{! y }}", "{{name}}"};

	for (int i = 0; i < TEMPLATE_DEPTH_MAX; i++)
		text_addf(&source, "{{#peers}}");
	for (int i = 0; i < 10000; i++)
		text_addf(&source, "%s", bodies[_i]);
	for (int i = 0; i < TEMPLATE_DEPTH_MAX; i++)
		text_addf(&source, "{{/peers}}");
	ck_assert_int_eq(template_render(&source, variables, &output, &problems), -1);
	ck_assert_str_eq(
	    problems.lines.data, "t:1: output is too large (lists within lists?)\n");
	ck_assert_uint_lt(output.length, 2 * FILE_LIMIT);
}
END_TEST

/* Random pieces: whatever comes of it, no memory is touched that should not be. */
START_TEST(junk)
{
	static const char *const pieces[] = {"{{", "}}", "{{#yes}}", "{{/yes}}",
	    "{{^no}}", "{{/no}}", "{{#peers}}", "{{/peers}}", "{{name}}", "\n", " ",
	    "{{!", "x", "{", "}", "#"};
	unsigned seed = (unsigned)_i + 1;
	size_t length = 1 + (size_t)_i % 40;

	for (int round = 0; round < 100; round++) {
		text_clear(&source);
		text_clear(&output);
		text_clear(&problems.lines);
		problems.errors = 0;
		for (size_t i = 0; i < length; i++) {
			seed = seed * 1103515245 + 12345;
			text_addf(&source, "%s", pieces[(seed >> 16) % 16]);
		}
		int result = template_render(&source, variables, &output, &problems);

		ck_assert_uint_eq(problems.errors, result < 0 ? 1 : 0);
	}
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("template");
	TCase *cases = tcase_create("template");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_loop_test(cases, renders, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(cases, refuses, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(cases, appends);
	tcase_add_test(cases, nothing_to_render);
	tcase_add_test(cases, nul_bytes);
	tcase_add_loop_test(cases, deepest, 0, 3);
	tcase_add_loop_test(cases, too_deep, 0, 3);
	tcase_add_loop_test(cases, absurdly_deep, 0, 3);
	tcase_add_loop_test(cases, too_much, 0, 3);
	tcase_add_loop_test(cases, junk, 0, 40);
	suite_add_tcase(suite, cases);
	return suite;
}
