#include "base/network.h"
#include "parsed.h"
#include "unit.h"

static void
add_local(struct local_addresses *addresses, const char *text)
{
	struct local_address *local = &addresses->at[addresses->count++];

	ck_assert(!prefix_parse(text, &local->prefix));
	strcpy(local->interface, "eth1");
}

START_TEST(finds_itself)
{
	struct local_addresses *none = allocate(sizeof(*none));
	struct local_addresses *own = allocate(sizeof(*own));
	const char *reason = NULL;

	ck_assert_int_eq(parsed_from(VIP NODES), 0);
	add_local(own, "127.0.0.1/8");
	add_local(own, "10.0.0.102/24");
	ck_assert_ptr_eq(cluster_find_self(parsed_cluster, NULL, own, &reason),
	    &parsed_cluster->nodes[1]);
	ck_assert_ptr_null(reason);
	ck_assert_ptr_eq(cluster_find_self(parsed_cluster, "cc3", own, &reason),
	    &parsed_cluster->nodes[2]);
	ck_assert_ptr_null(cluster_find_self(parsed_cluster, "cc4", own, &reason));
	ck_assert_str_eq(reason, "no node of that name in the cluster file");
	ck_assert_ptr_null(cluster_find_self(parsed_cluster, NULL, none, &reason));
	ck_assert_str_eq(reason,
	    "no node has an address of this host; add a [node] section for it, or use --node NAME");
	add_local(own, "10.0.0.101/32");
	ck_assert_ptr_null(cluster_find_self(parsed_cluster, NULL, own, &reason));
	ck_assert_str_eq(reason,
	    "this host has the addresses of more than one node; use --node NAME");
	free(none);
	free(own);
}
END_TEST

START_TEST(finds_nodes)
{
	ck_assert_int_eq(
	    parsed_from(VIP CC1 CC2 "roles = proxy\n" CC3 "roles = controller\n"), 0);
	ck_assert_ptr_eq(
	    cluster_node(parsed_cluster, "cc2"), &parsed_cluster->nodes[1]);
	ck_assert_ptr_null(cluster_node(parsed_cluster, "cc"));
	ck_assert_ptr_null(cluster_node(parsed_cluster, "CC2"));
	ck_assert_uint_eq(cluster_count(parsed_cluster, NODE_PROXY), 2);
	ck_assert_uint_eq(cluster_count(parsed_cluster, NODE_CONTROLLER), 2);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("cluster");
	TCase *cases = tcase_create("cluster");

	tcase_add_checked_fixture(cases, parsed_begin, parsed_end);
	tcase_add_test(cases, finds_itself);
	tcase_add_test(cases, finds_nodes);
	suite_add_tcase(suite, cases);
	return suite;
}
