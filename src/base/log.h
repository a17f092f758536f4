/*
 * Messages: to standard error for cmonha-ui, to syslog for cmonhachk. They may have any
 * length. Only log_fatal() exits; errno is unchanged after every other call.
 */
#ifndef CMONHA_BASE_LOG_H
#define CMONHA_BASE_LOG_H

#include <stdbool.h>

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/*
 * Where messages go, and the program's name before each. The default is standard error
 * without a name. `program` is not copied: pass a literal.
 */
void log_to_stderr(const char *program);
void log_to_syslog(const char *program);

/*
 * As in err(3): log_warn() reports an error with strerror(errno) after it, log_warnx()
 * without. log_info() reports what is no error. syslog: LOG_ERR, LOG_ERR, LOG_NOTICE.
 */
void log_warn(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warnx(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);

/* Reports an error (LOG_CRIT) and exits with `status`, one of sysexits(3). */
_Noreturn void log_fatal(int status, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
