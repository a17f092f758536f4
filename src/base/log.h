/*
 * Messages for people: to standard error for the tool, to syslog for the check.
 * Nothing here ends the program except log_fatal(); errno survives every call.
 */
#ifndef CMONHA_BASE_LOG_H
#define CMONHA_BASE_LOG_H

#include <stdbool.h>

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/*
 * Where messages go from now on. To start with they go to standard error, with no
 * name in front. `program` must stay valid (pass a literal).
 */
void log_to_stderr(const char *program);
void log_to_syslog(const char *program);

/* An error with errno's words behind it; the same without; and plain news. */
void log_warn(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warnx(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);

/* Says the message and exits with `status` (sysexits(3), or 0..2). */
_Noreturn void log_fatal(int status, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
