#include "cluster/trusted_users.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/listener.h"
#include "base/value.h"

/* Different users with a listener on one port. */
#define OWNERS_MAX 8

void
trusted_users_find(struct trusted_users *users, const struct cluster *cluster)
{
	char list[USERS_LENGTH + 1], *rest;

	users->count = 0;
	users->at[users->count++] = 0;
	snprintf(list, sizeof(list), "%s", cluster->listener_users);
	for (char *name = strtok_r(list, ",", &rest); name && users->count < USERS_MAX;
	     name = strtok_r(NULL, ",", &rest)) {
		const struct passwd *user = getpwnam(name);
		int64_t number;

		if (user)
			users->at[users->count++] = user->pw_uid;
		else if (!value_number(name, 0, UINT32_MAX - 1, &number))
			users->at[users->count++] = (uid_t)number;
	}
}

bool
trusted_users_have(const struct trusted_users *users, int port, uid_t user)
{
	if (port < IPPORT_RESERVED)
		return true;
	for (size_t i = 0; i < users->count; i++)
		if (users->at[i] == user)
			return true;
	return false;
}

bool
trusted_users_find_foreign(const struct trusted_users *users,
    const struct address *address, int port, uid_t *user)
{
	uid_t owners[OWNERS_MAX];
	size_t count = listener_users(address, port, owners, OWNERS_MAX);

	for (size_t i = 0; i < count; i++)
		if (!trusted_users_have(users, port, owners[i])) {
			*user = owners[i];
			return true;
		}
	return false;
}
