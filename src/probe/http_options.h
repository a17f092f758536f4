/*
 * What the probe's HTTP requests have in common: those to controllers and to the web
 * interface of this node.
 */
#ifndef CMONHA_PROBE_HTTP_OPTIONS_H
#define CMONHA_PROBE_HTTP_OPTIONS_H

#include <curl/curl.h>

/*
 * Resets the handle. Only HTTP and HTTPS, no proxy, no redirect, no signal;
 * certificates are not verified and none are read, as they are self-signed.
 */
void http_options_set(CURL *easy);

#endif
