#include "stand_in.h"

#include "scratch.h"
#include "unit.h"

static const char systemctl[] =
    "cd '%s' || exit 9\n"
    "verb=$1 unit= root=\n"
    "shift\n"
    "for word; do\n"
    "	case $word in\n"
    "	--quiet | --no-block) ;;\n"
    "	--root=*) root=\" $word\" ;;\n"
    "	*) unit=$word ;;\n"
    "	esac\n"
    "done\n"
    "case $verb in\n"
    "is-active | is-enabled | show) ;;\n"
    "*) echo \"$verb$root${unit:+ $unit}\" >>log ;;\n"
    "esac\n"
    "if [ -e \"fail/$verb.$unit\" ]; then\n"
    "	echo \"Job for $unit failed.\"\n"
    "	[ ! -s \"fail/$verb.$unit\" ] || rm \"fail/$verb.$unit\"\n"
    "	exit 1\n"
    "fi\n"
    "[ ! -e \"before/$verb.$unit\" ] || . \"./before/$verb.$unit\"\n"
    "case $verb in\n"
    "is-active) [ -e \"active/$unit\" ] || exit 3 ;;\n"
    "is-enabled)\n"
    "	[ ! -e \"masked/$unit\" ] || { echo masked; exit 1; }\n"
    "	[ -e \"enabled/$unit\" ] || { echo disabled; exit 1; }\n"
    "	;;\n"
    "start | restart) : >\"active/$unit\" ;;\n"
    "reload) [ -e \"active/$unit\" ] || exit 1 ;;\n"
    "stop) rm -f \"active/$unit\" ;;\n"
    "enable) : >\"enabled/$unit\" ;;\n"
    "disable) rm -f \"enabled/$unit\" ;;\n"
    "daemon-reload | reset-failed | show) ;;\n"
    "*) echo \"unknown verb $verb\"; exit 1 ;;\n"
    "esac\n"
    "[ ! -e \"on/$verb.$unit\" ] || . \"on/$verb.$unit\"\n";

void
stand_in_program(const char *name, const char *body)
{
	char *path = format_string("bin/%s", name);
	char *script = format_string("#!/bin/sh\n%s", body);

	scratch_put(path, script, 0755);
	free(script);
	free(path);
}

static void
make_directory(const char *name)
{
	ck_assert_int_eq(file_make_directories(scratch_path(name)), 0);
}

void
stand_in_begin(void)
{
	char *directory = copy_string(scratch_path("systemd"));
	char *path = format_string("%s:/usr/bin:/bin", scratch_path("bin"));
	char *script = format_string(systemctl, directory);

	make_directory("systemd/active");
	make_directory("systemd/enabled");
	stand_in_program("systemctl", script);
	stand_in_program("haproxy", "exit 0\n");
	stand_in_program("keepalived", "exit 0\n");
	ck_assert_int_eq(setenv("PATH", path, 1), 0);
	free(script);
	free(path);
	free(directory);
}

static bool
has(const char *kind, const char *unit)
{
	char *name = format_string("systemd/%s/%s", kind, unit);
	bool result = scratch_has(name);

	free(name);
	return result;
}

void
stand_in_set_active(const char *unit)
{
	char *name = format_string("systemd/active/%s", unit);

	scratch_put(name, "", 0644);
	free(name);
}

bool
stand_in_is_active(const char *unit)
{
	return has("active", unit);
}

bool
stand_in_is_enabled(const char *unit)
{
	return has("enabled", unit);
}

void
stand_in_mask(const char *unit)
{
	char *name = format_string("systemd/masked/%s", unit);

	scratch_put(name, "", 0644);
	free(name);
}

void
stand_in_fail(const char *verb, const char *unit)
{
	char *name = format_string("systemd/fail/%s.%s", verb, unit);

	scratch_put(name, "", 0644);
	free(name);
}

void
stand_in_fail_once(const char *verb, const char *unit)
{
	char *name = format_string("systemd/fail/%s.%s", verb, unit);

	scratch_put(name, "once", 0644);
	free(name);
}

void
stand_in_expect_calls(const char *lines)
{
	struct text log = {0};

	file_read(scratch_path("systemd/log"), FILE_LIMIT, &log);
	ck_assert_str_eq(text_string(&log), lines);
	text_free(&log);
	unlink(scratch_path("systemd/log"));
}
