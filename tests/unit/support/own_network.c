#include "own_network.h"

#include <sched.h>
#include <stdlib.h>

#include "base/text.h"
#include "skip.h"
#include "unit.h"

void
own_network_ip(const char *words, ...)
{
	struct text command = {0};
	va_list arguments;

	text_addf(&command, "PATH=/usr/sbin:/usr/bin:/sbin:/bin exec ip ");
	va_start(arguments, words);
	text_vaddf(&command, words, arguments);
	va_end(arguments);
	ck_assert_msg(system(command.data) == 0, "%s", command.data);
	text_free(&command);
}

bool
own_network_enter(void)
{
	if (unshare(CLONE_NEWNET) < 0) {
		skip_test("a network namespace needs root");
		return false;
	}
	own_network_ip("link set lo up");
	return true;
}
