/*
 * The functions that libFuzzer calls, and what the fuzzers share. A property that does
 * not hold fails an assert(), which libFuzzer reports as a crash.
 */
#ifndef CMONHA_FUZZ_H
#define CMONHA_FUZZ_H

#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A text without spare room: AddressSanitizer detects a read beyond its end. */
static inline struct text
fuzz_text(const uint8_t *data, size_t size)
{
	struct text text = {
	    .data = allocate(size + 1), .length = size, .capacity = size + 1};

	if (size)
		memcpy(text.data, data, size);
	return text;
}

static inline void
fuzz_same(const struct text *a, const struct text *b)
{
	assert(a->length == b->length);
	assert(memcmp(text_string(a), text_string(b), a->length) == 0);
}

#endif
