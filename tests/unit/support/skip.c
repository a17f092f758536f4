#include "skip.h"

#include <stdio.h>

void
skip_test(const char *reason)
{
	/* Not to be printed a second time from a copy of the buffer in another process.
	 */
	printf("SKIP: %s\n", reason);
	fflush(stdout);
}
