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

void
parsed_expect_problems(const char *content, const char *lines)
{
	size_t errors = 0, warnings = 0;
	int result = parsed_from(content);

	parsed_expect(lines);
	for (const char *at = lines; *at; at = strchr(at, '\n') + 1) {
		const char *warning = strstr(at, ": warning: ");

		if (warning && warning < strchr(at, '\n'))
			warnings++;
		else
			errors++;
	}
	ck_assert_uint_eq(parsed_problems.errors, errors);
	ck_assert_uint_eq(parsed_problems.warnings, warnings);
	ck_assert_int_eq(result, errors ? -1 : 0);
}
