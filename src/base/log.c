#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static const char *program_name;
static bool use_syslog;

void
log_to_stderr(const char *program)
{
	program_name = program;
	use_syslog = false;
}

void
log_to_syslog(const char *program)
{
	openlog(program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	use_syslog = true;
}

/*
 * Not struct text, which reports a lack of memory by log_fatal(). Without memory the
 * format is the message: that of such a report has no arguments.
 */
static void
write_message(int priority, const char *reason, const char *format, va_list arguments)
{
	int kept_errno = errno;
	char *message;

	if (vasprintf(&message, format, arguments) < 0)
		message = NULL;
	if (use_syslog)
		syslog(priority, "%s%s%s", message ? message : format,
		    reason ? ": " : "", reason ? reason : "");
	else
		fprintf(stderr, "%s%s%s%s%s\n", program_name ? program_name : "",
		    program_name ? ": " : "", message ? message : format,
		    reason ? ": " : "", reason ? reason : "");
	free(message);
	errno = kept_errno;
}

void
log_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_message(LOG_ERR, strerror(errno), format, arguments);
	va_end(arguments);
}

void
log_warnx(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_message(LOG_ERR, NULL, format, arguments);
	va_end(arguments);
}

void
log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_message(LOG_NOTICE, NULL, format, arguments);
	va_end(arguments);
}

void
log_fatal(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_message(LOG_CRIT, NULL, format, arguments);
	va_end(arguments);
	exit(status);
}
