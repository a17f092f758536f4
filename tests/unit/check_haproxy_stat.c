#include "base/haproxy_stat.h"

#include <stdlib.h>

#include "base/text.h"
#include "unit.h"

/* From HAProxy 2.6.12, cut after the last column that is read. */
#define HEADER "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin\n"
#define UP                                                                               \
	"b,cc1,0,0,3,5,1000,17,1,2,,0,,0,0,0,0,UP 2/3,1,1,0,0,1,42,0,,1,2,1,,0,,2,0,,0," \
	"L7OK,200,1,,,\n"
#define PAGE                                                                             \
	"b,page:cmonhachk,0,0,0,0,,0,0,0,,0,,0,0,0,0,no check,1,1,0,,,42,,,1,2,2,,0,,2," \
	"0,,0,,,,\n"
#define UNCHECKED                                                                      \
	"c,cc2,0,0,0,0,,0,0,0,,0,,0,0,0,0,no check,1,1,0,,,7,,,1,2,2,,0,,2,0,,0,,"

static char *copy, *rest;
static struct haproxy_server server;

static void
read_from(const char *output)
{
	free(copy);
	copy = rest = copy_string(output);
}

START_TEST(servers)
{
	read_from(
	    "Name: HAProxy\nVersion: 2.6.12\n\n" HEADER UP PAGE "\n" UNCHECKED "\n");
	ck_assert(haproxy_next_server(&rest, &server));
	ck_assert_str_eq(server.backend, "b");
	ck_assert_str_eq(server.name, "cc1");
	ck_assert_str_eq(server.status, "UP 2/3");
	ck_assert_str_eq(server.check, "L7OK");
	ck_assert_str_eq(server.check_code, "200");
	ck_assert_int_eq(server.since, 42);
	ck_assert_int_eq(server.sessions, 3);
	ck_assert(haproxy_next_server(&rest, &server));
	ck_assert_str_eq(server.backend, "c");
	ck_assert_str_eq(server.status, "no check");
	ck_assert_str_eq(server.check, "");
	ck_assert_str_eq(server.check_code, "");
	ck_assert_int_eq(server.since, 7);
	ck_assert(!haproxy_next_server(&rest, &server));
	ck_assert(!haproxy_next_server(&rest, &server));
}
END_TEST

/* An output that ended early, and one of a command that HAProxy does not know. */
START_TEST(no_servers)
{
	static const char *const outputs[] = {"", "\n", HEADER, HEADER "b,cc1,0,0,3,5",
	    "Unknown command: 'show', but maybe one of the following ones is a better "
	    "match:\n  quit : disconnect\n"};

	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		read_from(outputs[i]);
		ck_assert(!haproxy_next_server(&rest, &server));
	}
	rest = NULL;
	ck_assert(!haproxy_next_server(&rest, &server));
	free(copy);
	copy = NULL;
}
END_TEST

/* A key is a whole one; the last line may have no end, and no line any. */
START_TEST(info)
{
	static const struct {
		const char *output, *key, *value;
	} rows[] = {
	    {"Name: HAProxy\nVersion: 2.6.12\nPid: 4711\n", "Version", "2.6.12"},
	    {"Name: HAProxy\nVersion: 2.6.12\nPid: 4711", "Pid", "4711"},
	    {"Name: HAProxy\nOldPid: 7\nPid: 4711\r\nx: y\n", "Pid", "4711"},
	    {"Name: HAProxy\nnode: \nPid: 4711\n", "node", ""},
	    {"Name: HAProxy\nOldPid: 7\n", "Pid", NULL},
	    {"Name: HAProxy\nPid=7\n", "Pid", NULL},
	    {"", "Pid", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *value = haproxy_info(rows[i].output, rows[i].key);

		if (rows[i].value)
			ck_assert_str_eq(value, rows[i].value);
		else
			ck_assert_ptr_null(value);
		free(value);
	}
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("haproxy_stat");
	TCase *cases = tcase_create("all");

	tcase_add_test(cases, servers);
	tcase_add_test(cases, no_servers);
	tcase_add_test(cases, info);
	suite_add_tcase(suite, cases);
	return suite;
}
