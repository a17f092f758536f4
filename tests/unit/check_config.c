/*
 * Which cluster file counts, which node this is then and which controllers it queries;
 * and the same when something is missing or wrong.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "probe/cmon_env.h"
#include "probe/config.h"
#include "local_address.h"
#include "scratch.h"
#include "unit.h"

#define PIN "sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4="
#define CLUSTER                                                                                              \
	"[cluster]\nvip = 10.9.0.200/24\n[check]\nallow = 192.0.2.0/24, fd00::5\n"                           \
	"deadline = 500ms\nrpc_port = 19501\nquorum = no\nsource = s9s\n"                                    \
	"s9s_home = /srv/s9s\nlistener_users = nobody, 4711, no-such-user\n[ui]\nforward = 81:80, 444:443\n" \
	"[node cc1]\naddress = 10.9.0.101\n[node cc2]\naddress = 10.9.0.102\npin = " PIN                     \
	"\n"                                                                                                 \
	"[node lb1]\naddress = 10.9.0.103\nroles = proxy\n"                                                  \
	"[node cc4]\naddress = fd00::4\nroles = controller\n"

static struct config *config;

static void
make(struct config_options options)
{
	options.root = scratch;
	config = config_create(&options);
}

static void
release(void)
{
	free(config);
	config = NULL;
}

static void
expect_endpoint(
    const struct endpoint *endpoint, const char *address, int port, bool tls)
{
	char text[ADDRESS_TEXT_MAX];

	ck_assert_str_eq(address_format(&endpoint->address, text), address);
	ck_assert_int_eq(endpoint->port, port);
	ck_assert_int_eq(endpoint->tls, tls);
}

START_TEST(cluster_file_is_used)
{
	scratch_put(CLUSTER_FILE, CLUSTER, 0644);
	scratch_put(CMON_ENV_FILE, "RPC_PORT=9555\n", 0644);
	make((struct config_options){.node = "cc1"});
	ck_assert_int_eq(config->unusable, REASONS);
	ck_assert_str_eq(config->name, "cc1");
	ck_assert(!config->allow_all);
	ck_assert_uint_eq(strlen(config->cluster.checksum), 16);
	ck_assert_int_eq(config->cluster.deadline, 500);
	ck_assert(!config->cluster.quorum);
	ck_assert_int_eq(config->cluster.source, SOURCE_S9S);
	ck_assert_str_eq(config->cluster.s9s_home, "/srv/s9s");
	ck_assert_uint_eq(config->own_count, 2);
	expect_endpoint(&config->own[0], "10.9.0.101", 19501, true);
	expect_endpoint(&config->own[1], "127.0.0.1", 9555, false);
	/* Not itself, and not the proxy. */
	ck_assert_uint_eq(config->peer_count, 2);
	ck_assert_str_eq(config->peers[0].name, "cc2");
	expect_endpoint(&config->peers[0].endpoint, "10.9.0.102", 19501, true);
	ck_assert_str_eq(config->peers[0].endpoint.pins, PIN);
	expect_endpoint(&config->peers[1].endpoint, "fd00::4", 19501, true);
	ck_assert_str_eq(config->peers[1].endpoint.pins, "");
	ck_assert_uint_eq(config->cluster.forwards.count, 2);
	ck_assert_int_eq(config->cluster.forwards.at[0].port, 80);
	ck_assert_int_eq(config->cluster.forwards.at[1].port, 443);
	/* This machine does not have 10.9.0.101; the probe checks that again. */
	ck_assert(config->address_missing);
	ck_assert(trusted_users_have(&config->users, 9501, 0));
	ck_assert(trusted_users_have(&config->users, 9501, 4711));
	ck_assert(trusted_users_have(&config->users, 9501, getpwnam("nobody")->pw_uid));
	ck_assert(!trusted_users_have(&config->users, 9501, 1000));
	ck_assert(!trusted_users_have(&config->users, 1024, 1000));
	ck_assert(trusted_users_have(&config->users, 1023, 1000));
	release();
}
END_TEST

START_TEST(applied_file_counts_before_the_edited_one)
{
	scratch_put(CLUSTER_FILE, "being edited", 0644);
	scratch_put(CLUSTER_FILE_APPLIED, CLUSTER, 0644);
	make((struct config_options){.node = "cc2"});
	ck_assert_int_eq(config->unusable, REASONS);
	expect_endpoint(&config->own[0], "10.9.0.102", 19501, true);
	ck_assert(!config_is_outdated(config));
	/* Only what it was made from matters. */
	scratch_put(CLUSTER_FILE, "edited more", 0644);
	ck_assert(!config_is_outdated(config));
	scratch_put(CLUSTER_FILE_APPLIED, CLUSTER "\n", 0644);
	ck_assert(config_is_outdated(config));
	release();
}
END_TEST

START_TEST(named_file_counts_alone)
{
	scratch_put(CLUSTER_FILE_APPLIED, "being edited", 0644);
	scratch_put("elsewhere", CLUSTER, 0644);
	make((struct config_options){.node = "cc2", .file = scratch_path("elsewhere")});
	ck_assert_int_eq(config->unusable, REASONS);
	unlink(scratch_path(CLUSTER_FILE_APPLIED));
	ck_assert(!config_is_outdated(config));
	unlink(scratch_path("elsewhere"));
	ck_assert(config_is_outdated(config));
	release();
}
END_TEST

START_TEST(command_line_wins_over_the_file)
{
	scratch_put(CLUSTER_FILE, CLUSTER, 0644);
	make((struct config_options){
	    .node = "cc1", .source_given = true, .source = SOURCE_RPC});
	ck_assert_int_eq(config->cluster.source, SOURCE_RPC);
	release();
}
END_TEST

static void
expect_unusable(enum reason reason, const char *part)
{
	ck_assert_int_eq(config->unusable, reason);
	ck_assert_msg(strstr(config->explanation, part), "%s", config->explanation);
}

START_TEST(what_cannot_be_used_is_explained)
{
	scratch_put(CLUSTER_FILE, "nonsense\n", 0644);
	make((struct config_options){.node = "cc1"});
	expect_unusable(REASON_NOT_CONFIGURED, CLUSTER_FILE);
	/* Which clients are allowed is not known. */
	ck_assert(!config->allow_all);
	scratch_put(CLUSTER_FILE, CLUSTER, 0644);
	ck_assert(config_is_outdated(config));
	release();

	make((struct config_options){.file = scratch_path("missing")});
	expect_unusable(REASON_NOT_CONFIGURED, "missing");
	release();
	make((struct config_options){.node = "cc3"});
	expect_unusable(REASON_NOT_A_NODE, "no node of that name");
	release();
	make((struct config_options){.node = NULL});
	expect_unusable(REASON_NOT_A_NODE, "no node has an address");
	ck_assert(!config->allow_all);
	release();
	make((struct config_options){.node = "lb1"});
	ck_assert_int_eq(config->unusable, REASON_NOT_A_CONTROLLER);
	release();
	make((struct config_options){.node = "cc1", .fault = "\"--x\" is no option"});
	expect_unusable(REASON_NOT_CONFIGURED, "--x");
	release();
}
END_TEST

/* The recipe's script replaced, and nothing else there. */
START_TEST(without_a_cluster_file_the_default_is_used)
{
	make((struct config_options){.node = NULL});
	ck_assert_int_eq(config->unusable, REASONS);
	ck_assert_uint_eq(config->own_count, 2);
	expect_endpoint(&config->own[0], "127.0.0.1", 9501, true);
	expect_endpoint(&config->own[1], "127.0.0.1", 9500, false);
	ck_assert_uint_eq(config->peer_count + config->cluster.forwards.count, 0);
	ck_assert(!config->cluster.quorum);
	ck_assert_int_eq(config->cluster.source, SOURCE_AUTO);
	ck_assert_int_eq(config->cluster.deadline, 800);
	ck_assert_str_eq(config->cluster.checksum, "");
	ck_assert(config->allow_all);
	ck_assert(!config_is_outdated(config));
	scratch_put(CMON_ENV_FILE, "RPC_PORT=9555\n", 0644);
	ck_assert(config_is_outdated(config));
	release();
	make((struct config_options){.node = NULL});
	expect_endpoint(&config->own[1], "127.0.0.1", 9555, false);
	scratch_put(CLUSTER_FILE_APPLIED, CLUSTER, 0644);
	ck_assert(config_is_outdated(config));
	release();
}
END_TEST

/* The controller listens on the loopback address too then. */
START_TEST(wildcard_bind_address_is_no_address)
{
	scratch_put(CMON_ENV_FILE,
	    "RPC_BIND_ADDRESSES=\"10.254.254.254\"\nRPC_BIND_ADDRESSES=\"0.0.0.0,::\"\n",
	    0644);
	make((struct config_options){.node = NULL});
	ck_assert_int_eq(config->unusable, REASONS);
	ck_assert_uint_eq(config->own_count, 2);
	expect_endpoint(&config->own[0], "127.0.0.1", 9501, true);
	ck_assert_int_eq(config->address.family, AF_UNSPEC);
	release();
}
END_TEST

/* Needs a network besides the loopback. */
START_TEST(own_bind_address_is_found)
{
	char *content, own[ADDRESS_TEXT_MAX];

	if (!local_address_find(own))
		return;
	content = format_string(
	    "RPC_BIND_ADDRESSES=\"127.0.0.1,10.254.254.254,no.such.host.invalid,%s\"\n",
	    own);
	scratch_put(CMON_ENV_FILE, content, 0644);
	make((struct config_options){.node = NULL});
	ck_assert_uint_eq(config->own_count, 3);
	expect_endpoint(&config->own[0], own, 9501, true);
	expect_endpoint(&config->own[1], "127.0.0.1", 9501, true);
	release();
	free(content);
}
END_TEST

/* A name that resolves to this machine, given by a getent of the test's. */
START_TEST(own_host_name_is_resolved)
{
	char *script, own[ADDRESS_TEXT_MAX];

	if (!local_address_find(own))
		return;
	script = format_string("#!/bin/sh\n[ \"$*\" = 'ahosts cc1.test' ] || exit 2\n"
			       "echo '127.0.1.1  STREAM cc1'\necho '%s STREAM'\n",
	    own);
	scratch_put("bin/getent", script, 0755);
	free(script);
	script = format_string("%s:/usr/bin:/bin", scratch_path("bin"));
	setenv("PATH", script, 1);
	scratch_put(CMON_ENV_FILE, "RPC_BIND_ADDRESSES=cc1.test\n", 0644);
	make((struct config_options){.node = NULL});
	expect_endpoint(&config->own[0], own, 9501, true);
	release();
	free(script);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *cases = tcase_create("config");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_test(cases, cluster_file_is_used);
	tcase_add_test(cases, applied_file_counts_before_the_edited_one);
	tcase_add_test(cases, named_file_counts_alone);
	tcase_add_test(cases, command_line_wins_over_the_file);
	tcase_add_test(cases, what_cannot_be_used_is_explained);
	tcase_add_test(cases, without_a_cluster_file_the_default_is_used);
	tcase_add_test(cases, wildcard_bind_address_is_no_address);
	tcase_add_test(cases, own_bind_address_is_found);
	tcase_add_test(cases, own_host_name_is_resolved);
	suite_add_tcase(suite, cases);
	return suite;
}
