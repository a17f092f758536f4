#include <arpa/inet.h>
#include <string.h>

#include "base/address.h"
#include "unit.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define NO_ADDRESS "is not an IPv4 or IPv6 address"
#define NO_LENGTH  "has an invalid prefix length"

static struct address
address(const char *text)
{
	struct address address = {0};

	ck_assert_msg(!address_parse(text, &address), "\"%s\" is no address", text);
	return address;
}

static struct prefix
prefix(const char *text)
{
	struct prefix prefix;

	ck_assert_msg(!prefix_parse(text, &prefix), "\"%s\" is no prefix", text);
	return prefix;
}

/* What goes in, how it is written again (NULL: refused), and how in a URL. */
static const struct {
	const char *text, *again, *url;
} addresses[] = {
    {"10.0.0.1", "10.0.0.1", "10.0.0.1"},
    {"0.0.0.0", "0.0.0.0", "0.0.0.0"},
    {"255.255.255.255", "255.255.255.255", "255.255.255.255"},
    {"::", "::", "[::]"},
    {"2001:DB8:0:0::1", "2001:db8::1", "[2001:db8::1]"},
    {"::ffff:10.0.0.1", "::ffff:10.0.0.1", "[::ffff:10.0.0.1]"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]"},
    {"", NULL, NULL},
    {"10.0.0", NULL, NULL},
    {"10.0.0.256", NULL, NULL},
    {"10.0.0.01", NULL, NULL},
    {"10.0.0.1.2", NULL, NULL},
    {" 10.0.0.1", NULL, NULL},
    {"10.0.0.1 ", NULL, NULL},
    {"10.0.0.1/24", NULL, NULL},
    {"167772161", NULL, NULL},
    {"0x0a000001", NULL, NULL},
    {"[2001:db8::1]", NULL, NULL},
    {"fe80::1%eth0", NULL, NULL},
    {"2001:db8::1::2", NULL, NULL},
    {"2001:db8:::1", NULL, NULL},
    {":", NULL, NULL},
    {"cc1", NULL, NULL},
    {"cc1.example.com", NULL, NULL},
};

START_TEST(address_text)
{
	const char *text = addresses[_i].text;
	struct address found = {.family = 99};
	char buffer[ADDRESS_TEXT_MAX];
	const char *reason = address_parse(text, &found);

	if (!addresses[_i].again) {
		ck_assert_msg(reason != NULL, "\"%s\" is accepted", text);
		ck_assert_str_eq(reason, NO_ADDRESS);
		ck_assert_int_eq(found.family, 99);
		return;
	}
	ck_assert_msg(!reason, "\"%s\" is refused", text);
	ck_assert_int_eq(found.family, strchr(text, ':') ? AF_INET6 : AF_INET);
	ck_assert_str_eq(address_format(&found, buffer), addresses[_i].again);
	ck_assert_str_eq(address_format_url(&found, buffer), addresses[_i].url);
}
END_TEST

START_TEST(no_address_text)
{
	struct address none = {0};
	char buffer[ADDRESS_TEXT_MAX];

	ck_assert_str_eq(address_format(&none, buffer), "none");
	ck_assert_str_eq(address_format_url(&none, buffer), "none");
}
END_TEST

static const struct {
	const char *text, *again, *reason;
	int length;
} prefixes[] = {
    {"10.0.0.200/24", "10.0.0.200/24", NULL, 24},
    {"10.0.0.200", "10.0.0.200", NULL, -1},
    {"0.0.0.0/0", "0.0.0.0/0", NULL, 0},
    {"::/0", "::/0", NULL, 0},
    {"10.0.0.200/1", "10.0.0.200/1", NULL, 1},
    {"10.0.0.200/32", "10.0.0.200/32", NULL, 32},
    {"2001:db8::c8/64", "2001:db8::c8/64", NULL, 64},
    {"2001:db8::c8/128", "2001:db8::c8/128", NULL, 128},
    {"2001:db8::c8", "2001:db8::c8", NULL, -1},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", NULL, 128},
    {"10.0.0.200/33", NULL, NO_LENGTH, 0},
    {"2001:db8::c8/129", NULL, NO_LENGTH, 0},
    {"10.0.0.200/x", NULL, NO_LENGTH, 0},
    {"10.0.0.200/", NULL, NO_LENGTH, 0},
    {"10.0.0.200/-1", NULL, NO_LENGTH, 0},
    {"10.0.0.200/24/24", NULL, NO_LENGTH, 0},
    {"10.0.0.200/ 24", NULL, NO_LENGTH, 0},
    {"10.0.0.200/255.255.255.0", NULL, NO_LENGTH, 0},
    {"10.0.0.200 /24", NULL, NO_ADDRESS, 0},
    {"/24", NULL, NO_ADDRESS, 0},
    {"", NULL, NO_ADDRESS, 0},
    {"0000:0000:0000:0000:0000:0000:0000:0000:0000/64", NULL, NO_ADDRESS, 0},
    {"00000000000000000000000000000000000000000000000000000000/8", NULL, NO_ADDRESS, 0},
};

START_TEST(prefix_text)
{
	const char *text = prefixes[_i].text;
	struct prefix found = {.length = -77};
	char buffer[ADDRESS_TEXT_MAX];
	const char *reason = prefix_parse(text, &found);

	if (prefixes[_i].reason) {
		ck_assert_msg(reason != NULL, "\"%s\" is accepted", text);
		ck_assert_str_eq(reason, prefixes[_i].reason);
		ck_assert_int_eq(found.length, -77);
		return;
	}
	ck_assert_msg(!reason, "\"%s\" is refused: %s", text, reason);
	ck_assert_int_eq(found.length, prefixes[_i].length);
	ck_assert_str_eq(prefix_format(&found, buffer), prefixes[_i].again);
}
END_TEST

static const struct {
	const char *prefix, *address;
	bool contains;
} networks[] = {
    {"10.0.0.200/24", "10.0.0.1", true},
    {"10.0.0.200/24", "10.0.1.1", false},
    {"10.0.0.0/25", "10.0.0.127", true},
    {"10.0.0.0/25", "10.0.0.128", false},
    {"10.0.0.0/31", "10.0.0.1", true},
    {"10.0.0.0/31", "10.0.0.2", false},
    {"10.0.0.1/32", "10.0.0.1", true},
    {"10.0.0.1/32", "10.0.0.2", false},
    {"128.0.0.0/1", "255.0.0.1", true},
    {"128.0.0.0/1", "127.0.0.1", false},
    {"0.0.0.0/0", "255.0.0.1", true},
    {"0.0.0.0/0", "::1", false},
    {"::/0", "2001:db8::1", true},
    {"10.0.0.1", "10.0.0.1", true},
    {"10.0.0.1", "10.0.0.2", false},
    {"2001:db8::/64", "2001:db8::ffff", true},
    {"2001:db8::/64", "2001:db8:0:1::1", false},
    {"2001:db8::/57", "2001:db8:0:7f::", true},
    {"2001:db8::/57", "2001:db8:0:80::", false},
    {"2001:db8::1/128", "2001:db8::1", true},
    {"2001:db8::1/128", "2001:db8::2", false},
    {"10.0.0.0/8", "::ffff:10.0.0.1", false},
    {"a00::/8", "10.0.0.1", false},
    {"2001:db8::1", "10.0.0.1", false},
};

START_TEST(network_contains)
{
	struct prefix network = prefix(networks[_i].prefix);
	struct address member = address(networks[_i].address);

	ck_assert_msg(prefix_contains(&network, &member) == networks[_i].contains,
	    "%s in %s", networks[_i].address, networks[_i].prefix);
}
END_TEST

static const struct {
	const char *text, *unmapped;
} mapped_prefixes[] = {
    {"::ffff:10.0.9.5", "10.0.9.5"},
    {"::ffff:a00:905", "10.0.9.5"},
    {"::ffff:10.0.9.5/128", "10.0.9.5/32"},
    {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
    {"::ffff:0:0/96", "0.0.0.0/0"},
    {"::ffff:0:0/95", NULL},
    {"10.0.9.5/24", "10.0.9.5/24"},
    {"2001:db8::/32", "2001:db8::/32"},
    {"::/0", "::/0"},
    {"::10.0.9.5", "::10.0.9.5"},
};

START_TEST(mapped_prefix)
{
	struct prefix found = prefix(mapped_prefixes[_i].text);
	char buffer[ADDRESS_TEXT_MAX];
	const char *reason = prefix_unmap(&found);

	if (mapped_prefixes[_i].unmapped)
		ck_assert_str_eq(
		    prefix_format(&found, buffer), mapped_prefixes[_i].unmapped);
	ck_assert_msg(!reason == (mapped_prefixes[_i].unmapped != NULL), "%s",
	    mapped_prefixes[_i].text);
}
END_TEST

/* The words must be among the reason; NULL: usable. */
static const struct {
	const char *address, *words;
} usables[] = {
    {"10.0.0.1", NULL},
    {"223.255.255.255", NULL},
    {"1.0.0.0", NULL},
    {"169.254.1.1", NULL},
    {"2001:db8::1", NULL},
    {"fd00::1", NULL},
    {"127.0.0.1", "loopback"},
    {"127.255.0.9", "loopback"},
    {"::1", "loopback"},
    {"0.0.0.0", "not a host's"},
    {"0.1.2.3", "not a host's"},
    {"::", "not a host's"},
    {"224.0.0.18", "multicast"},
    {"255.255.255.255", "broadcast"},
    {"ff02::12", "multicast"},
    {"fe80::1", "link-local"},
    {"::ffff:10.0.0.1", "IPv4-mapped"},
};

START_TEST(usable)
{
	struct address found = address(usables[_i].address);
	const char *reason = address_unusable(&found);

	if (usables[_i].words)
		ck_assert_msg(reason && strstr(reason, usables[_i].words), "%s: %s",
		    usables[_i].address, reason ? reason : "usable");
	else
		ck_assert_msg(!reason, "%s %s", usables[_i].address, reason);
}
END_TEST

START_TEST(equality)
{
	struct address four = address("10.0.0.1"), other = address("10.0.0.2");
	struct address six = address("2001:db8::1"), none = {0};
	/* An IPv4 address is not equal to the IPv6 address with the same first bytes.
	 */
	struct address begins_alike = address("0a00:0001::");

	ck_assert(address_equal(&four, &four));
	ck_assert(address_equal(&six, &six));
	ck_assert(!address_equal(&four, &other));
	ck_assert(!address_equal(&four, &six));
	ck_assert(!address_equal(&four, &begins_alike));
	ck_assert(!address_equal(&none, &none));
	/* Only the first four bytes of an IPv4 address are compared. */
	other = four;
	other.v6.s6_addr[15] = 1;
	ck_assert(address_equal(&four, &other));
}
END_TEST

START_TEST(loopback)
{
	struct address none = {0};
	struct address four = address("127.3.2.1"), six = address("::1");
	struct address outside = address("128.0.0.1"), seven = address("7f00::1");

	ck_assert(address_is_loopback(&four));
	ck_assert(address_is_loopback(&six));
	ck_assert(!address_is_loopback(&outside));
	ck_assert(!address_is_loopback(&seven));
	ck_assert(!address_is_loopback(&none));
}
END_TEST

START_TEST(socket_names)
{
	struct sockaddr_storage name;
	struct sockaddr_in6 mapped = {.sin6_family = AF_INET6};
	struct sockaddr unix_name = {.sa_family = AF_UNIX};
	struct address four = address("10.0.0.1"), six = address("2001:db8::1"), found;

	ck_assert_uint_eq(
	    address_to_socket(&four, 9201, &name), sizeof(struct sockaddr_in));
	ck_assert_int_eq(ntohs(((struct sockaddr_in *)&name)->sin_port), 9201);
	ck_assert(address_from_socket((struct sockaddr *)&name, &found));
	ck_assert(address_equal(&found, &four));

	ck_assert_uint_eq(
	    address_to_socket(&six, 65535, &name), sizeof(struct sockaddr_in6));
	ck_assert_int_eq(ntohs(((struct sockaddr_in6 *)&name)->sin6_port), 65535);
	ck_assert(address_from_socket((struct sockaddr *)&name, &found));
	ck_assert(address_equal(&found, &six));

	ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:10.0.0.1", &mapped.sin6_addr), 1);
	ck_assert(address_from_socket((struct sockaddr *)&mapped, &found));
	ck_assert(address_equal(&found, &four));

	ck_assert(!address_from_socket(&unix_name, &found));
	ck_assert(address_equal(&found, &four));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("address");
	TCase *cases = tcase_create("address");

	tcase_add_loop_test(cases, address_text, 0, ROWS(addresses));
	tcase_add_test(cases, no_address_text);
	tcase_add_loop_test(cases, prefix_text, 0, ROWS(prefixes));
	tcase_add_loop_test(cases, network_contains, 0, ROWS(networks));
	tcase_add_loop_test(cases, mapped_prefix, 0, ROWS(mapped_prefixes));
	tcase_add_loop_test(cases, usable, 0, ROWS(usables));
	tcase_add_test(cases, equality);
	tcase_add_test(cases, loopback);
	tcase_add_test(cases, socket_names);
	suite_add_tcase(suite, cases);
	return suite;
}
