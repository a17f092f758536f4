/*
 * Verdicts as they begin, and the words for roles and reasons.
 */
#include <string.h>

#include "probe/verdict.h"
#include "unit.h"

START_TEST(explanations_have_their_detail)
{
	struct verdict verdict;
	struct text words = {0};

	verdict_init(&verdict, REASON_UI_DOWN, 5);
	ck_assert_int_eq(verdict.expires, 5);
	ck_assert_int_eq(verdict.peers[NODES_MAX - 1].last_answer, NEVER);
	verdict_explain(&words, &verdict);
	ck_assert_str_eq(words.data, reason_sentence(REASON_UI_DOWN));
	memcpy(verdict.detail, "port 80", 8);
	text_clear(&words);
	verdict_explain(&words, &verdict);
	ck_assert_ptr_nonnull(strstr(words.data, "does not. (port 80)"));
	text_free(&words);
}
END_TEST

START_TEST(new_verdict_is_unknown_and_expired)
{
	struct verdict verdict;

	verdict_init(&verdict, REASON_TIME_OUT, 7);
	ck_assert_int_eq(verdict.role, ROLE_UNKNOWN);
	ck_assert_int_eq(verdict.claim, ROLE_UNKNOWN);
	ck_assert_int_eq(verdict.reason, REASON_TIME_OUT);
	ck_assert_int_eq(verdict.at, 7);
	ck_assert_int_eq(verdict.expires, 7);
	ck_assert_uint_eq(verdict.rounds, 0);
	ck_assert_str_eq(verdict.detail, "");
	for (size_t i = 0; i < NODES_MAX; i++) {
		ck_assert_int_eq(verdict.peers[i].waiting_since, NEVER);
		ck_assert_int_eq(verdict.peers[i].last_reason, REASON_NO_ANSWER);
	}
}
END_TEST

START_TEST(roles_have_names)
{
	ck_assert_str_eq(role_name(ROLE_LEADER), "leader");
	ck_assert_str_eq(role_name(ROLE_FOLLOWER), "follower");
	ck_assert_str_eq(role_name(ROLE_UNKNOWN), "unknown");
}
END_TEST

START_TEST(every_reason_has_a_sentence_of_its_own)
{
	for (enum reason a = 0; a < REASONS; a++) {
		const char *sentence = reason_sentence(a);

		ck_assert_ptr_nonnull(reason_name(a));
		ck_assert_uint_eq(
		    strspn(reason_name(a), "abcdefghijklmnopqrstuvwxyz9-"),
		    strlen(reason_name(a)));
		ck_assert_ptr_nonnull(sentence);
		ck_assert_msg(
		    strchr(".?", sentence[strlen(sentence) - 1]), "%s", sentence);
		for (enum reason b = 0; b < a; b++) {
			ck_assert_str_ne(reason_name(a), reason_name(b));
			ck_assert_str_ne(sentence, reason_sentence(b));
		}
	}
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("verdict");
	TCase *cases = tcase_create("verdict");

	tcase_add_test(cases, explanations_have_their_detail);
	tcase_add_test(cases, new_verdict_is_unknown_and_expired);
	tcase_add_test(cases, roles_have_names);
	tcase_add_test(cases, every_reason_has_a_sentence_of_its_own);
	suite_add_tcase(suite, cases);
	return suite;
}
