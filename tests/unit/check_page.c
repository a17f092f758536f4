/*
 * The pages for people: the words for each state of the cluster, what is marked as good
 * or wrong, that text of other machines stays text, and what the public page keeps
 * back.
 */
#include <stdlib.h>
#include <string.h>

#include "overview/html.h"
#include "overview/page.h"
#include "probe/verdict.h"
#include "reported.h"
#include "unit.h"

static struct text page;
static const struct page_view view = {"cc2", 1796025000, 5};

static void
end(void)
{
	text_free(&page);
	reported_end();
}

static void
make(void (*add)(
    struct text *, const struct cluster *, const json_t *, const struct page_view *))
{
	json_t *judged = reported_judgement();

	text_clear(&page);
	add(&page, reported_cluster, judged, &view);
	json_decref(judged);
}

/* The body: a message of Check has a limit. */
static void
page_has(const char *words)
{
	ck_assert_msg(strstr(page.data, words) != NULL, "no \"%s\" in:\n%.3500s", words,
	    strstr(page.data, "<body>"));
}

static void
page_lacks(const char *words)
{
	ck_assert_msg(strstr(page.data, words) == NULL, "\"%s\" in:\n%.3500s", words,
	    strstr(page.data, "<body>"));
}

static void
overview_has(const char *words)
{
	make(page_add_overview);
	page_has(words);
}

static void
no_leader_has(const char *words)
{
	make(page_add_no_leader);
	page_has(words);
}

#define H1(class, words) "<h1 class=\"" class "\">" words "</h1>"

START_TEST(leader)
{
	reported_all_is_well();
	overview_has(H1("good", "cc1 is the leader"));
	overview_has("<title>cc1 is the leader</title>");
	overview_has("<span class=\"role good\">leader</span>");
	overview_has("<span class=\"role\">follower</span>");
	overview_has("<dt>Virtual IP 10.0.0.200 is on</dt><dd>cc2</dd>");
	overview_has("<dd>3 of 3</dd>");
	overview_has("<dt>Problems</dt><dd>none</dd>");
	/* Red is for what is wrong alone. */
	page_lacks("class=\"critical");
	page_lacks("class=\"role critical");
	page_lacks("class=\"warning");
}
END_TEST

START_TEST(since_when)
{
	reported_all_is_well();
	reported_answer(0, true, false, ",\"since_ms\":12345678");
	overview_has("<dt>cc1 has led for</dt><dd>3 h 25 min<small>since <time "
		     "datetime=\"2026-11-30T04:24:15Z\">2026-11-30 04:24:15 "
		     "UTC</time></small></dd>");
	overview_has("As seen by cc2 at <time datetime=\"2026-11-30T07:50:00Z\">");
}
END_TEST

START_TEST(no_leader)
{
	reported_all_is_well();
	reported_answer(0, false, false, "");
	overview_has(H1("critical", "There is no leader"));
	overview_has("<title>There is no leader (1 problem)</title>");
	overview_has("<li class=\"critical\"><strong>Critical:</strong> no web UI is "
		     "shown: cc1 follower, cc2 follower, cc3 follower</li>");
	page_lacks("class=\"role good\"");
	reported_unknown(0, "leader", "ui-down");
	overview_has(H1("critical", "There is no leader"));
	overview_has("<span class=\"role critical\">claims to lead</span>");
}
END_TEST

START_TEST(two_leaders)
{
	reported_all_is_well();
	reported_unknown(0, "leader", "two-leaders");
	reported_unknown(2, "leader", "two-leaders");
	overview_has(H1("critical", "2 controllers claim to lead: cc1, cc3"));
	page_lacks("class=\"role good\"");
	/* They do not know of each other. */
	reported_answer(0, true, false, "");
	reported_answer(2, true, false, "");
	overview_has(H1("critical", "2 nodes are leaders: cc1, cc3"));
}
END_TEST

START_TEST(silent_node)
{
	reported_all_is_well();
	reported_silence(2, "no answer in time");
	overview_has(H1("warning", "cc1 is the leader"));
	overview_has("<span class=\"role critical\">no answer</span>");
	overview_has("<td role=\"cell\" data-label=\"Reason\">no answer in time</td>");
	overview_has("<dd class=\"warning\">2 of 3</dd>");
}
END_TEST

START_TEST(vip_on_none_and_on_two)
{
	reported_all_is_well();
	reported_answer(0, true, true, "");
	overview_has("<dd class=\"critical\">cc1, cc2</dd>");
	overview_has(H1("critical", "cc1 is the leader"));
	reported_answer(0, true, false, "");
	reported_answer(1, false, false, "");
	overview_has("<dd class=\"critical\">no node that answers</dd>");
}
END_TEST

START_TEST(several_are_shown)
{
	reported_all_is_well();
	reported_cluster->show = SHOW_ANY;
	reported_answer(1, true, true, "");
	overview_has(H1("good", "Users may be sent to cc1, cc2"));
	reported_unknown(0, "unknown", "refused");
	reported_unknown(1, "unknown", "refused");
	overview_has("No web UI is shown</h1>");
	no_leader_has("No ClusterControl node can be shown right now</h1>");
	no_leader_has("<p>No node has a controller and a web interface");
}
END_TEST

START_TEST(nothing_is_known)
{
	page_add_overview(&page, reported_cluster, NULL, &view);
	page_has(H1("calm", "Querying the nodes"));
	text_clear(&page);
	page_add_no_leader(&page, reported_cluster, NULL, &view);
	page_has("<p>The nodes are being queried.</p>");
	reported_cluster->node_count = 0;
	text_clear(&page);
	page_add_overview(&page, reported_cluster, NULL, &view);
	page_has("This node has no usable cluster file</h1>");
	text_clear(&page);
	page_add_no_leader(&page, reported_cluster, NULL, &view);
	page_has("<p>The cluster file of this node cannot be used.</p>");
}
END_TEST

START_TEST(reloads_unless_it_is_not_to)
{
	struct page_view still = view;

	overview_has("<meta http-equiv=\"refresh\" content=\"5\">");
	overview_has("<a href=\"/still\">");
	still.refresh = 0;
	text_clear(&page);
	page_add_overview(&page, reported_cluster, NULL, &still);
	page_lacks("http-equiv");
	page_lacks("/still");
}
END_TEST

/* In each place where a node's own text is printed. */
START_TEST(foreign_text_stays_text)
{
#define EVIL "</td><script>alert('x')&\\\"\\u001b\\u00e4"
#define TAME "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&amp;&quot;?"
	static const char rest[] =
	    ",\"explanation\":\"" EVIL "\",\"problems\":[{\"text\":\"" EVIL
	    "\"}],\"transitions\":[{\"at\":1,\"ago_ms\":1,\"role\":\"" EVIL
	    "\",\"reason\":\"" EVIL "\"}],\"haproxy\":{\"servers\":[{\"name\":\"" EVIL
	    "\",\"state\":\"up\"}]}";
	json_t *evil = json_loads("[\"" EVIL "\"]", 0, NULL);
	size_t count = 0;

	reported_all_is_well();
	reported_answer(0, true, false, rest);
	json_object_set(reported_answers[0].status, "version", json_array_get(evil, 0));
	json_object_set_new(reported_answers[0].status, "vips",
	    json_pack("[{s:O, s:b}]", "address", json_array_get(evil, 0), "here", 1));
	json_object_set(reported_answers[1].status, "reason", json_array_get(evil, 0));
	json_decref(evil);
	make(page_add_overview);
	page_lacks("<script");
	page_lacks("\x1b");
	page_lacks("alert('");
	for (const char *at = page.data; (at = strstr(at, TAME)); at++)
		count++;
	/* Explanation, problem, role, version twice, virtual IP, server. */
	ck_assert_int_ge(count, 7);
	make(page_add_no_leader);
	page_lacks("script");
	page_lacks("alert");
}
END_TEST

START_TEST(each_reason_has_its_sentence)
{
	enum reason reason = (enum reason)_i;
	struct text cell = {0};

	reported_all_is_well();
	reported_unknown(0, "unknown", reason_name(reason));
	text_addf(&cell, "<td role=\"cell\" data-label=\"Its controller\">");
	html_add_text(&cell, reason_sentence(reason));
	text_addf(&cell, "</td>");
	no_leader_has(cell.data);
	text_free(&cell);
}
END_TEST

/* Members that are missing, empty, or of another type. */
START_TEST(strange_reports)
{
	static const char *const texts[] = {"{}",
	    "{\"role\":\"\",\"explanation\":\"\",\"version\":\"\",\"reason\":\"\","
	    "\"vips\":[{\"address\":\"\",\"here\":true}],\"haproxy\":{\"servers\":["
	    "{\"name\":\"\",\"state\":\"up\"}]},\"problems\":[{\"text\":\"\"}]}",
	    "{\"role\":7,\"claim\":[],\"shown\":true,\"since_ms\":-9,\"vips\":{},"
	    "\"haproxy\":3,\"transitions\":7,\"problems\":[1,{}]}"};

	for (size_t i = 0; i < 3; i++)
		reported_answers[i].status = json_loads(texts[i], 0, NULL);
	overview_has("<h1 class=\"critical\">cc3 is the leader</h1>");
	page_has("<dt>cc3 has led for</dt><dd>0 s<small>");
	no_leader_has("<td role=\"cell\" data-label=\"Its controller\">Unknown.</td>");
}
END_TEST

static const struct {
	const char *claim, *reason, *words;
} causes[] = {
    {"leader", "two-leaders", "<p>Two controllers claim to lead. "},
    {"leader", "no-quorum", "but no majority of the controllers can be reached.</p>"},
    {"leader", "ui-down", "<p>The leader's web interface does not respond.</p>"},
    {"unknown", "refused", "<p>The controllers are electing a new leader. "},
};

START_TEST(no_leader_page_names_the_cause)
{
	reported_all_is_well();
	reported_unknown(0, causes[_i].claim, causes[_i].reason);
	no_leader_has(causes[_i].words);
}
END_TEST

START_TEST(no_leader_page_of_dead_controllers)
{
	for (size_t i = 0; i < 2; i++)
		reported_unknown(i, "unknown", "refused");
	reported_silence(2, "no answer in time");
	no_leader_has("<p>No controller says that it is the leader.</p>");
	no_leader_has("The node does not answer.");
}
END_TEST

START_TEST(no_leader_page_when_there_is_one)
{
	reported_all_is_well();
	no_leader_has("<p>There is a leader again; it is about to be shown.</p>");
}
END_TEST

/* Everybody may read it: no address, version, problem, detail or fault. */
START_TEST(no_leader_page_keeps_to_itself)
{
	reported_all_is_well();
	reported_answer(0, false, true,
	    ",\"explanation\":\"secret detail\",\"problems\":[{\"text\":\"secret "
	    "problem\"}],\"node\":\"secret\"");
	json_object_set_new(
	    reported_answers[0].status, "version", json_string("secret"));
	reported_silence(2, "secret fault");
	make(page_add_no_leader);
	page_lacks("secret");
	page_lacks("10.0.0");
	/* A mere proxy has no controller to report of. */
	reported_cluster->nodes[1].roles = NODE_PROXY;
	make(page_add_no_leader);
	page_lacks("cc2");
}
END_TEST

static const struct {
	int64_t milliseconds;
	const char *words;
} durations[] = {
    {-5, "0 s"},
    {59999, "59 s"},
    {60000, "1 min"},
    {3599999, "59 min"},
    {12000000, "3 h 20 min"},
    {172799999, "47 h 59 min"},
    {172800000, "2 days"},
};

START_TEST(durations_in_words)
{
	html_add_duration(&page, durations[_i].milliseconds);
	ck_assert_str_eq(page.data, durations[_i].words);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("page");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, reported_begin, end);
	tcase_add_test(cases, leader);
	tcase_add_test(cases, since_when);
	tcase_add_test(cases, no_leader);
	tcase_add_test(cases, two_leaders);
	tcase_add_test(cases, silent_node);
	tcase_add_test(cases, vip_on_none_and_on_two);
	tcase_add_test(cases, several_are_shown);
	tcase_add_test(cases, nothing_is_known);
	tcase_add_test(cases, reloads_unless_it_is_not_to);
	tcase_add_test(cases, foreign_text_stays_text);
	tcase_add_test(cases, strange_reports);
	tcase_add_loop_test(cases, each_reason_has_its_sentence, 0, REASONS);
	tcase_add_loop_test(cases, no_leader_page_names_the_cause, 0,
	    sizeof(causes) / sizeof(causes[0]));
	tcase_add_test(cases, no_leader_page_of_dead_controllers);
	tcase_add_test(cases, no_leader_page_when_there_is_one);
	tcase_add_test(cases, no_leader_page_keeps_to_itself);
	tcase_add_loop_test(
	    cases, durations_in_words, 0, sizeof(durations) / sizeof(durations[0]));
	suite_add_tcase(suite, cases);
	return suite;
}
