#include "base/loaded.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define DELETED " (deleted)"

static bool
is_installed_file(const char *path)
{
	static const char *const directories[] = {"/usr/", "/lib", "/opt/"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		if (strncmp(path, directories[i], strlen(directories[i])) == 0)
			return true;
	return false;
}

/*
 * "ADDRESS PERMISSIONS OFFSET DEVICE INODE PATH": only a path has slashes. Returns the
 * path's length without the mark, or 0 if the line is not of a replaced program.
 */
static size_t
find_replaced_path(const char *line, size_t length, const char **path)
{
	const size_t mark = strlen(DELETED);
	const char *permissions = memchr(line, ' ', length);
	const char *slash = memchr(line, '/', length);
	const char *end = line + length;

	/* "r-xp": the third of four letters. */
	if (!permissions || !slash || slash - permissions < 5 || permissions[3] != 'x')
		return 0;
	if (end - slash <= (ptrdiff_t)mark || memcmp(end - mark, DELETED, mark) != 0 ||
	    !is_installed_file(slash))
		return 0;
	*path = slash;
	return (size_t)(end - slash) - mark;
}

char *
loaded_find_replaced(const struct text *maps)
{
	const char *line = text_string(maps);

	while (*line) {
		size_t length = strcspn(line, "\n"), found;
		const char *path;

		found = find_replaced_path(line, length, &path);
		if (found)
			return format_string("%.*s", (int)found, path);
		line += length + (line[length] == '\n');
	}
	return NULL;
}

bool
loaded_is_replaced(void)
{
	struct text maps = {0};
	char *path = NULL;
	bool replaced;

	if (file_read("/proc/self/maps", FILE_LIMIT, &maps) == 0)
		path = loaded_find_replaced(&maps);
	replaced = path != NULL;
	free(path);
	text_free(&maps);
	return replaced;
}
