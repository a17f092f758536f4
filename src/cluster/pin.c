#include "cluster/pin.h"

#include <stddef.h>
#include <string.h>

#include "base/value.h"

/* The last of 43 characters has four bits of the 32 bytes, and two that are 0. */
static bool
is_base64(const char *text)
{
	static const char characters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t last = PIN_LENGTH - strlen(PIN_PREFIX) - 2;

	return strspn(text, characters) == last + 1 &&
	       strcmp(text + last + 1, "=") == 0 &&
	       (strchr(characters, text[last]) - characters) % 4 == 0;
}

const char *
pins_parse(char *list, char pins[static PINS_LENGTH + 1])
{
	char parsed[PINS_LENGTH + 1] = "";
	size_t length = 0;
	char *item;

	while ((item = value_next_item(&list))) {
		if (length + PIN_LENGTH > PINS_LENGTH)
			return "has too many items";
		if (strncmp(item, PIN_PREFIX, strlen(PIN_PREFIX)) != 0 ||
		    !is_base64(item + strlen(PIN_PREFIX)))
			return "is not the pin of a key";
		if (length)
			parsed[length++] = ';';
		memcpy(parsed + length, item, PIN_LENGTH);
		length += PIN_LENGTH;
	}
	memcpy(pins, parsed, sizeof(parsed));
	return NULL;
}

bool
pins_have(const char *pins, const char *pin)
{
	return strstr(pins, pin) != NULL;
}
