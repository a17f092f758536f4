#include <signal.h>
#include <stddef.h>

#include "cluster/keys.h"
#include "parsed.h"
#include "unit.h"

/* Every key with a range: the last value inside and the first outside, both sides. */
static const struct {
	enum section section;
	const char *name, *unit;
	int low, high;
} ranges[] = {
    {SECTION_CLUSTER, "virtual_router_id", "", 1, 255},
    {SECTION_CLUSTER, "advert_interval", "ms", 50, 10000},
    {SECTION_CLUSTER, "lost_adverts", "", 2, 20},
    {SECTION_UI, "stats", "", 1, 65535},
    {SECTION_CHECK, "port", "", 1, 65535},
    {SECTION_CHECK, "interval", "ms", 100, 60000},
    {SECTION_UI, "client_connections", "", 10, 4000},
    {SECTION_UI, "request_timeout", "ms", 1000, 60000},
    {SECTION_CHECK, "deadline", "ms", 100, 10000},
    {SECTION_CHECK, "rpc_port", "", 1, 65535},
    {SECTION_NODE, "priority", "", 1, 254},
};

#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

static const char *
set(const struct key *key, const char *unit, int number, char *buffer)
{
	void *owner = key->section == SECTION_NODE ? (void *)&parsed_cluster->nodes[0]
						   : (void *)parsed_cluster;
	char value[64];

	snprintf(value, sizeof(value), "%d%s", number, unit);
	return key_set(key, value, owner, buffer);
}

START_TEST(range)
{
	const struct key *key = key_find(ranges[_i].section, ranges[_i].name);
	const char *unit = ranges[_i].unit;
	int low = ranges[_i].low, high = ranges[_i].high;
	char buffer[KEY_REASON_MAX], wanted[KEY_REASON_MAX];
	int *field;

	ck_assert_ptr_nonnull(key);
	field = (int *)((char *)(key->section == SECTION_NODE
				     ? (void *)&parsed_cluster->nodes[0]
				     : (void *)parsed_cluster) +
			key->offset);
	ck_assert_ptr_null(set(key, unit, low, buffer));
	ck_assert_int_eq(*field, low);
	ck_assert_ptr_null(set(key, unit, high, buffer));
	ck_assert_int_eq(*field, high);
	for (int i = 0; i < 2; i++) {
		int outside = i ? high + 1 : low - 1;

		snprintf(wanted, sizeof(wanted),
		    "\"%d%s\" is out of range (expected: %s, range %d%s to %d%s)",
		    outside, unit, key->form, low, unit, high, unit);
		ck_assert_str_eq(set(key, unit, outside, buffer), wanted);
		ck_assert_int_eq(*field, high);
	}
}
END_TEST

START_TEST(ranges_are_complete)
{
	size_t ranged = 0;

	for (size_t i = 0; i < key_count; i++)
		if (keys[i].high && strcmp(keys[i].name, "vip") != 0 &&
		    strcmp(keys[i].name, "allow") != 0)
			ranged++;
	ck_assert_uint_eq(ranged, RANGES);
}
END_TEST

START_TEST(table_is_sound)
{
	char buffer[KEY_REASON_MAX];

	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &keys[i];
		void *owner = key->section == SECTION_NODE
				  ? (void *)&parsed_cluster->nodes[0]
				  : (void *)parsed_cluster;

		ck_assert_ptr_eq(key_find(key->section, key->name), key);
		ck_assert_msg(*key->form && *key->help, "%s", key->name);
		ck_assert_msg(key->help[strlen(key->help) - 1] == '.', "%s", key->name);
		if (key->default_value && !key->default_text) {
			const char *reason =
			    key_set(key, key->default_value, owner, buffer);

			ck_assert_msg(!reason, "%s: %s", key->name, reason);
		}
		/* The keys of a section are together, in the order of the enum. */
		if (i)
			ck_assert_int_ge(key->section, keys[i - 1].section);
	}
	for (enum section section = 0; section < SECTIONS; section++)
		ck_assert_int_eq(section_find(section_name(section)), section);
	ck_assert_int_eq(section_find("bogus"), SECTIONS);
	ck_assert_ptr_null(key_find(SECTION_CLUSTER, "port"));
}
END_TEST

START_TEST(long_value)
{
	char value[3000];

	memset(value, '9', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	text_addf(&parsed_source, VIP "virtual_router_id = %s\n" NODES, value);
	ck_assert_int_eq(
	    cluster_parse(&parsed_source, parsed_cluster, &parsed_problems), -1);
	/* However long the value is, the reason is still reported. */
	ck_assert_msg(strstr(parsed_problems.lines.data, " has too many digits"), "%s",
	    parsed_problems.lines.data);
	ck_assert_uint_lt(parsed_problems.lines.length, 600);
}
END_TEST

/* [cluster] and [node] both have an "interface". */
START_TEST(lines_are_found_by_section_and_name)
{
	struct key_lines *lines = allocate(sizeof(*lines));
	struct node *node = &parsed_cluster->nodes[1];
	const struct key *in_cluster = key_find(SECTION_CLUSTER, "interface");
	const struct key *in_node = key_find(SECTION_NODE, "interface");

	node->line = 20;
	lines->headings[SECTION_CLUSTER] = 10;
	lines->headings[SECTION_UI] = 15;
	ck_assert_int_eq(
	    key_line(lines, parsed_cluster, SECTION_CLUSTER, NULL, "interface"), 10);
	ck_assert_int_eq(
	    key_line(lines, parsed_cluster, SECTION_NODE, node, "interface"), 20);
	ck_assert_int_eq(
	    key_line(lines, parsed_cluster, SECTION_UI, NULL, "stats"), 15);
	ck_assert_int_eq(
	    key_line(lines, parsed_cluster, SECTION_CHECK, NULL, "port"), 0);
	*key_line_of(lines, parsed_cluster, NULL, in_cluster) = 11;
	*key_line_of(lines, parsed_cluster, node, in_node) = 21;
	ck_assert_int_eq(
	    key_line(lines, parsed_cluster, SECTION_CLUSTER, NULL, "interface"), 11);
	ck_assert_int_eq(
	    key_line(lines, parsed_cluster, SECTION_NODE, node, "interface"), 21);
	ck_assert_int_eq(
	    key_line(lines, parsed_cluster, SECTION_NODE, node, "address"), 20);
	free(lines);
}
END_TEST

/* A rule that names a key which is not in the table, or not in that section. */
START_TEST(unknown_line_is_an_assertion)
{
	struct key_lines *lines = allocate(sizeof(*lines));

	key_line(lines, parsed_cluster, SECTION_UI, NULL, _i ? "port" : "bogus");
}
END_TEST

START_TEST(explains_every_key)
{
	char *line;

	keys_explain(&parsed_source);
	ck_assert_int_eq(strncmp(parsed_source.data, "[cluster]\n    vip = ", 20), 0);
	ck_assert_ptr_nonnull(strstr(parsed_source.data, "\n\n[ui]\n    forward = "));
	ck_assert_ptr_nonnull(strstr(parsed_source.data, "\n\n[check]\n    port = "));
	ck_assert_ptr_nonnull(
	    strstr(parsed_source.data, "\n\n[node NAME]\n    address = "));
	for (size_t i = 0; i < key_count; i++) {
		char wanted[256];

		snprintf(wanted, sizeof(wanted), "\n    %s = %s\n", keys[i].name,
		    keys[i].form);
		ck_assert_msg(strstr(parsed_source.data, wanted), "%s", keys[i].name);
	}
	for (line = strtok(parsed_source.data, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_msg(strlen(line) <= 80, "%s", line);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("keys");
	TCase *cases = tcase_create("keys");

	tcase_add_checked_fixture(cases, parsed_begin, parsed_end);
	tcase_add_loop_test(cases, range, 0, (int)RANGES);
	tcase_add_test(cases, ranges_are_complete);
	tcase_add_test(cases, table_is_sound);
	tcase_add_test(cases, long_value);
	tcase_add_test(cases, lines_are_found_by_section_and_name);
	tcase_add_loop_test_raise_signal(
	    cases, unknown_line_is_an_assertion, SIGABRT, 0, 2);
	tcase_add_test(cases, explains_every_key);
	suite_add_tcase(suite, cases);
	return suite;
}
