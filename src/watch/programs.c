#include "watch/programs.h"

#include <string.h>
#include <sys/stat.h>

#include "base/process.h"

#define QUERY_MS 1000

void
program_parse_version(const char *output, char version[PROGRAM_VERSION_MAX])
{
	static const char letters[] = "0123456789"
				      "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      ".+-~:_";
	size_t begin = strcspn(output, "0123456789\n");
	size_t length = strspn(output + begin, letters);

	if (length >= PROGRAM_VERSION_MAX)
		length = 0;
	memcpy(version, output + begin, length);
	version[length] = '\0';
}

static void
query(struct program *program, const char *path)
{
	const char *argv[] = {path, "-v", NULL};
	/* keepalived prints it to standard error. */
	const struct process_options how = {
	    .milliseconds = QUERY_MS, .capture_stderr = true};
	struct process_result result;

	process_run(argv, &how, &result);
	*program->version = '\0';
	if (process_succeeded(&result))
		program_parse_version(text_string(&result.output), program->version);
	text_free(&result.output);
}

bool
program_look(struct program *program, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0) {
		*program = (struct program){.device = 0};
		return false;
	}
	if (status.st_dev == program->device && status.st_ino == program->inode &&
	    status.st_ctim.tv_sec == program->changed.tv_sec &&
	    status.st_ctim.tv_nsec == program->changed.tv_nsec)
		return false;
	program->device = status.st_dev;
	program->inode = status.st_ino;
	program->changed = status.st_ctim;
	query(program, path);
	return true;
}
