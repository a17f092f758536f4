/*
 * How the sanitizers of `make SAN=1` behave in the programs themselves, where standard
 * error may be /dev/null and the unit's filters forbid the leak check's ptrace.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0:quarantine_size_mb=1:log_to_syslog=1";
}

const char *
__ubsan_default_options(void)
{
	return "print_stacktrace=1:log_to_syslog=1";
}
