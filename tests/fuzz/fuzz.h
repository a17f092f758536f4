/*
 * What libFuzzer calls, and what the programs here share. A broken promise is an
 * assert(), which libFuzzer takes for a crash.
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

/* A text without room to spare, so that AddressSanitizer sees a read behind its end. */
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
