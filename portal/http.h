/*
 * One GET: started, driven by the handle's multi, and what came of it.
 */
#ifndef PORTAL_HTTP_H
#define PORTAL_HTTP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "portal/portal.h"
#include "portal/trust.h"

enum http_peer {
	HTTP_PORTAL, /* gets the token */
	HTTP_METADATA /* never does, nor is it asked through the proxy */
};

/* What to ask; the strings are needed for the call of http_start() alone. */
struct http_ask {
	enum http_peer peer;
	const char *url;
	const char *etag; /* for If-None-Match; "" for none */
	size_t cap; /* of the body, expanded */
	int64_t deadline; /* clock_mono_ms() */
	void *owner; /* the caller's own; comes back with the call */
};

enum http_fault {
	HTTP_FINE,
	HTTP_TOO_LARGE, /* the body went over the cap */
	HTTP_NO_MEMORY,
	HTTP_HEADERS /* more header bytes than can be meant */
};

struct http_call {
	enum http_peer peer;
	void *owner;
	char host[LIMIT_URL]; /* and the port, as in the URL */
	/* Once it has ended. */
	CURLcode code;
	enum http_fault fault;
	int status; /* 0: none came */
	struct buf body;
	char etag[LIMIT_ETAG]; /* "" if none came that is fit to be stored */
	int64_t retry_after_ms;
	int64_t date_ms; /* the portal's clock; 0: it didn't say */
	bool conditional; /* If-None-Match was sent */
	bool resolved; /* the host's name was found */
	bool connected; /* it came as far as sending the request */
	long os_errno;
	char detail[CURL_ERROR_SIZE]; /* libcurl's own words */
	/* Inside. */
	struct portal *portal;
	CURL *easy;
	struct curl_slist *condition; /* If-None-Match */
	enum trust_kind trust;
	int64_t deadline;
	size_t header_bytes;
	bool saw_etag, in_body, running;
};

/* Starts a request.  NULL with err set when that can't be done. */
struct http_call *http_start(
    struct portal *p, const struct http_ask *ask, struct error *err);

/* Moves all requests of the handle on.  0, or -1 with err set. */
int http_perform(struct portal *p, struct error *err);

/* Waits for news of any of them, at most ms.  0, or -1 with err set. */
int http_wait(struct portal *p, int ms, struct error *err);

/* A request that has ended, its results filled in; NULL: no more for now. */
struct http_call *http_ended(struct portal *p);

/* Ends a running request as one that took too long. */
void http_time_out(struct http_call *call);

/* Frees it, running or not; NULL is allowed. */
void http_free(struct http_call *call);

/* The options of a new transfer; http_setup.c. */
CURLcode http_setup(struct http_call *call, const char *url);

#endif
