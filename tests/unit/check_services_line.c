#include <stdlib.h>
#include <string.h>

#include "apply/services_line.h"
#include "unit.h"

#define ENTRY    "cmonhachk 9201/tcp"
#define OTHER    "cmonhachk 9999/tcp"
#define OURS     ENTRY "\t\t# added by cmonha-ui"
#define OURS9999 OTHER "\t\t# added by cmonha-ui"
#define OLD      ", with the newline before it" /* 0.1.0: no newline at the end */

static struct text before, after, again;

static void
begin(void)
{
	before = after = again = (struct text){0};
}

static void
end(void)
{
	text_free(&before);
	text_free(&after);
	text_free(&again);
}

static void
put(const char *file, const char *entry)
{
	text_clear(&before);
	text_clear(&after);
	text_addf(&before, "%s", file);
	services_line_put(&before, entry, &after);
}

/* A file, what it becomes with our entry; removing it again always restores the first.
 */
static const struct {
	const char *without, *with;
} round_trips[] = {
    {"", OURS "\n"},
    {"\n", "\n" OURS "\n"},
    {"\n\n\n", "\n\n\n" OURS "\n"},
    {"ssh 22/tcp\n", "ssh 22/tcp\n" OURS "\n"},
    {"ssh 22/tcp\n\n", "ssh 22/tcp\n\n" OURS "\n"},
    {"ssh 22/tcp", "ssh 22/tcp\n" OURS},
    {"ssh 22/tcp\n ", "ssh 22/tcp\n \n" OURS},
    {"x", "x\n" OURS},
    {"ssh 22/tcp\r\n", "ssh 22/tcp\r\n" OURS "\n"},
    {"# added by cmonha-ui\n", "# added by cmonha-ui\n" OURS "\n"},
    {"other 9201/tcp # added by cmonha-ui\n",
	"other 9201/tcp # added by cmonha-ui\n" OURS "\n"},
    {"cmonhachk 9200/tcp\n", "cmonhachk 9200/tcp\n" OURS "\n"},
    {"cmonhachk 9201/udp\n", "cmonhachk 9201/udp\n" OURS "\n"},
    {"cmonhachk-old 9201/tcp\n", "cmonhachk-old 9201/tcp\n" OURS "\n"},
    {"#cmonhachk 9201/tcp\n", "#cmonhachk 9201/tcp\n" OURS "\n"},
    {"cmonhachk\n", "cmonhachk\n" OURS "\n"},
    /* The administrator's own equal entry: nothing to add. */
    {ENTRY "\n", ENTRY "\n"},
    {ENTRY, ENTRY},
    {"cmonhachk\t\t9201/tcp\n", "cmonhachk\t\t9201/tcp\n"},
    {"  cmonhachk 9201/tcp alias # mine\n", "  cmonhachk 9201/tcp alias # mine\n"},
    {"a 1/tcp\n" ENTRY "# mine\nb 2/tcp", "a 1/tcp\n" ENTRY "# mine\nb 2/tcp"},
};

START_TEST(round_trip)
{
	const char *without = round_trips[_i].without, *with = round_trips[_i].with;

	put(without, ENTRY);
	ck_assert_str_eq(text_string(&after), with);
	/* Once more changes nothing. */
	put(with, ENTRY);
	ck_assert_str_eq(text_string(&after), with);
	put(with, "");
	ck_assert_str_eq(text_string(&after), without);
	/* Nor does removing what does not exist. */
	put(without, "");
	ck_assert_str_eq(text_string(&after), without);
}
END_TEST

/* Another port and back: the line stays where it is. */
START_TEST(port_change)
{
	put(round_trips[_i].without, OTHER);
	text_addf(&again, "%s", text_string(&after));
	put(again.data, ENTRY);
	ck_assert_str_eq(text_string(&after), round_trips[_i].with);
	put(again.data, "");
	ck_assert_str_eq(text_string(&after), round_trips[_i].without);
}
END_TEST

/* A file that others have edited since, the entry that is put, the result. */
static const struct {
	const char *file, *entry, *result;
} edits[] = {
    /* Lines of others after ours: ours keeps its place, so nothing is written.
     */
    {"a 1/tcp\n" OURS "\nb 2/tcp\n", ENTRY, "a 1/tcp\n" OURS "\nb 2/tcp\n"},
    {"a 1/tcp\n" OURS "\nb 2/tcp\n", "", "a 1/tcp\nb 2/tcp\n"},
    {"a 1/tcp\n" OURS "\nb 2/tcp\n", OTHER, "a 1/tcp\n" OURS9999 "\nb 2/tcp\n"},
    /* The same for the line of 0.1.0, which is replaced by one of today. */
    {"a 1/tcp\n" OURS OLD "\nb 2/tcp\n", ENTRY, "a 1/tcp\n" OURS "\nb 2/tcp\n"},
    {"a 1/tcp\n" OURS OLD "\nb 2/tcp\n", "", "a 1/tcp\nb 2/tcp\n"},
    {"a 1/tcp\n" OURS OLD "\nb 2/tcp", "", "a 1/tcp\nb 2/tcp"},
    {"a 1/tcp\n" OURS OLD "\n", OTHER, "a 1/tcp\n" OURS9999 "\n"},
    {"a 1/tcp\n" OURS OLD "\n", "", "a 1/tcp\n"},
    /* Without a newline at the end, also if an editor has removed it. */
    {"a 1/tcp\n" OURS, "", "a 1/tcp"},
    {"a 1/tcp\n" OURS, ENTRY, "a 1/tcp\n" OURS},
    {"a 1/tcp\n" OURS, OTHER, "a 1/tcp\n" OURS9999},
    {"a 1/tcp\n" OURS OLD, "", "a 1/tcp"},
    {OURS, "", ""},
    {OURS OLD "\n", "", ""},
    /* All lines before it were removed, or it was moved. */
    {OURS "\n", "", ""},
    {OURS "\na 1/tcp\n", "", "a 1/tcp\n"},
    /* Doubled: one is enough. */
    {OURS "\na 1/tcp\n" OURS "\n", ENTRY, OURS "\na 1/tcp\n"},
    {OURS "\na 1/tcp\n" OURS9999 "\n", "", "a 1/tcp\n"},
    /* The administrator has added an equal entry: that one stays. */
    {OURS "\n" ENTRY "\n", ENTRY, ENTRY "\n"},
    {"a 1/tcp\n" OURS OLD "\n" ENTRY "\n", ENTRY, "a 1/tcp\n" ENTRY "\n"},
    {OURS "\n" OTHER "\n", ENTRY, OURS "\n" OTHER "\n"},
    {OURS "\n" OTHER "\n", OTHER, OTHER "\n"},
    /* Ours, edited: no longer ours once its comment is gone. */
    {ENTRY "\t\t# added by me\n", ENTRY, ENTRY "\t\t# added by me\n"},
    {ENTRY "\t\t# added by me\n", "", ENTRY "\t\t# added by me\n"},
    {OTHER "\t\t# added by me\n", ENTRY, OTHER "\t\t# added by me\n" OURS "\n"},
    {"cmonhachk 9201/tcp # added by cmonha-ui\n", "", ""},
    {"#" OURS "\n", "", "#" OURS "\n"},
};

START_TEST(others_edit_too)
{
	put(edits[_i].file, edits[_i].entry);
	ck_assert_str_eq(text_string(&after), edits[_i].result);
}
END_TEST

/* Bytes are bytes, and a line may be as long as it likes. */
START_TEST(odd_content)
{
	text_add_bytes(&before, "a\0b\n\xff\n", 6);
	for (int i = 0; i < 10000; i++)
		text_addf(&before, "%s", i ? "x" : "cmonhachk 9201/tcp ");
	services_line_put(&before, ENTRY, &after);
	ck_assert_uint_gt(after.length, before.length);
	ck_assert_mem_eq(after.data, before.data, before.length);
	services_line_put(&after, "", &again);
	ck_assert_uint_eq(again.length, before.length);
	ck_assert_mem_eq(again.data, before.data, before.length);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("services_line");
	TCase *cases = tcase_create("services_line");
	int trips = sizeof(round_trips) / sizeof(round_trips[0]);

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_loop_test(cases, round_trip, 0, trips);
	tcase_add_loop_test(cases, port_change, 0, trips - 5);
	tcase_add_loop_test(
	    cases, others_edit_too, 0, sizeof(edits) / sizeof(edits[0]));
	tcase_add_test(cases, odd_content);
	suite_add_tcase(suite, cases);
	return suite;
}
