#include "base/network.h"
#include "parsed.h"
#include "plan/vip.h"
#include "unit.h"

static struct local_addresses *addresses;
static struct host_facts facts;

static void
begin(void)
{
	parsed_begin();
	addresses = allocate(sizeof(*addresses));
	facts = (struct host_facts){.addresses = addresses, .interface = "eth1"};
}

static void
end(void)
{
	free(addresses);
	parsed_end();
}

static void
add_local(const char *interface, const char *text)
{
	struct local_address *local = &addresses->at[addresses->count++];

	ck_assert_ptr_null(prefix_parse(text, &local->prefix));
	strcpy(local->interface, interface);
}

static void
expect_vip(const char *given, const char *wanted)
{
	char text[ADDRESS_TEXT_MAX];
	struct prefix vip, complete;

	ck_assert_ptr_null(prefix_parse(given, &vip));
	complete = vip_complete(&vip, &facts);
	ck_assert_str_eq(prefix_format(&complete, text), wanted);
}

START_TEST(lengths)
{
	add_local("eth0", "10.9.0.1/16");
	add_local("eth0", "2001:db8:9::1/48");
	expect_vip("10.0.0.200", "10.0.0.200/32");
	expect_vip("2001:db8::c8", "2001:db8::c8/128");
	add_local("eth1", "fe80::1/10");
	add_local("eth1", "10.0.0.101/24");
	add_local("eth1", "10.1.0.101/20");
	add_local("eth1", "2001:db8::101/64");
	add_local("eth1", "2001:db8:1::101/56");
	expect_vip("10.0.0.200", "10.0.0.200/24");
	expect_vip("2001:db8::c8", "2001:db8::c8/64");
	/* Not the first network of the interface, but that of the VIP. */
	expect_vip("10.1.0.200", "10.1.0.200/20");
	expect_vip("2001:db8:1::c8", "2001:db8:1::c8/56");
	expect_vip("10.2.0.200", "10.2.0.200/32");
	add_local("eth1", "10.16.0.5/8");
	expect_vip("10.0.0.200", "10.0.0.200/24");
	expect_vip("10.2.0.200", "10.2.0.200/8");
	/* That it is active here changes nothing. */
	add_local("eth1", "10.0.0.200/28");
	expect_vip("10.0.0.200", "10.0.0.200/24");
	expect_vip("10.0.0.200/28", "10.0.0.200/28");
	expect_vip("2001:db8::c8/128", "2001:db8::c8/128");
}
END_TEST

#define OFF_LINK(vip, interface)                                                                                        \
	"f: [cluster] vip: warning: " vip                                                                               \
	" is not in any subnet of interface " interface " of this node, and no route of this node has it there: other " \
	"hosts reach it only if the network expects it on this interface\n"
#define OTHER(vip)                                                                     \
	"f: [cluster] vip: " vip " is in the network of interface eth9 of this node, " \
	"not of eth1: set interface = eth9\n"
#define LENGTH(vip, interface, network)                                                \
	"f: [cluster] vip: warning: " vip " has another length than the network of "   \
	"interface " interface " of this node, " network ": leave out the length, or " \
	"correct it\n"

static const struct {
	const char *vips, *interface, *problems;
} subnets[] = {
    {"10.0.0.200", "eth1", ""},
    {"10.0.0.200/32", "eth1", ""},
    {"10.0.0.200/24", "eth1", ""},
    {"10.0.1.200", "eth1", OFF_LINK("10.0.1.200", "eth1")},
    {"10.9.0.200, 10.0.0.200, 2001:db8::c8", "eth1",
	OTHER("10.9.0.200") OTHER("2001:db8::c8")},
    {"10.9.0.200, 2001:db8::c8", "eth9", ""},
    /* An active VIP is an address of the interface, but not its subnet. */
    {"10.7.0.200", "eth1", OFF_LINK("10.7.0.200", "eth1")},
    /* What this node's network contradicts. */
    {"10.0.0.200/8", "eth1", LENGTH("10.0.0.200/8", "eth1", "10.0.0.101/24")},
    {"10.0.0.200/25", "eth1", LENGTH("10.0.0.200/25", "eth1", "10.0.0.101/24")},
    {"2001:db8::c8/48", "eth9", LENGTH("2001:db8::c8/48", "eth9", "2001:db8::1/64")},
    {"10.0.0.255", "eth1",
	"f: [cluster] vip: 10.0.0.255 is the broadcast address of its network: "
	"interface eth1 of this node has 10.0.0.101/24\n"},
    {"10.0.0.0/16", "eth1",
	"f: [cluster] vip: 10.0.0.0/16 is the address of a network, not of a host: "
	"interface eth1 of this node has 10.0.0.101/24\n"},
};

START_TEST(subnet)
{
	char *content =
	    format_string("[cluster]\nvip = %s, 10.0.0.201\n" NODES, subnets[_i].vips);

	parsed_from(content);
	text_clear(&parsed_problems.lines);
	parsed_cluster->vips.count--;
	add_local("eth1", "10.0.0.101/24");
	add_local("eth1", "10.7.0.200/16");
	add_local("eth9", "10.9.0.1/16");
	add_local("eth9", "2001:db8::1/64");
	strcpy(facts.interface, subnets[_i].interface);
	vip_check_subnets(parsed_cluster, &facts, (struct place){0, "cluster", "vip"},
	    &parsed_problems);
	parsed_expect(subnets[_i].problems);
	free(content);
}
END_TEST

static const struct {
	const char *vip, *url;
	struct forward forward;
} urls[] = {
    {"10.0.0.200", "http://10.0.0.200:81/", {.listen = 81, .port = 80, .http = true}},
    {"10.0.0.200", "https://10.0.0.200:443/", {.listen = 443, .port = 443}},
    {"fd00::2", "https://[fd00::2]:65535/", {.listen = 65535, .port = 19501}},
};

START_TEST(url)
{
	struct address vip;
	char buffer[VIP_URL_MAX];

	ck_assert(!address_parse(urls[_i].vip, &vip));
	ck_assert_str_eq(vip_url(&vip, &urls[_i].forward, buffer), urls[_i].url);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("vip");
	TCase *cases = tcase_create("vip");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, lengths);
	tcase_add_loop_test(cases, subnet, 0, sizeof(subnets) / sizeof(subnets[0]));
	tcase_add_loop_test(cases, url, 0, sizeof(urls) / sizeof(urls[0]));
	suite_add_tcase(suite, cases);
	return suite;
}
