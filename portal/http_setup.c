/* SPDX-License-Identifier: ISC */
/*
 * Every option of a transfer.  What libcurl would take from the environment,
 * from files or from the server is said here, not left to its defaults.
 */
#include <string.h>

#include "base/clock.h"
#include "portal/handle.h"
#include "portal/http.h"
#include "portal/link.h"

#ifndef PACKAGE_VERSION
#error "PACKAGE_VERSION comes from configure"
#endif

#define RECEIVE_SIZE (128L * 1024)

/* Goes on to the next option only while all is well. */
#define SET(option, value)                                             \
	do {                                                           \
		if (r == CURLE_OK)                                     \
			r = curl_easy_setopt(easy, (option), (value)); \
	} while (0)

/*
 * The token and the answer stay between this program and one server.
 * (Cookies, HSTS and Alt-Svc stay off as long as no option turns them on.)
 */
static CURLcode
set_bounds(CURL *easy, bool https)
{
	CURLcode r = CURLE_OK;

#if LIBCURL_VERSION_NUM >= 0x075500
	SET(CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
#else
	SET(CURLOPT_PROTOCOLS,
	    https ? (long)CURLPROTO_HTTPS : (long)CURLPROTO_HTTP);
#endif
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A hanging name lookup is left behind, not waited for. */
	SET(CURLOPT_QUICK_EXIT, 1L);
#endif
	return r;
}

/* "" says that there is none, whatever the environment says. */
static CURLcode
set_proxy(CURL *easy, const char *proxy)
{
	CURLcode r = CURLE_OK;

	SET(CURLOPT_PROXY, proxy);
	SET(CURLOPT_NOPROXY, "");
	/* The token is for the portal; a proxy sees but the tunnel. */
	SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	return r;
}

static CURLcode
set_times(const struct http_call *call, CURL *easy)
{
	int64_t connect = call->portal->set->connect_timeout_ms;
	long left = clock_left_ms(call->deadline);
	CURLcode r = CURLE_OK;

	/* 0 would stand for libcurl's own, far longer times. */
	if (left < 1)
		left = 1;
	SET(CURLOPT_TIMEOUT_MS, left);
	SET(CURLOPT_CONNECTTIMEOUT_MS,
	    connect > 0 && connect < left ? (long)connect : left);
	return r;
}

static CURLcode
set_request(const struct http_call *call, CURL *easy, const char *url)
{
	const struct curl_slist *headers = call->condition;
	CURLcode r = CURLE_OK;
	bool https = link_is_https(url);
	int has = curl_version_info(CURLVERSION_NOW)->features;

	if (headers == NULL && call->peer == HTTP_PORTAL)
		headers = call->portal->headers;
	SET(CURLOPT_URL, url);
	SET(CURLOPT_HTTPGET, 1L);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_USERAGENT, "packet-keys/" PACKAGE_VERSION);
	/*
	 * To wait for the first connection and share it.  Without TLS that
	 * would be until its first answer, so that one slow list would hold
	 * up the others.
	 */
	SET(CURLOPT_PIPEWAIT, https ? 1L : 0L);
	SET(CURLOPT_BUFFERSIZE, RECEIVE_SIZE);
	/* What this libcurl was built without is done without. */
	if (has & CURL_VERSION_HTTP2)
		SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	if (has & CURL_VERSION_LIBZ)
		SET(CURLOPT_ACCEPT_ENCODING, "gzip");
	return r;
}

CURLcode
http_setup(struct http_call *call, const char *url)
{
	const struct portal *p = call->portal;
	bool https = link_is_https(url);
	/* The metadata service knows a machine by its own address, and a
	 * proxy for http:// would be told the token. */
	bool direct = call->peer == HTTP_METADATA || !https;
	CURL *easy = call->easy;
	CURLcode r;

	call->trust = p->trust.kind;
	if ((r = set_bounds(easy, https)) != CURLE_OK ||
	    (r = set_proxy(easy, direct ? "" : p->set->proxy)) != CURLE_OK ||
	    (r = set_times(call, easy)) != CURLE_OK ||
	    (r = set_request(call, easy, url)) != CURLE_OK)
		return r;
	return https ? trust_apply(&p->trust, easy) : CURLE_OK;
}
