#include "parsed.h"

struct cluster *parsed_cluster;
struct problems parsed_problems;
struct text parsed_source;

void
parsed_begin(void)
{
	parsed_cluster = allocate(sizeof(*parsed_cluster));
	parsed_problems = (struct problems){.file = "f"};
	parsed_source = (struct text){0};
}

void
parsed_end(void)
{
	free(parsed_cluster);
	problems_free(&parsed_problems);
	text_free(&parsed_source);
}

int
parsed_from(const char *words)
{
	text_clear(&parsed_source);
	text_addf(&parsed_source, "%s", words);
	return cluster_parse(&parsed_source, parsed_cluster, &parsed_problems);
}

void
parsed_expect(const char *lines)
{
	ck_assert_str_eq(text_string(&parsed_problems.lines), lines);
}
