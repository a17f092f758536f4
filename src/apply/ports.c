#include "apply/ports.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/listener.h"

#define PROGRAMS_MAX 4

/* Whose sockets may have the ports of the applied configuration. */
static bool
is_expected(const char *program)
{
	static const char *const names[] = {
	    "haproxy", "xinetd", "cmonhachk", "systemd", "cmonha-ui"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(program, names[i]) == 0)
			return true;
	return false;
}

/* "nginx (process 4711, user www-data)" */
static void
add_program(struct text *text, const struct listener_program *program)
{
	const struct passwd *user = getpwuid(program->user);
	char number[16];

	snprintf(number, sizeof(number), "%u", (unsigned)program->user);
	text_addf(text, "%s", text->length ? ", " : "");
	if (program->pid)
		text_addf(text, "%s (process %d, user %s)", program->name, program->pid,
		    user ? user->pw_name : number);
	else
		text_addf(text, "a program of user %s", user ? user->pw_name : number);
}

void
ports_check(int port, bool own, struct place place, const struct trusted_users *users,
    struct problems *problems)
{
	const struct address any = {.family = AF_UNSPEC};
	struct listener_program programs[PROGRAMS_MAX];
	struct text who = {0};
	size_t count;

	if (!port || listener_find(&any, port) != LISTENER_FOUND)
		return;
	count = listener_programs(&any, port, programs, PROGRAMS_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct listener_program *program = &programs[i];

		/* A name is chosen by its program, but a user is not. */
		bool ours = trusted_users_have(users, port, program->user) &&
			    (!program->pid || is_expected(program->name));

		if (own ? !ours : program->pid != 0)
			add_program(&who, program);
	}
	if (who.length)
		problem_error(problems, place,
		    "port %d is in use by %s: stop it, or use another port", port,
		    who.data);
	else if (!own)
		problem_error(problems, place,
		    "port %d is in use by another program; "
		    "\"ss -ltnp sport = :%d\" shows which",
		    port, port);
	text_free(&who);
}

static void
check_user(const struct address *address, int port, struct place place,
    const struct trusted_users *users, struct problems *problems)
{
	struct listener_program programs[PROGRAMS_MAX];
	size_t count = listener_programs(address, port, programs, PROGRAMS_MAX);
	struct text who = {0};

	for (size_t i = 0; i < count; i++)
		if (!trusted_users_have(users, port, programs[i].user))
			add_program(&who, &programs[i]);
	if (who.length)
		problem_error(problems, place,
		    "port %d is in use by %s, so this node gets no users: stop it, or "
		    "add its user if it is the right program",
		    port, who.data);
	text_free(&who);
}

void
ports_check_controller(const struct cluster *cluster, const struct node *self,
    struct place place, struct problems *problems)
{
	struct trusted_users users;

	if (!(self->roles & NODE_CONTROLLER))
		return;
	trusted_users_find(&users, cluster);
	check_user(&self->address, cluster->rpc_port, place, &users, problems);
	for (size_t i = 0; i < cluster->forwards.count; i++)
		check_user(&self->address, cluster->forwards.at[i].port, place, &users,
		    problems);
}
