#include "base/json.h"

#include <sysexits.h>

#include "base/log.h"

void
json_put(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) < 0)
		log_fatal(EX_OSERR, "out of memory");
}

void
json_push(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) < 0)
		log_fatal(EX_OSERR, "out of memory");
}
