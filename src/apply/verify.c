#include "apply/verify.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/haproxy_socket.h"
#include "apply/service.h"
#include "base/listener.h"
#include "base/network.h"
#include "base/stream.h"

#define VERIFY_MS      5000
#define TRY_EVERY_MS   50
#define ANSWER_MAX     (256 * 1024)
#define ASK_HAPROXY_MS 1000
#define CONNECT_MS     500

/* Each looks once: NULL if all is well, else what is wrong. */
typedef const char *look(const struct plan *plan);

json_t *
verify_ask_check(
    const struct address *address, int port, int milliseconds, const char **reason)
{
	clock_ms_t deadline = clock_now() + milliseconds;
	char words[] = "GET /status HTTP/1.0\r\n\r\n";
	struct text request = {.data = words, .length = strlen(words)};
	struct text answer = {0};
	json_t *status = NULL;
	const char *body;
	int fd = network_connect(address, port, deadline);

	if (fd < 0 || stream_write(fd, &request, deadline) < 0 ||
	    stream_read(fd, ANSWER_MAX, deadline, &answer) < 0) {
		*reason = strerror(errno);
		goto out;
	}
	*reason = "what answers there is not cmonhachk";
	body = strstr(text_string(&answer), "\r\n\r\n");
	if (body && strncmp(answer.data, "HTTP/1.", 7) == 0)
		status = json_loads(body + 4, 0, NULL);
out:
	if (fd >= 0)
		close(fd);
	text_free(&answer);
	return status;
}

static const char *
look_at_check(const struct plan *plan)
{
	const char *reason = NULL;
	const char *checksum;
	json_t *status = verify_ask_check(&plan->self->address,
	    plan->cluster->check_port, plan->cluster->deadline + 500, &reason);

	if (!status)
		return reason;
	checksum = json_string_value(json_object_get(status, "checksum"));
	if (!checksum || strcmp(checksum, plan->cluster->checksum) != 0)
		reason = "it still answers from an earlier cluster file";
	else
		reason = NULL;
	json_decref(status);
	return reason;
}

static const char *
look_at_haproxy(const struct plan *plan)
{
	struct text answer = {0};
	char *description =
	    format_string("cmonha-ui %s %s", plan->self->name, plan->cluster->checksum);
	const char *reason = NULL;

	if (haproxy_query(
		HAPROXY_SOCKET, "show info", clock_now() + ASK_HAPROXY_MS, &answer) < 0)
		reason = strerror(errno);
	else if (!strstr(text_string(&answer), description))
		reason = "it still runs with an earlier configuration";
	free(description);
	text_free(&answer);
	return reason;
}

static const char *
look_at_keepalived(const struct plan *plan)
{
	(void)plan;
	return service_is_active(SERVICE_KEEPALIVED) ? NULL : "it does not run";
}

/* Whether somebody, this node or another, answers at each virtual IP. */
static const char *
look_at_vips(const struct plan *plan)
{
	const struct cluster *cluster = plan->cluster;

	for (size_t i = 0; i < cluster->vips.count; i++) {
		int fd = network_connect(&cluster->vips.at[i].address,
		    cluster->forwards.at[0].listen, clock_now() + CONNECT_MS);

		if (fd < 0)
			return strerror(errno);
		close(fd);
	}
	return NULL;
}

void
verify_vips(const struct plan *plan)
{
	clock_ms_t deadline = clock_now() + VERIFY_MS;
	const char *reason;

	while ((reason = look_at_vips(plan)) && clock_left(deadline) > 0)
		poll(NULL, 0, TRY_EVERY_MS);
	if (reason)
		log_warnx(
		    "the virtual IP does not answer yet: %s (\"cmonha-ui status\" on "
		    "each node tells more)",
		    reason);
}

void
verify_check_gone(const struct address *address, int port)
{
	clock_ms_t deadline = clock_now() + VERIFY_MS;
	const char *reason;
	json_t *status;

	while ((status = verify_ask_check(address, port, ASK_HAPROXY_MS, &reason)) &&
	       clock_left(deadline) > 0) {
		json_decref(status);
		status = NULL;
		poll(NULL, 0, TRY_EVERY_MS);
	}
	if (status)
		log_warnx("cmonhachk still answers on port %d", port);
	json_decref(status);
}

void
verify_port_free(int port)
{
	struct address loopback = {.family = AF_INET};
	clock_ms_t deadline = clock_now() + VERIFY_MS;
	const char *reason;

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	while (port && listener_find(&loopback, port) == LISTENER_FOUND &&
	       clock_left(deadline) > 0) {
		json_decref(verify_ask_check(&loopback, port, TRY_EVERY_MS, &reason));
		poll(NULL, 0, TRY_EVERY_MS);
	}
}

int
verify_service(const struct plan *plan, enum service service)
{
	static look *const looks[SERVICES] = {
	    [SERVICE_XINETD] = look_at_check,
	    [SERVICE_CHECK_SOCKET] = look_at_check,
	    [SERVICE_HAPROXY] = look_at_haproxy,
	    [SERVICE_KEEPALIVED] = look_at_keepalived,
	};
	clock_ms_t deadline = clock_now() + VERIFY_MS;
	const char *reason;

	while ((reason = looks[service](plan)) && clock_left(deadline) > 0)
		poll(NULL, 0, TRY_EVERY_MS);
	if (reason)
		log_warnx("%s does not serve: %s (\"journalctl -u %s\" tells more)",
		    service_unit(service), reason, service_unit(service));
	return reason ? -1 : 0;
}
