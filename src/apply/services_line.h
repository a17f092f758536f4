/*
 * The line "cmonhachk PORT/tcp" in /etc/services, a file of others: exactly this line
 * is added and removed, whatever else happens to the file. The comment at its end marks
 * it.
 */
#ifndef CMONHA_APPLY_SERVICES_LINE_H
#define CMONHA_APPLY_SERVICES_LINE_H

#include "base/text.h"

#define SERVICES_FILE "/etc/services"

/*
 * Appends to `after` the file `before` with a line for `entry` ("cmonhachk 9201/tcp"),
 * or without our line if `entry` is "". If our line exists, it keeps its place. None is
 * added if the administrator has an equal entry. If the file does not end in a newline,
 * neither does our line at its end: removing both it and the newline before it restores
 * the file byte for byte.
 */
void
services_line_put(const struct text *before, const char *entry, struct text *after);

#endif
