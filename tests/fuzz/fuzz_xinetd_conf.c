/*
 * /etc/xinetd.conf, which is not ours: any text is read, and a comment changes nothing.
 */
#include "apply/xinetd_conf.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text file = fuzz_text(data, size), more = {0};
	struct problems problems = {.file = "f"}, again = {.file = "f"};

	xinetd_conf_check(&file, &problems);
	if (!memchr(data, '\0', size)) {
		text_addf(&more, "%s\n# only_from = x\n", text_string(&file));
		xinetd_conf_check(&more, &again);
		assert(again.errors == problems.errors);
	}
	problems_free(&problems);
	problems_free(&again);
	text_free(&more);
	text_free(&file);
	return 0;
}
