/*
 * The pin of a server's certificate, over a real TLS connection.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "listening.h"
#include "probe/certificate.h"
#include "tls_server.h"
#include "unit.h"

#define PATIENCE 5000 /* milliseconds; to fail, not to measure */

static struct address address;
static int port;
static char pin[PIN_LENGTH + 1];

static void
begin(void)
{
	ck_assert_ptr_null(address_parse("127.0.0.1", &address));
}

static void
end(void)
{
	listening_stop();
}

START_TEST(pin_of_the_key)
{
	port = tls_server_start(false);
	ck_assert_ptr_null(certificate_pin(&address, port, PATIENCE, pin));
	ck_assert_str_eq(pin, TLS_SERVER_PIN);
	port = tls_server_start(true);
	ck_assert_ptr_null(certificate_pin(&address, port, PATIENCE, pin));
	ck_assert_str_eq(pin, TLS_SERVER_OTHER_PIN);
}
END_TEST

START_TEST(nothing_listens)
{
	int fd = listening_socket(&address, &port);

	close(fd);
	ck_assert_ptr_nonnull(certificate_pin(&address, port, PATIENCE, pin));
}
END_TEST

/* The kernel accepts the connection, and nobody answers. */
START_TEST(silent_server)
{
	int fd = listening_socket(&address, &port);

	ck_assert_ptr_nonnull(certificate_pin(&address, port, 100, pin));
	close(fd);
}
END_TEST

START_TEST(server_without_tls)
{
	int fd = listening_socket(&address, &port);
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		int client = accept(fd, NULL, NULL);

		if (client >= 0 && write(client, "HTTP/1.1 400 No\r\n\r\n", 19) < 0)
			_exit(1);
		_exit(0);
	}
	ck_assert_ptr_nonnull(certificate_pin(&address, port, PATIENCE, pin));
	close(fd);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("certificate");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, pin_of_the_key);
	tcase_add_test(cases, nothing_listens);
	tcase_add_test(cases, silent_server);
	tcase_add_test(cases, server_without_tls);
	suite_add_tcase(suite, cases);
	return suite;
}
