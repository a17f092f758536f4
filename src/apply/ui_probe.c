#include "apply/ui_probe.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/network.h"
#include "base/stream.h"

#define UI_MS           2000
#define UI_RESPONSE_MAX (256 * 1024)

/*
 * A ClientHello of TLS 1.2 and 1.3 (RFC 8446, 4.1.2) that no handshake follows: every
 * TLS server answers it, with its hello or with an alert. Its last extension ends with
 * a byte that is a line feed, so that a server of a protocol of lines answers too.
 */
static const unsigned char client_hello[] = {
    0x16, 3, 1, 0, 100,                      /* record: handshake, length */
    1, 0, 0, 96, 3, 3,                       /* ClientHello, length, TLS 1.2 */
    'c', 'm', 'o', 'n', 'h', 'a', '-', 'u',  /* random, 32 bytes */
    'i', 0, 0, 0, 0, 0, 0, 0,                /* */
    0, 0, 0, 0, 0, 0, 0, 0,                  /* */
    0, 0, 0, 0, 0, 0, 0, 0,                  /* */
    0,                                       /* no session */
    0, 16, 0x13, 1, 0x13, 2, 0x13, 3, 0xc0,  /* cipher suites */
    0x2b, 0xc0, 0x2f, 0xc0, 0x30, 0, 0x9c,   /* */
    0, 0x2f,                                 /* */
    1, 0,                                    /* no compression */
    0, 39,                                   /* extensions, length */
    0, 43, 0, 5, 4, 3, 4, 3, 3,              /* supported_versions: 1.3, 1.2 */
    0, 13, 0, 8, 0, 6, 4, 3, 8, 4, 4, 1,     /* signature_algorithms */
    0, 51, 0, 2, 0, 0,                       /* key_share: to be requested */
    0, 10, 0, 8, 0, 6, 0, 29, 0, 23, 0, 0x0a /* supported_groups */
};

/* The value of a header, cut out of the response in place; NULL if there is none. */
static char *
find_header(char *response, const char *name)
{
	char *line = strstr(response, "\r\n");

	while (line && strncmp(line, "\r\n\r\n", 4) != 0) {
		line += 2;
		if (strncasecmp(line, name, strlen(name)) == 0) {
			line[strcspn(line, "\r\n")] = '\0';
			return line + strlen(name);
		}
		line = strstr(line, "\r\n");
	}
	return NULL;
}

static enum ui
parse_http(struct text *response, char location[static UI_LOCATION_MAX])
{
	const char *to;

	if (strncmp(text_string(response), "HTTP/", 5) != 0)
		return UI_SILENT;
	if (response->length <= 9 || response->data[9] != '3')
		return UI_HTTP;
	to = find_header(response->data, "Location:");
	to = to ? to + strspn(to, " \t") : "";
	if (strncasecmp(to, "https://", 8) != 0)
		return UI_HTTP;
	snprintf(location, UI_LOCATION_MAX, "%s", to);
	return UI_REDIRECTS;
}

/* Also true: `refused`, if the server answered 400, as one that expects TLS does. */
static enum ui
probe_http(const struct address *address, int port,
    char location[static UI_LOCATION_MAX], bool *refused)
{
	clock_ms_t deadline = clock_now() + UI_MS;
	char words[] = "GET / HTTP/1.0\r\nHost: cmonha-ui.invalid\r\n\r\n";
	struct text request = {.data = words, .length = strlen(words)};
	struct text response = {0};
	enum ui found = UI_SILENT;
	int fd = network_connect(address, port, deadline);

	/* Whatever was received until the server closed, or reset, the connection. */
	if (fd >= 0 && stream_write(fd, &request, deadline) == 0)
		stream_read(fd, UI_RESPONSE_MAX, deadline, &response);
	if (fd >= 0) {
		found = parse_http(&response, location);
		close(fd);
	}
	*refused = response.length > 12 && memcmp(response.data + 8, " 400", 4) == 0;
	text_free(&response);
	return found;
}

static enum ui
probe_tls(const struct address *address, int port)
{
	clock_ms_t deadline = clock_now() + UI_MS;
	struct text hello = {
	    .data = (char *)client_hello, .length = sizeof(client_hello)};
	unsigned char answer[5];
	enum ui found = UI_SILENT;
	int fd = network_connect(address, port, deadline);

	if (fd >= 0 && stream_write(fd, &hello, deadline) == 0 &&
	    stream_wait(fd, POLLIN, deadline) == 0 &&
	    read(fd, answer, sizeof(answer)) == sizeof(answer)) {
		/* A record of a handshake or an alert, of any version from SSL 3 on. */
		if ((answer[0] == 0x16 || answer[0] == 0x15) && answer[1] == 3)
			found = UI_TLS;
		else if (memcmp(answer, "HTTP/", 5) == 0)
			found = UI_HTTP;
	}
	if (fd >= 0)
		close(fd);
	return found;
}

enum ui
ui_probe(const struct address *address, int port, bool tls_first,
    char location[static UI_LOCATION_MAX])
{
	bool refused;
	enum ui found = tls_first ? probe_tls(address, port) : UI_SILENT;

	location[0] = '\0';
	if (found == UI_TLS)
		return found;
	found = probe_http(address, port, location, &refused);
	if (!tls_first && (found == UI_SILENT || (found == UI_HTTP && refused)) &&
	    probe_tls(address, port) == UI_TLS)
		found = UI_TLS;
	return found;
}
