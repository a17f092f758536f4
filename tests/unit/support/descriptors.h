/*
 * The file descriptors of this process, for tests of functions that must close theirs.
 */
#ifndef CMONHA_UNIT_DESCRIPTORS_H
#define CMONHA_UNIT_DESCRIPTORS_H

/* How many descriptors below 256 are open. */
int descriptors_count(void);

#endif
