#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/keys.h"
#include "cluster/skeleton.h"
#include "unit.h"

#define THREE "cc1=10.0.0.101, cc2 = 10.0.0.102,cc3=10.0.0.103"

static struct skeleton skeleton;
static struct text file;
static struct problems problems;
static struct cluster *cluster;

static void
begin(void)
{
	skeleton = (struct skeleton){.nodes = THREE};
	file = (struct text){0};
	problems = (struct problems){.file = "f"};
	cluster = allocate(sizeof(*cluster));
}

static void
end(void)
{
	text_free(&file);
	problems_free(&problems);
	free(cluster);
}

static void
set(const char *section, const char *key, const char *value)
{
	skeleton.settings[skeleton.count++] = (struct setting){section, key, value};
}

/* Writes the file and reads it again: nothing may be wrong with it. */
static void
write_and_read(void)
{
	const char *reason = skeleton_write(&skeleton, &file);

	ck_assert_msg(!reason, "%s", reason);
	cluster_parse(&file, cluster, &problems);
	ck_assert_str_eq(text_string(&problems.lines), "");
}

static void
describe_prefixes(const struct prefix_list *list, struct text *text)
{
	char name[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < list->count; i++)
		text_addf(text, "%s ", prefix_format(&list->at[i], name));
	text_addf(text, "\n");
}

/* Everything in a cluster, but for its lines and checksum. */
static void
describe(const struct cluster *all, struct text *text)
{
	char name[ADDRESS_TEXT_MAX];

	describe_prefixes(&all->vips, text);
	text_addf(text, "%s %d %d %d %d\n", all->interface, all->virtual_router_id,
	    all->advert_interval, all->lost_adverts, all->preempt);
	for (size_t i = 0; i < all->forwards.count; i++)
		text_addf(text, "%d:%d/%d ", all->forwards.at[i].listen,
		    all->forwards.at[i].port, all->forwards.at[i].http);
	text_addf(text, "\n%d %d %d %d %d %d %d\n", all->stats, all->stats_bind,
	    all->stats_admin, all->client_connections, all->request_timeout,
	    all->cut_sessions, all->show);
	text_addf(text, "%d %d %d %d %d %d %d\n", all->check_port, all->server,
	    all->source, all->interval, all->deadline, all->quorum, all->rpc_port);
	describe_prefixes(&all->allow, text);
	text_addf(text, "%s %d\n", all->s9s_home, all->services_line);
	for (size_t i = 0; i < all->node_count; i++)
		text_addf(text, "%s %s %s %d %u\n", all->nodes[i].name,
		    address_format(&all->nodes[i].address, name),
		    all->nodes[i].interface, all->nodes[i].priority,
		    all->nodes[i].roles);
}

/* The same cluster as that of the other file. */
static void
assert_same_model(const char *content)
{
	struct cluster *other = allocate(sizeof(*other));
	struct text text = {0}, wanted = {0}, found = {0};

	text_addf(&text, "%s", content);
	ck_assert_int_eq(cluster_parse(&text, other, &problems), 0);
	describe(other, &wanted);
	describe(cluster, &found);
	ck_assert_str_eq(found.data, wanted.data);
	text_free(&text);
	text_free(&wanted);
	text_free(&found);
	free(other);
}

START_TEST(least)
{
	set("cluster", "vip", "10.0.0.200/24");
	write_and_read();
	assert_same_model(
	    "[cluster]\nvip=10.0.0.200/24\n[node cc1]\naddress=10.0.0.101\n"
	    "[node cc2]\naddress=10.0.0.102\n[node cc3]\naddress=10.0.0.103\n");
}
END_TEST

START_TEST(everything)
{
	set("cluster", "vip", "10.0.0.200/24, 10.0.0.201");
	set("cluster", "interface", "eth1");
	set("cluster", "virtual_router_id", "7");
	set("cluster", "advert_interval", "1s");
	set("cluster", "lost_adverts", "9");
	set("cluster", "preempt", "yes");
	set("ui", "forward", "81:443, 82:80");
	set("ui", "stats", "off");
	set("ui", "cut_sessions", "no");
	set("ui", "show", "any");
	set("ui", "client_connections", "off");
	set("ui", "request_timeout", "5s");
	set("ui", "stats_bind", "node");
	set("ui", "stats_admin", "yes");
	set("check", "port", "9999");
	set("check", "server", "systemd");
	set("check", "source", "s9s");
	set("check", "interval", "2s");
	set("check", "deadline", "3s");
	set("check", "quorum", "no");
	set("check", "rpc_port", "9511");
	set("check", "allow", "192.0.2.0/24");
	set("check", "listener_users", "a, 5");
	set("check", "s9s_home", "/srv");
	set("check", "services_line", "no");
	write_and_read();
	assert_same_model(
	    "[cluster]\nvip=10.0.0.200/24, 10.0.0.201\ninterface=eth1\n"
	    "virtual_router_id=7\nadvert_interval=1s\nlost_adverts=9\npreempt=yes\n"
	    "[ui]\nforward=81:443, 82:80\nstats=off\ncut_sessions=no\nshow=any\n"
	    "client_connections=off\nrequest_timeout=5s\nstats_bind=node\n"
	    "stats_admin=yes\n"
	    "[check]\nport=9999\nserver=systemd\nsource=s9s\ninterval=2s\n"
	    "deadline=3s\nquorum=no\nrpc_port=9511\nallow=192.0.2.0/24\n"
	    "listener_users=a, 5\ns9s_home=/srv\nservices_line=no\n"
	    "[node cc1]\naddress=10.0.0.101\n[node cc2]\naddress=10.0.0.102\n"
	    "[node cc3]\naddress=10.0.0.103\n");
}
END_TEST

/* Nothing is left out of the test above when a key is added. */
START_TEST(everything_is_everything)
{
	size_t count = 0;

	for (size_t i = 0; i < key_count; i++)
		count += keys[i].section != SECTION_NODE;
	ck_assert_uint_eq(count, 25);
	ck_assert_uint_le(count, SETTINGS_MAX);
}
END_TEST

START_TEST(the_last_word_counts)
{
	set("ui", "stats", "9700");
	set("cluster", "vip", "10.0.0.200");
	set("ui", "stats", "9800");
	write_and_read();
	ck_assert_int_eq(cluster->stats, 9800);
	ck_assert_ptr_null(strstr(file.data, "9700"));
}
END_TEST

/* Every other key is there as a comment with its default, and as that it can be used.
 */
START_TEST(explains_itself)
{
	struct text without_marks = {0};

	set("cluster", "vip", "10.0.0.200");
	write_and_read();
	for (size_t i = 0; i < key_count && keys[i].section != SECTION_NODE; i++) {
		char wanted[256];

		if (strcmp(keys[i].name, "vip") == 0)
			snprintf(wanted, sizeof(wanted), "\nvip = 10.0.0.200\n");
		else if (keys[i].default_text)
			snprintf(wanted, sizeof(wanted), "\n#%s =    (default: %s)\n",
			    keys[i].name, keys[i].default_text);
		else
			snprintf(wanted, sizeof(wanted), "\n#%s = %s\n", keys[i].name,
			    keys[i].default_value);
		ck_assert_msg(strstr(file.data, wanted), "%s", wanted);
	}
	ck_assert_ptr_nonnull(strstr(file.data,
	    "\n\n# VRRP virtual router ID. Must be unique on the network segment: two "
	    "clusters\n# with the same ID disturb each other.\n"
	    "#virtual_router_id = 51\n\n# VRRP advertisement interval."));
	for (char *line = strtok(file.data, "\n"); line; line = strtok(NULL, "\n")) {
		ck_assert_msg(strlen(line) <= 80, "%s", line);
		if (line[0] != '#')
			text_addf(&without_marks, "%s\n", line);
		else if (!strchr(" \t", line[1]) && !strstr(line, "(default:"))
			text_addf(&without_marks, "%s\n", line + 1);
	}
	ck_assert_int_eq(cluster_parse(&without_marks, cluster, &problems), 0);
	text_free(&without_marks);
}
END_TEST

static const struct {
	const char *section, *key, *nodes, *reason;
} wrongs[] = {
    {"cluster", "vips", THREE, "names a key that does not exist"},
    {"Cluster", "vip", THREE, "names a key that does not exist"},
    {"node", "priority", THREE, "names a key that does not exist"},
    {"node cc1", "priority", THREE, "names a key that does not exist"},
    {"", "", THREE, "names a key that does not exist"},
    {"ui", "port", THREE, "names a key that does not exist"},
    {"ui", "stats", "10.0.0.101", "must be a list of NAME=ADDRESS"},
    {"ui", "stats", "cc1=10.0.0.101,", "must be a list of NAME=ADDRESS"},
    {"ui", "stats", "", "must be a list of NAME=ADDRESS"},
};

START_TEST(refuses)
{
	const char *reason;

	skeleton.nodes = wrongs[_i].nodes;
	set(wrongs[_i].section, wrongs[_i].key, "1");
	reason = skeleton_write(&skeleton, &file);
	ck_assert_ptr_nonnull(reason);
	ck_assert_str_eq(reason, wrongs[_i].reason);
}
END_TEST

/* What is no node or no value is left to the reader, who says where. */
START_TEST(reader_finds_the_rest)
{
	set("cluster", "vip", "10.0.0.200");
	set("ui", "stats", "many");
	skeleton.nodes = "c/c=10.0.0.101, cc2=, =10.0.0.103, cc4=10.0.0.104=5";
	ck_assert_ptr_null(skeleton_write(&skeleton, &file));
	ck_assert_int_eq(cluster_parse(&file, cluster, &problems), -1);
	ck_assert_ptr_nonnull(
	    strstr(problems.lines.data, " [ui] stats: \"many\" must be"));
	ck_assert_ptr_nonnull(strstr(problems.lines.data, " [node c/c] node name may"));
	ck_assert_ptr_nonnull(
	    strstr(problems.lines.data, " [node cc2] address: \"\" is"));
	ck_assert_ptr_nonnull(strstr(problems.lines.data, " [node] missing node name"));
	ck_assert_ptr_nonnull(
	    strstr(problems.lines.data, " [node cc4] address: \"10.0.0.104=5\" is"));
}
END_TEST

/* A value cannot bring in lines of its own. */
START_TEST(no_lines_smuggled_in)
{
	set("cluster", "vip", "10.0.0.200\npreempt = yes");
	ck_assert_ptr_nonnull(skeleton_write(&skeleton, &file));
	text_clear(&file);
	skeleton.count = 0;
	set("cluster", "vip", "10.0.0.200");
	skeleton.nodes = THREE ",x]\npriority=3\n[node y=10.0.0.7";
	ck_assert_ptr_nonnull(skeleton_write(&skeleton, &file));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("skeleton");
	TCase *cases = tcase_create("skeleton");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, least);
	tcase_add_test(cases, everything);
	tcase_add_test(cases, everything_is_everything);
	tcase_add_test(cases, the_last_word_counts);
	tcase_add_test(cases, explains_itself);
	tcase_add_loop_test(cases, refuses, 0, sizeof(wrongs) / sizeof(wrongs[0]));
	tcase_add_test(cases, reader_finds_the_rest);
	tcase_add_test(cases, no_lines_smuggled_in);
	suite_add_tcase(suite, cases);
	return suite;
}
