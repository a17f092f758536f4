#include "base/haproxy_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/network.h"
#include "base/stream.h"

int
haproxy_query(const char *root, const char *socket, const char *command,
    clock_ms_t deadline, struct text *output)
{
	char *path = format_string("%s%s", root, socket);
	char *line = format_string("%s\n", command);
	struct text request = {.data = line, .length = strlen(line)};
	int fd = network_connect_path(path, deadline);
	int result = -1;

	if (fd >= 0 && stream_write(fd, &request, deadline) == 0 &&
	    stream_read(fd, FILE_LIMIT, deadline, output) == 0)
		result = 0;
	int kept_errno = errno;

	if (fd >= 0)
		close(fd);
	free(line);
	free(path);
	errno = kept_errno;
	return result;
}
