/*
 * cmonha-ui-watch: keeps the virtual IP on a node that serves; cmonha-ui(7) documents
 * it. Started by its unit, without arguments.
 */
#include <stdio.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/process.h"
#include "watch/watcher.h"

int
main(int argc, char **argv)
{
	struct settings settings;

	(void)argv;
	process_prepare();
	if (argc > 1) {
		fprintf(stderr, "usage: cmonha-ui-watch\n");
		return EX_USAGE;
	}
	if (settings_read(SETTINGS_FILE, &settings) < 0)
		return EX_CONFIG;
	watcher_run("", &settings);
	return 0;
}
