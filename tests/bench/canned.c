/*
 * canned ADDRESS PORT: the cheapest check that could be: accepts, reads what there is
 * of the request, writes one fixed answer, half-closes, reads to the end. What the
 * resident check is compared with, on the same node in the same run.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: "
    "24\r\nConnection: close\r\n\r\n"
    "This node is a leader.\r\n";

int
main(int argc, char **argv)
{
	char request[4096];
	struct sockaddr_in at = {.sin_family = AF_INET};
	int listening = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &at.sin_addr) != 1) {
		fprintf(stderr, "usage: canned ADDRESS PORT\n");
		return 64;
	}
	at.sin_port = htons((uint16_t)atoi(argv[2]));
	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listening, (struct sockaddr *)&at, sizeof at) != 0 ||
	    listen(listening, 1024) != 0) {
		perror("canned");
		return 1;
	}
	for (;;) {
		int client = accept(listening, NULL, NULL);
		if (client < 0) {
			continue;
		}
		if (read(client, request, sizeof request) > 0 &&
		    write(client, ANSWER, sizeof ANSWER - 1) > 0) {
			shutdown(client, SHUT_WR);
			while (read(client, request, sizeof request) > 0) {
			}
		}
		close(client);
	}
}
