/*
 * Building JSON values: jansson, less the error that only a lack of memory can cause.
 */
#ifndef CMONHA_BASE_JSON_H
#define CMONHA_BASE_JSON_H

#include <jansson.h>

/* Both take `value` over. */
void json_put(json_t *object, const char *name, json_t *value);
void json_push(json_t *list, json_t *value);

#endif
