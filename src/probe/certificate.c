#include "probe/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "probe/http_options.h"

#define NAME       "Cert:" /* of the certificate itself, CURLINFO_CERTINFO(3) */
#define SUM_LENGTH 32

/* As libcurl gives it, in PEM; NULL if it does not. The caller frees it. */
static X509 *
find_certificate(CURL *easy)
{
	struct curl_certinfo *chain = NULL;
	const struct curl_slist *line = NULL;
	X509 *certificate = NULL;
	BIO *pem;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) == CURLE_OK && chain &&
	    chain->num_of_certs > 0)
		line = chain->certinfo[0];
	while (line && strncmp(line->data, NAME, strlen(NAME)) != 0)
		line = line->next;
	pem = line ? BIO_new_mem_buf(line->data + strlen(NAME), -1) : NULL;
	if (pem)
		certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);
	BIO_free(pem);
	return certificate;
}

static bool
format_pin(const X509 *certificate, char pin[static PIN_LENGTH + 1])
{
	unsigned char *key = NULL, sum[EVP_MAX_MD_SIZE];
	int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
	bool done = length > 0 &&
		    EVP_Digest(key, (size_t)length, sum, NULL, EVP_sha256(), NULL);

	memcpy(pin, PIN_PREFIX, strlen(PIN_PREFIX));
	if (done) /* 44 characters and a NUL */
		EVP_EncodeBlock(
		    (unsigned char *)pin + strlen(PIN_PREFIX), sum, SUM_LENGTH);
	OPENSSL_free(key);
	return done;
}

static const char *
connect_and_read(
    CURL *easy, const struct address *address, int port, int milliseconds, char *pin)
{
	char text[ADDRESS_TEXT_MAX], url[ADDRESS_TEXT_MAX + 32];
	const char *reason = NULL;
	X509 *certificate;
	CURLcode code;

	snprintf(url, sizeof(url), "https://%s:%d/", address_format_url(address, text),
	    port);
	http_options_set(easy);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)milliseconds);
	code = curl_easy_perform(easy);
	if (code != CURLE_OK)
		return curl_easy_strerror(code);
	certificate = find_certificate(easy);
	if (!certificate || !format_pin(certificate, pin))
		reason = "its certificate cannot be read";
	X509_free(certificate);
	return reason;
}

const char *
certificate_pin(const struct address *address, int port, int milliseconds,
    char pin[static PIN_LENGTH + 1])
{
	CURL *easy = curl_easy_init();
	const char *reason;

	if (!easy)
		log_fatal(EX_OSERR, "out of memory");
	reason = connect_and_read(easy, address, port, milliseconds, pin);
	curl_easy_cleanup(easy);
	return reason;
}
