#include <openssl/ssl.h>
#include <stdbool.h>
#include <string.h>

#include "listening.h"
#include "tls_server.h"
#include "unit.h"

/* Key and certificate of P-256 in PEM, self-signed as CMON's are; of no other use. */
static const char *const identities[2] = {
    /* TLS_SERVER_PIN */
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPVtRxv0piFyWzI/s\n"
    "cOGqvfhMCDDKn7ohEwROAyA4H0ShRANCAASi8dvDjK1eYdTz/4m/vPF8Bi0aP4Ps\n"
    "wwG0MY7g/70i2qDLMMjHJB5+viXzZpAa4YvvL33BGZ280l8sqV1fQghD\n"
    "-----END PRIVATE KEY-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbzCCARWgAwIBAgIUal5WCe42Dx9NKhl7H0p6eSk14fUwCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYTAgFw0yNjExMzAxNDI5NDBaGA8yMTI2MTEwNjE0Mjk0MFow\n"
    "DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKLx28OMrV5h\n"
    "1PP/ib+88XwGLRo/g+zDAbQxjuD/vSLaoMswyMckHn6+JfNmkBrhi+8vfcEZnbzS\n"
    "XyypXV9CCEOjUzBRMB0GA1UdDgQWBBQwB0ZikiWchN32nPJsbvGnx9H0szAfBgNV\n"
    "HSMEGDAWgBQwB0ZikiWchN32nPJsbvGnx9H0szAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0gAMEUCIQDys0uNZ7NdP3s4wmIQWT+HYnt8uN0Y5pY16doX8yuJ\n"
    "/QIgJWMPgP+WEOP7RwGVhzacUpwgjLxBs27BT/WOYo/cHsg=\n"
    "-----END CERTIFICATE-----\n",
    /* TLS_SERVER_OTHER_PIN */
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgudtDIjOjdM5ZPf/7\n"
    "hgurukHpKUkCItUyP+1yXonbrK+hRANCAASxpy53qPn08uFsEx5TcSh1iuXNKUFa\n"
    "HZ530+7LP2gWFXBjTd3cV/TpQLK/S461y6r5xBJxs3mgRh5JF3aTac20\n"
    "-----END PRIVATE KEY-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbjCCARWgAwIBAgIUWMkeXxTrhqEpYdbcx/xV8ro6bFIwCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYjAgFw0yNjExMzAxNDI5NDBaGA8yMTI2MTEwNjE0Mjk0MFow\n"
    "DDEKMAgGA1UEAwwBYjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLGnLneo+fTy\n"
    "4WwTHlNxKHWK5c0pQVodnnfT7ss/aBYVcGNN3dxX9OlAsr9LjrXLqvnEEnGzeaBG\n"
    "HkkXdpNpzbSjUzBRMB0GA1UdDgQWBBQAOC0rU0Yk8OmlzFTrj1XhnpNzhTAfBgNV\n"
    "HSMEGDAWgBQAOC0rU0Yk8OmlzFTrj1XhnpNzhTAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0cAMEQCIAyeFzDPnDUNigN/OqylQVU2CaKdhnLVYdYgjLbFRX0A\n"
    "AiAOWZn6QyUkmgs1XBCDKZmfMIcElhAKPPHo6kITwge5mg==\n"
    "-----END CERTIFICATE-----\n",
};

static const char reply[] =
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    "{\"request_status\": \"Ok\", \"controller_status\": \"CmonControllerLeader\"}";

static SSL_CTX *
make_context(const char *identity)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	BIO *pem = BIO_new_mem_buf(identity, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, NULL, NULL);
	X509 *certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);

	ck_assert_int_eq(SSL_CTX_use_PrivateKey(context, key), 1);
	ck_assert_int_eq(SSL_CTX_use_certificate(context, certificate), 1);
	EVP_PKEY_free(key);
	X509_free(certificate);
	BIO_free(pem);
	return context;
}

/* A query ends with the brace of its JSON; a client that only connects sends none. */
static void
serve(int fd, const void *context)
{
	SSL *tls = SSL_new((SSL_CTX *)context);
	char query[4096];
	int length = 0, got = 1;

	SSL_set_fd(tls, fd);
	if (SSL_accept(tls) == 1) {
		while (got > 0 && length < (int)sizeof(query) &&
		       (!length || query[length - 1] != '}')) {
			got =
			    SSL_read(tls, query + length, (int)sizeof(query) - length);
			length += got > 0 ? got : 0;
		}
		if (got > 0)
			SSL_write(tls, reply, (int)strlen(reply));
		SSL_shutdown(tls);
	}
	SSL_free(tls);
}

int
tls_server_start(bool other_key)
{
	struct address address;
	SSL_CTX *context = make_context(identities[other_key]);
	int port, listener;

	ck_assert_ptr_null(address_parse("127.0.0.1", &address));
	listener = listening_socket(&address, &port);
	listening_serve(listener, serve, context);
	SSL_CTX_free(context);
	return port;
}
