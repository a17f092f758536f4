/*
 * The pin of a TLS server: the SHA-256 of its certificate's public key (the DER of its
 * SubjectPublicKeyInfo) in base64, as RFC 7469, 2.4, defines it, after the "sha256//"
 * of curl's --pinnedpubkey.
 */
#ifndef CMONHA_CLUSTER_PIN_H
#define CMONHA_CLUSTER_PIN_H

#include <stdbool.h>

#define PIN_PREFIX  "sha256//"
#define PIN_LENGTH  52 /* the prefix, and 44 characters for 32 bytes */
#define PINS_MAX    4
#define PINS_LENGTH (PINS_MAX * (PIN_LENGTH + 1) - 1)

/*
 * Parses a comma list, which it overwrites, into the list for
 * CURLOPT_PINNEDPUBLICKEY(3), which has semicolons. NULL, or a static reason; `pins` is
 * then left as it was.
 */
const char *pins_parse(char *list, char pins[static PINS_LENGTH + 1]);

/* Whether the list, as pins_parse() makes it, has the pin. */
bool pins_have(const char *pins, const char *pin);

#endif
