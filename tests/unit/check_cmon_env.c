/*
 * /etc/default/cmon in all forms that a shell accepts.
 */
#include <stdlib.h>

#include "probe/cmon_env.h"
#include "unit.h"

static const struct {
	const char *content;
	int port;
	const char *addresses; /* joined with blanks */
} files[] = {
    {"", 9500, ""},
    {"RPC_PORT=9500\nRPC_BIND_ADDRESSES=\"10.0.0.101,127.0.0.1\"\n", 9500,
	"10.0.0.101 127.0.0.1"},
    {"RPC_BIND_ADDRESSES='127.0.0.1,10.0.0.101'\nRPC_PORT=\"9999\"", 9999,
	"127.0.0.1 10.0.0.101"},
    {"RPC_BIND_ADDRESSES=10.0.0.101,::1,fd00::1\n", 9500, "10.0.0.101 ::1 fd00::1"},
    {"RPC_BIND_ADDRESSES=\n", 9500, ""},
    {"RPC_BIND_ADDRESSES=\"\"\n", 9500, ""},
    {"RPC_BIND_ADDRESSES=\" 10.0.0.1 , cc1.example.net,,\"\n", 9500,
	"10.0.0.1 cc1.example.net"},
    {"RPC_BIND_ADDRESSES=\"10.0.0.1,\\\n10.0.0.2\"\n", 9500, "10.0.0.1 10.0.0.2"},
    {"RPC_BIND_ADDRESSES=\"10.0.0.1\n10.0.0.2\"\n", 9500, "10.0.0.1 10.0.0.2"},
    {"RPC_BIND_ADDRESSES=10.0.0.'1',\"10.0.0.2\"\n", 9500, "10.0.0.1 10.0.0.2"},
    {"  export\tRPC_PORT=1234 # the port\r\n", 1234, ""},
    {"A=1; RPC_PORT=1234; B=2\n", 1234, ""},
    /* As in the shell the last one counts, and an empty one is one. */
    {"RPC_PORT=1\nRPC_PORT=2\n", 2, ""},
    {"RPC_BIND_ADDRESSES=a\nRPC_BIND_ADDRESSES=\n", 9500, ""},
    {"RPC_BIND_ADDRESSES=\"10.0.0.101,127.0.0.1\"\nRPC_BIND_ADDRESSES=\"0.0.0.0\"\n",
	9500, "0.0.0.0"},
    /* Not assignments. */
    {"# RPC_PORT=1\n", 9500, ""},
    {"#; RPC_PORT=1\n", 9500, ""},
    {"echo a # b; RPC_PORT=1\n", 9500, ""},
    {"RPC_PORT = 1\n", 9500, ""},
    {"MY_RPC_PORT=1\nRPC_PORTS=2\nrpc_port=3\n", 9500, ""},
    {"echo RPC_PORT=1\n", 9500, ""},
    /* Wrong values leave the default. */
    {"RPC_PORT=\n", 9500, ""},
    {"RPC_PORT=0\n", 9500, ""},
    {"RPC_PORT=65536\n", 9500, ""},
    {"RPC_PORT=95OO\n", 9500, ""},
    {"RPC_PORT=$PORT\n", 9500, ""},
    {"RPC_PORT=\"9501\n", 9500, ""},
    {"RPC_PORT='\nRPC_BIND_ADDRESSES=10.0.0.1\n", 9500, "10.0.0.1"},
};

static char *
join(const struct cmon_env *result)
{
	struct text joined = {0};

	text_addf(&joined, "%s", "");
	for (size_t i = 0; i < result->count; i++)
		text_addf(&joined, "%s%s", i ? " " : "", result->addresses[i]);
	return joined.data;
}

static struct cmon_env
parse_file(const char *content)
{
	struct text text = {0};
	struct cmon_env result;

	text_addf(&text, "%s", content);
	cmon_env_parse(&text, &result);
	text_free(&text);
	return result;
}

START_TEST(files_are_parsed_as_by_a_shell)
{
	struct cmon_env result = parse_file(files[_i].content);
	char *addresses = join(&result);

	ck_assert_msg(result.rpc_port == files[_i].port, "%s: %d", files[_i].content,
	    result.rpc_port);
	ck_assert_str_eq(addresses, files[_i].addresses);
	free(addresses);
}
END_TEST

START_TEST(there_are_limits)
{
	struct text content = {0};
	struct cmon_env result;

	text_addf(&content, "RPC_BIND_ADDRESSES=%0300d,b", 0);
	for (int i = 0; i < 2 * BIND_ADDRESSES_MAX; i++)
		text_addf(&content, ",%d", i);
	result = parse_file(content.data);
	ck_assert_uint_eq(result.count, BIND_ADDRESSES_MAX);
	ck_assert_str_eq(result.addresses[0], "b");
	ck_assert_str_eq(result.addresses[BIND_ADDRESSES_MAX - 1], "14");

	text_clear(&content);
	text_addf(&content, "X=\"%010000d\"\nRPC_PORT=7\n", 0);
	ck_assert_int_eq(parse_file(content.data).rpc_port, 7);
	text_free(&content);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("cmon_env");
	TCase *cases = tcase_create("cmon_env");

	tcase_add_loop_test(
	    cases, files_are_parsed_as_by_a_shell, 0, sizeof(files) / sizeof(files[0]));
	tcase_add_test(cases, there_are_limits);
	suite_add_tcase(suite, cases);
	return suite;
}
