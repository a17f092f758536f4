/*
 * The template language: an administrator's own template can contain anything.
 */
#include "fuzz.h"
#include "plan/template.h"

static json_t *variables;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	variables = json_pack(
	    "{s:s, s:s, s:i, s:i, s:b, s:b, s:[], s:[{s:s, s:i, s:b}, {s:s, s:i, "
	    "s:b}]}",
	    "name", "cc1", "empty", "", "port", 9201, "zero", 0, "yes", 1, "no", 0,
	    "none", "peers", "name", "cc2", "number", 1, "first", 1, "name", "cc3",
	    "number", 2, "first", 0);
	assert(variables);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text source = fuzz_text(data, size);
	struct text output = {0};
	struct problems problems = {.file = "fuzz"};
	int result = template_render(&source, variables, &output, &problems);

	assert(result == (problems.errors ? -1 : 0));
	assert((result == 0) == (problems.lines.length == 0));
	if (!memmem(data, size, "{{", 2))
		fuzz_same(&output, &source);
	text_free(&source);
	text_free(&output);
	problems_free(&problems);
	return 0;
}
