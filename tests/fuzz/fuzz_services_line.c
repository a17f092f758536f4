/*
 * Our line in /etc/services: after it is added and removed the file is the same.
 */
#include "apply/services_line.h"
#include "fuzz.h"

#define ENTRY "cmonhachk 9201/tcp"
#define OTHER "cmonhachk 9999/tcp"

static struct text
put(const struct text *before, const char *entry)
{
	struct text after = {0};

	services_line_put(before, entry, &after);
	return after;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text file = fuzz_text(data, size);
	struct text without = put(&file, "");
	struct text with = put(&without, ENTRY);
	struct text back = put(&with, "");
	struct text twice = put(&with, ENTRY);
	struct text other = put(&with, OTHER);
	struct text again = put(&other, ENTRY);
	struct text in_place = put(&file, ENTRY);
	struct text still = put(&in_place, ENTRY);

	if (!memmem(data, size, "# added by cmonha-ui", 20))
		fuzz_same(&without, &file);
	fuzz_same(&back, &without);
	fuzz_same(&twice, &with);
	fuzz_same(&again, &with);
	fuzz_same(&still, &in_place);
	text_free(&file);
	text_free(&without);
	text_free(&with);
	text_free(&back);
	text_free(&twice);
	text_free(&other);
	text_free(&again);
	text_free(&in_place);
	text_free(&still);
	return 0;
}
