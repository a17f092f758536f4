#include "base/vrrp_directory.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "base/value.h"

/*
 * The second one is that of version 0.1.0: a keepalived with its configuration runs on
 * after an upgrade of the package that could not be applied.
 */
#define FITNESS     VRRP_DIRECTORY "/fault"
#define FITNESS_OLD RUNTIME_DIRECTORY "/haproxy.gone"
#define INTERFACE   VRRP_DIRECTORY "/interface"
#define LINE_LIMIT  64

static int
write_line(
    const char *root, const char *directory, const char *target, unsigned long number)
{
	struct text content = {0};
	char *place = format_string("%s%s", root, directory);
	char *path = format_string("%s%s", root, target);
	int result = file_make_directories(place);

	text_addf(&content, "%lu\n", number);
	if (result == 0)
		result = file_replace(path, &content, 0644);
	text_free(&content);
	free(path);
	free(place);
	return result;
}

/* The number in the file, or -1. */
static int64_t
read_line(const char *root, const char *target)
{
	char *path = format_string("%s%s", root, target);
	struct text content = {0};
	int64_t number = -1;

	if (file_read(path, LINE_LIMIT, &content) == 0 && content.length &&
	    value_number(value_trim(content.data), 0, INT_MAX, &number))
		number = -1;
	text_free(&content);
	free(path);
	return number;
}

int
vrrp_set_fit(const char *root, bool fit)
{
	int result = write_line(root, VRRP_DIRECTORY, FITNESS, !fit);

	return write_line(root, RUNTIME_DIRECTORY, FITNESS_OLD, !fit) < 0 ? -1 : result;
}

bool
vrrp_is_fit(const char *root)
{
	int64_t number = read_line(root, FITNESS);

	return (number < 0 ? read_line(root, FITNESS_OLD) : number) == 0;
}

bool
vrrp_has_fitness(const char *root)
{
	char *path = format_string("%s%s", root, FITNESS);
	bool exists = file_exists(path);

	free(path);
	return exists;
}

int
vrrp_make_fifo(const char *root)
{
	char *path = format_string("%s%s", root, VRRP_FIFO);
	char *place = format_string("%s%s", root, VRRP_DIRECTORY);
	int result = file_make_directories(place);

	if (result == 0 && mkfifo(path, 0600) < 0 && errno != EEXIST) {
		log_warn("%s: cannot make the FIFO", path);
		result = -1;
	}
	free(place);
	free(path);
	return result;
}

int
vrrp_set_interface(const char *root, unsigned number)
{
	return write_line(root, VRRP_DIRECTORY, INTERFACE, number);
}

unsigned
vrrp_interface(const char *root)
{
	int64_t number = read_line(root, INTERFACE);

	return number > 0 ? (unsigned)number : 0;
}
