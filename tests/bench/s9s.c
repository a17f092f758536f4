/*
 * s9s: stands in for the public s9s client in the bench, as far as the recipe uses it:
 * `s9s controller --list --long`.
 *
 * It does on the wire what the real one does and never more: a TLS connection for each
 * of authenticate, authenticateResponse (an RSA-SHA256 signature) and getControllers,
 * HTTP/1.0, certificates not verified; one more connection to the leader when a
 * follower redirects. On the machine it does less: C with OpenSSL and jansson alone
 * (the real one is a large C++ program that loads more libraries and keeps a state file
 * and a log), one TLS context for all connections, no formatting beyond the table. So
 * the recipe's check is rather cheaper here than in life.
 *
 * Reads ~/.s9s/s9s.conf (cmon_user, controller) and the key ~/.s9s/USER.key, as the
 * real one does.
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EXIT_CONNECTION = 5, EXIT_ACCESS = 3, EXIT_NO_LEADER = 2, REPLY_MAX = 1 << 20 };

struct client {
	char user[64];
	char address[64];
	int port;
	char cookie[512];
	int requests;
	SSL_CTX *tls;
};

static _Noreturn void
die(int status, const char *why)
{
	fprintf(stderr, "s9s: %s\n", why);
	exit(status);
}

static FILE *
open_in_home(const char *name)
{
	char path[512];
	const char *home = getenv("HOME");

	snprintf(path, sizeof path, "%s/.s9s/%s", home ? home : "", name);
	FILE *file = fopen(path, "re");
	if (!file) {
		die(EXIT_ACCESS, "no configuration or no key below ~/.s9s");
	}
	return file;
}

static void
read_settings(struct client *client)
{
	char line[256];
	FILE *file = open_in_home("s9s.conf");

	while (fgets(line, sizeof line, file)) {
		sscanf(line, " cmon_user = %63[^ \n]", client->user);
		sscanf(line, " controller = https://%63[^:]:%d", client->address,
		    &client->port);
	}
	fclose(file);
	if (!client->user[0] || !client->port) {
		die(EXIT_ACCESS, "cmon_user or controller is not in ~/.s9s/s9s.conf");
	}
}

/* The challenge, signed with the user's key, in base64. */
static void
sign(const struct client *client, const char *challenge, char *text, size_t size)
{
	char name[80];
	unsigned char raw[1024];
	size_t length = sizeof raw;

	snprintf(name, sizeof name, "%s.key", client->user);
	FILE *file = open_in_home(name);
	EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	if (!key || !digest ||
	    EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(digest, raw, &length, (const unsigned char *)challenge,
		strlen(challenge)) != 1 ||
	    length * 4 / 3 + 4 >= size) {
		die(EXIT_ACCESS, "cannot sign");
	}
	EVP_EncodeBlock((unsigned char *)text, raw, (int)length);
	EVP_MD_CTX_free(digest);
	EVP_PKEY_free(key);
}

static SSL *
connect_tls(const struct client *client)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)client->port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, client->address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		die(EXIT_CONNECTION, "cannot connect to the controller");
	}
	SSL *tls = SSL_new(client->tls);
	if (!tls || SSL_set_fd(tls, fd) != 1 || SSL_connect(tls) != 1) {
		die(EXIT_CONNECTION, "no TLS with the controller");
	}
	return tls;
}

static void
remember_cookie(struct client *client, const char *head)
{
	const char *found = strstr(head, "\r\nSet-Cookie: ");

	if (found) {
		sscanf(found, "\r\nSet-Cookie: %511[^;\r]", client->cookie);
	}
}

/* Sends on a connection of its own and returns the reply; takes what is to be sent. */
static json_t *
post(struct client *client, const char *path, json_t *request)
{
	static char reply[REPLY_MAX];
	char head[1024];
	size_t length = 0;
	int got;

	json_object_set_new(request, "request_id", json_integer(++client->requests));
	char *body = json_dumps(request, JSON_COMPACT);
	int head_length = snprintf(head, sizeof head,
	    "POST %s HTTP/1.0\r\nHost: %s:%d\r\nConnection: close\r\nAccept: "
	    "application/json\r\n"
	    "Content-Type: application/json\r\n%s%s%sContent-Length: %zu\r\n\r\n",
	    path, client->address, client->port, client->cookie[0] ? "Cookie: " : "",
	    client->cookie, client->cookie[0] ? "\r\n" : "", strlen(body));
	SSL *tls = connect_tls(client);
	SSL_write(tls, head, head_length);
	SSL_write(tls, body, (int)strlen(body));
	while (length < sizeof reply - 1 &&
	       (got = SSL_read(tls, reply + length, (int)(sizeof reply - 1 - length))) >
		   0) {
		length += (size_t)got;
	}
	reply[length] = '\0';
	close(SSL_get_fd(tls));
	SSL_free(tls);
	free(body);
	json_decref(request);

	char *content = strstr(reply, "\r\n\r\n");
	json_t *parsed = content ? json_loads(content + 4, 0, NULL) : NULL;
	if (!parsed) {
		die(EXIT_CONNECTION, "no reply that can be read");
	}
	content[2] = '\0';
	remember_cookie(client, reply);
	return parsed;
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void
need_ok(json_t *reply)
{
	if (strcmp(text_of(reply, "request_status"), "Ok") != 0) {
		die(EXIT_ACCESS, text_of(reply, "error_string"));
	}
}

static void
login(struct client *client)
{
	char signature[2048];
	json_t *reply = post(client, "/v2/auth",
	    json_pack(
		"{ss ss}", "operation", "authenticate", "username", client->user));

	need_ok(reply);
	sign(client, text_of(reply, "challenge"), signature, sizeof signature);
	json_decref(reply);
	reply = post(client, "/v2/auth",
	    json_pack("{ss ss}", "operation", "authenticateResponse", "signature",
		signature));
	need_ok(reply);
	json_decref(reply);
}

/* Turns to the leader that a Redirect names; dies when it names none. */
static void
turn_to_leader(struct client *client, json_t *reply)
{
	const char *key;
	json_t *entry;

	json_object_foreach (json_object_get(reply, "controllers"), key, entry) {
		if (strcmp(text_of(entry, "role"), "leader") == 0) {
			snprintf(client->address, sizeof client->address, "%s",
			    text_of(entry, "ip"));
			client->port =
			    (int)json_integer_value(json_object_get(entry, "port"));
			return;
		}
	}
	die(EXIT_NO_LEADER, text_of(reply, "error_string"));
}

static char
state_letter(const json_t *entry)
{
	const char *role = text_of(entry, "role");

	if (strcmp(text_of(entry, "hoststatus"), "CmonHostOnline") != 0) {
		return '-';
	}
	return strcmp(role, "leader") == 0     ? 'l'
	       : strcmp(role, "follower") == 0 ? 'f'
					       : '?';
}

static void
print_table(const json_t *reply)
{
	const json_t *list = json_object_get(reply, "controllers");
	size_t i;
	json_t *entry;

	printf("S VERSION    OWNER  GROUP  NAME       IP         PORT COMMENT\n");
	json_array_foreach (list, i, entry) {
		printf("%c %s %s %s %s %s %d %s\n", state_letter(entry),
		    text_of(entry, "version"), text_of(entry, "owner_user_name"),
		    text_of(entry, "owner_group_name"), text_of(entry, "hostname"),
		    text_of(entry, "ip"),
		    (int)json_integer_value(json_object_get(entry, "port")),
		    text_of(entry, "message"));
	}
	printf("Total: %zu controller(s)\n", json_array_size(list));
}

int
main(int argc, char **argv)
{
	struct client client = {.port = 0};

	if (argc != 4 || strcmp(argv[1], "controller") != 0 ||
	    strcmp(argv[2], "--list") != 0 || strcmp(argv[3], "--long") != 0) {
		die(1, "this stand-in knows `controller --list --long` alone");
	}
	read_settings(&client);
	client.tls = SSL_CTX_new(TLS_client_method());
	login(&client);
	json_t *reply =
	    post(&client, "/v2/host", json_pack("{ss}", "operation", "getControllers"));
	if (strcmp(text_of(reply, "request_status"), "Redirect") == 0) {
		turn_to_leader(&client, reply);
		json_decref(reply);
		reply = post(&client, "/v2/host",
		    json_pack("{ss}", "operation", "getControllers"));
	}
	need_ok(reply);
	print_table(reply);
	json_decref(reply);
	SSL_CTX_free(client.tls);
	return 0;
}
