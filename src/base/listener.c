#include "base/listener.h"

#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/file.h"

/* The kernel replies during send(2); this limits a wait that should not happen. */
#define REPLY_MS 100

/* Requests all listening TCP sockets of the family, see sock_diag(7). */
static int
send_request(int fd, sa_family_t family)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} message = {
	    .header =
		{
		    .nlmsg_len = sizeof(message),
		    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	    .request =
		{
		    .sdiag_family = (__u8)family,
		    .sdiag_protocol = IPPROTO_TCP,
		    .idiag_ext = 0,
		    .idiag_states = 1u << TCP_LISTEN,
		},
	};

	return send(fd, &message, sizeof(message), 0) < 0 ? -1 : 0;
}

/* The attribute's content, or NULL if there is none of that size. */
static const void *
find_attribute(const struct nlmsghdr *header, int type, size_t size)
{
	const struct inet_diag_msg *socket = NLMSG_DATA(header);
	const struct rtattr *attribute = (const struct rtattr *)(socket + 1);
	int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof(*socket)));

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if (attribute->rta_type == type && RTA_PAYLOAD(attribute) >= size)
			return RTA_DATA(attribute);
	return NULL;
}

static bool
is_v6_only(const struct nlmsghdr *header)
{
	const __u8 *found = find_attribute(header, INET_DIAG_SKV6ONLY, sizeof(*found));

	return found && *found;
}

static bool
matches(const struct nlmsghdr *header, const struct address *address, int port)
{
	const struct inet_diag_msg *found = NLMSG_DATA(header);
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct address bound = {.family = found->idiag_family};

	if (header->nlmsg_len < NLMSG_LENGTH(sizeof(*found)) ||
	    ntohs(found->id.idiag_sport) != port)
		return false;
	if (address->family == AF_UNSPEC)
		return true;
	if (found->idiag_family == AF_INET) {
		memcpy(&bound.v4, found->id.idiag_src, sizeof(bound.v4));
		if (bound.v4.s_addr == INADDR_ANY)
			return address->family == AF_INET;
		return address_equal(&bound, address);
	}
	memcpy(&in6.sin6_addr, found->id.idiag_src, sizeof(in6.sin6_addr));
	if (IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr))
		return address->family == AF_INET6 || !is_v6_only(header);
	/* An IPv4-mapped one comes back as IPv4. */
	return address_from_socket((struct sockaddr *)&in6, &bound) &&
	       address_equal(&bound, address);
}

#define SOCKETS_MAX 16

/* INET_DIAG_CGROUP_ID of Linux 5.9, which older headers do not have. */
#define CONTROL_GROUP 21

/* That listen. */
struct sockets {
	unsigned inodes[SOCKETS_MAX];
	uid_t users[SOCKETS_MAX];
	uint64_t groups[SOCKETS_MAX]; /* 0: the kernel does not say */
	size_t count;
};

static void
add_socket(struct sockets *sockets, const struct nlmsghdr *header)
{
	const struct inet_diag_msg *found = NLMSG_DATA(header);
	const void *group = find_attribute(header, CONTROL_GROUP, sizeof(uint64_t));

	if (sockets->count == SOCKETS_MAX)
		return;
	sockets->groups[sockets->count] = 0;
	if (group)
		memcpy(&sockets->groups[sockets->count], group, sizeof(uint64_t));
	sockets->inodes[sockets->count] = found->idiag_inode;
	sockets->users[sockets->count++] = found->idiag_uid;
}

/* The whole dump is read, or its rest would be read as the next reply. */
static enum listener
read_reply(int fd, const struct address *address, int port, struct sockets *sockets)
{
	union {
		struct nlmsghdr header;
		char bytes[16384];
	} buffer;
	enum listener result = LISTENER_NONE;

	for (;;) {
		ssize_t got = recv(fd, &buffer, sizeof(buffer), 0);
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return LISTENER_UNKNOWN;
		for (struct nlmsghdr *header = &buffer.header; NLMSG_OK(header, left);
		     header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type == NLMSG_DONE)
				return result;
			if (header->nlmsg_type == NLMSG_ERROR) {
				errno = EOPNOTSUPP;
				return LISTENER_UNKNOWN;
			}
			if (!matches(header, address, port))
				continue;
			result = LISTENER_FOUND;
			if (sockets)
				add_socket(sockets, header);
		}
	}
}

/* With `sockets` those of both families are read, else those until one is found.
 */
static enum listener
find(const struct address *address, int port, struct sockets *sockets)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	const struct timeval limit = {.tv_usec = REPLY_MS * 1000};
	enum listener result = LISTENER_NONE;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		return LISTENER_UNKNOWN;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		result = LISTENER_UNKNOWN;
	for (size_t i = 0; i < 2 && (result == LISTENER_NONE || sockets); i++) {
		/* An IPv6 socket can accept IPv4 connections, but not the reverse. */
		if (families[i] == AF_INET && address->family == AF_INET6)
			continue;
		result = send_request(fd, families[i]) < 0
			     ? LISTENER_UNKNOWN
			     : read_reply(fd, address, port, sockets);
	}
	close(fd);
	return result;
}

enum listener
listener_find(const struct address *address, int port)
{
	return find(address, port, NULL);
}

size_t
listener_users(const struct address *address, int port, uid_t *users, size_t size)
{
	struct sockets sockets = {.count = 0};
	size_t count = 0;

	find(address, port, &sockets);
	for (size_t i = 0; i < sockets.count; i++) {
		bool known = false;

		for (size_t j = 0; j < count; j++)
			known = known || users[j] == sockets.users[i];
		if (!known && count < size)
			users[count++] = sockets.users[i];
	}
	return count;
}

size_t
listener_services(int port)
{
	const struct address any = {.family = AF_UNSPEC};
	struct sockets sockets = {.count = 0};
	size_t count = 0;

	find(&any, port, &sockets);
	for (size_t i = 0; i < sockets.count; i++) {
		bool known = false;

		for (size_t j = 0; j < i; j++)
			known = known || sockets.groups[j] == sockets.groups[i];
		if (!known)
			count++;
	}
	return count;
}

/* The first socket that the process has, and marks all as seen; -1 if it has none. */
static int
find_socket(const char *directory, const struct sockets *sockets, bool *seen)
{
	DIR *descriptors = opendir(directory);
	const struct dirent *entry;
	int found = -1;

	while (descriptors && (entry = readdir(descriptors))) {
		char target[64] = "";
		unsigned inode;

		if (readlinkat(dirfd(descriptors), entry->d_name, target,
			sizeof(target) - 1) <= 0 ||
		    sscanf(target, "socket:[%u]", &inode) != 1)
			continue;
		for (size_t i = 0; i < sockets->count; i++)
			if (sockets->inodes[i] == inode) {
				seen[i] = true;
				found = found < 0 ? (int)i : found;
			}
	}
	if (descriptors)
		closedir(descriptors);
	return found;
}

static void
read_name(int pid, char name[LISTENER_NAME_MAX])
{
	char path[64];
	char *line;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	line = file_read_line("", path, LISTENER_NAME_MAX);
	snprintf(name, LISTENER_NAME_MAX, "%s", line ? line : "");
	free(line);
}

struct program_list {
	struct listener_program *at;
	size_t count, size;
};

/*
 * Workers inherit their sockets: of the processes with one name and user only the first
 * is kept, which /proc lists in the order of their numbers.
 */
static void
add_program(struct program_list *list, const struct listener_program *program)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].user == program->user &&
		    strcmp(list->at[i].name, program->name) == 0)
			return;
	if (list->count < list->size)
		list->at[list->count++] = *program;
}

size_t
listener_programs(const struct address *address, int port,
    struct listener_program *programs, size_t size)
{
	struct program_list list = {.at = programs, .size = size};
	struct sockets sockets = {.count = 0};
	bool seen[SOCKETS_MAX] = {false};
	const struct dirent *entry;
	DIR *processes = NULL;

	find(address, port, &sockets);
	if (sockets.count)
		processes = opendir("/proc");
	while (processes && (entry = readdir(processes))) {
		struct listener_program program = {.pid = atoi(entry->d_name)};
		char path[64];
		int found;

		if (program.pid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fd", program.pid);
		found = find_socket(path, &sockets, seen);
		if (found < 0)
			continue;
		program.user = sockets.users[found];
		read_name(program.pid, program.name);
		if (*program.name)
			add_program(&list, &program);
	}
	if (processes)
		closedir(processes);
	for (size_t i = 0; i < sockets.count; i++)
		if (!seen[i])
			add_program(&list,
			    &(struct listener_program){.user = sockets.users[i]});
	return list.count;
}
