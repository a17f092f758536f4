/*
 * What this process has open, for tests of those that must leave nothing open.
 */
#ifndef CMONHA_UNIT_DESCRIPTORS_H
#define CMONHA_UNIT_DESCRIPTORS_H

#include <fcntl.h>

/* How many descriptors are open. */
static inline int
descriptors_count(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

#endif
