/*
 * Programs and libraries that a process still runs although another version is
 * installed: package managers replace a file by another one of its name, and the kernel
 * marks what is mapped from the old one as deleted in /proc/PID/maps, see proc(5).
 */
#ifndef CMONHA_BASE_LOADED_H
#define CMONHA_BASE_LOADED_H

#include "base/text.h"

/*
 * The path of the first program or library in `maps`, the text of such a file, that was
 * replaced or removed. Allocated, and the caller frees it; NULL if there is none. Only
 * what is mapped to be executed from /usr, /lib or /opt counts: memory files, devices
 * and temporary files are deleted while they are used.
 */
char *loaded_find_replaced(const struct text *maps);

/* Whether that is so of this process; false too if it cannot be found out. */
bool loaded_is_replaced(void);

#endif
