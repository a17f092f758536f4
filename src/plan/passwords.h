/*
 * The passwords of HAProxy's statistics page: the format of their file, what of them is
 * in haproxy.cfg, and how files are printed without them. Reads and writes no files.
 */
#ifndef CMONHA_PLAN_PASSWORDS_H
#define CMONHA_PLAN_PASSWORDS_H

#include "base/text.h"
#include "cluster/problems.h"

/* The lines "admin PASSWORD" and "stats PASSWORD"; for root only. */
#define PASSWORDS_FILE "/etc/cmonha-ui/stats.passwords"

#define PASSWORD_LENGTH 24  /* of a generated one */
#define PASSWORD_MAX    128 /* bytes */
/* "insecure-password '...'", where an apostrophe needs four bytes. */
#define PASSWORD_WORDS_MAX (4 * PASSWORD_MAX + 32)

struct passwords {
	char admin[PASSWORD_MAX + 1];
	char stats[PASSWORD_MAX + 1];
};

/* New random passwords. */
void passwords_generate(struct passwords *passwords);

/*
 * Parses the file: both lines in either order, empty lines and lines that begin with
 * "#". A password is the rest of its line without blanks around it, and may have any
 * printable character. 0, or -1 with the errors in `problems`.
 */
int passwords_parse(
    const struct text *content, struct passwords *passwords, struct problems *problems);

/* The password as one word of haproxy.cfg, quoted if it needs to be. */
const char *
passwords_quote(const char *password, char buffer[static PASSWORD_WORDS_MAX]);

/*
 * What follows "user NAME" in haproxy.cfg: "password" and a SHA-512 hash, see crypt(5).
 * The salt is that of the present haproxy.cfg if its hash for the user is of this
 * password, so that the file does not change; else a new one. Where HAProxy cannot
 * verify hashes (`hashed` is false): "insecure-password" and the password.
 */
const char *passwords_credentials(const char *user, const char *password, bool hashed,
    const struct text *haproxy_cfg, char buffer[static PASSWORD_WORDS_MAX]);

/*
 * What follows "user NAME" in the text of a haproxy.cfg if that is "password" and a
 * hash; else "".
 */
void passwords_installed(const char *user, const struct text *haproxy_cfg,
    char buffer[static PASSWORD_WORDS_MAX]);

/*
 * Appends a file for people to read: every password and hash that the format of the
 * file (known by its name, the last part of `path`) has is replaced by asterisks,
 * followed by "(changed)" if `before` is not NULL and has not the same line.
 */
void passwords_mask(const char *path, const struct text *file,
    const struct text *before, struct text *masked);

#endif
