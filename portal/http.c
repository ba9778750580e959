/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "portal/handle.h"
#include "portal/header.h"
#include "portal/http.h"
#include "portal/link.h"

#define HEADER_BYTES_MAX (64 * 1024)
#define STATUS_OK 200

static void
read_header(struct http_call *c, const char *line, size_t len)
{
	const char *value;
	size_t n;

	if (header_is(line, len, "ETag", &value, &n)) {
		/* Two of them say nothing. */
		c->etag[0] = '\0';
		if (!c->saw_etag && header_etag_ok(value, n)) {
			memcpy(c->etag, value, n);
			c->etag[n] = '\0';
		}
		c->saw_etag = true;
	} else if (header_is(line, len, "Retry-After", &value, &n)) {
		c->retry_after_ms =
		    header_retry_after(value, n, clock_wall_ms());
	} else if (header_is(line, len, "Date", &value, &n)) {
		c->date_ms = header_date(value, n);
	}
}

static size_t
on_header(char *line, size_t size, size_t n, void *arg)
{
	struct http_call *c = arg;
	size_t len = size * n;

	c->header_bytes += len;
	if (c->header_bytes > HEADER_BYTES_MAX) {
		c->fault = HTTP_HEADERS;
		return 0;
	}
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		/* 100, 103, then the answer's own: each starts anew. */
		c->etag[0] = '\0';
		c->saw_etag = false;
		c->retry_after_ms = c->date_ms = 0;
	} else if (!c->in_body) {
		read_header(c, line, len);
	}
	return len;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_call *c = arg;
	size_t len = size * n, cap = c->body.cap;
	long status = 0;

	c->in_body = true;
	(void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	/* Of an error nothing but its few words is of use. */
	if (status != STATUS_OK && cap > LIMIT_ANSWER_ERROR)
		cap = LIMIT_ANSWER_ERROR;
	if (c->body.len > cap || len > cap - c->body.len) {
		c->fault = HTTP_TOO_LARGE;
		return 0;
	}
	if (buf_put(&c->body, data, len) == -1) {
		c->fault = HTTP_NO_MEMORY;
		return 0;
	}
	return len;
}

/* The If-None-Match header, and behind it those that all requests share. */
static int
add_condition(struct http_call *c, const char *etag)
{
	char line[sizeof("If-None-Match: ") + LIMIT_ETAG];

	if (!header_etag_ok(etag, strlen(etag)))
		return 0;
	(void)snprintf(line, sizeof(line), "If-None-Match: %s", etag);
	if ((c->condition = curl_slist_append(NULL, line)) == NULL)
		return -1;
	if (c->peer == HTTP_PORTAL)
		c->condition->next = c->portal->headers;
	c->conditional = true;
	return 0;
}

static CURLcode
prepare(struct http_call *c, const char *url)
{
	CURLcode r;

	if ((r = curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c)) != CURLE_OK ||
	    (r = curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->detail)) !=
		CURLE_OK ||
	    (r = curl_easy_setopt(
		 c->easy, CURLOPT_HEADERFUNCTION, on_header)) != CURLE_OK ||
	    (r = curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c)) !=
		CURLE_OK ||
	    (r = curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body)) !=
		CURLE_OK ||
	    (r = curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c)) != CURLE_OK)
		return r;
	return http_setup(c, url);
}

struct http_call *
http_start(struct portal *p, const struct http_ask *ask, struct error *err)
{
	struct http_call *c;
	CURLMcode m;
	CURLcode r;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		(void)error_set(err, "out of memory");
		return NULL;
	}
	c->peer = ask->peer;
	c->owner = ask->owner;
	c->portal = p;
	c->deadline = ask->deadline;
	buf_init(&c->body, ask->cap);
	link_host(ask->url, c->host, sizeof(c->host));
	if ((c->easy = curl_easy_init()) == NULL ||
	    add_condition(c, ask->etag) == -1) {
		(void)error_set(err, "out of memory");
		goto fail;
	}
	if ((r = prepare(c, ask->url)) != CURLE_OK) {
		(void)error_set(err, "libcurl can't be set up for this: %s",
		    curl_easy_strerror(r));
		goto fail;
	}
	if ((m = curl_multi_add_handle(p->multi, c->easy)) != CURLM_OK) {
		(void)error_set(err, "libcurl: %s", curl_multi_strerror(m));
		goto fail;
	}
	c->running = true;
	return c;
fail:
	http_free(c);
	return NULL;
}

int
http_perform(struct portal *p, struct error *err)
{
	CURLMcode m;
	int running;

	if ((m = curl_multi_perform(p->multi, &running)) != CURLM_OK)
		return error_set(err, "libcurl: %s", curl_multi_strerror(m));
	return 0;
}

int
http_wait(struct portal *p, int ms, struct error *err)
{
	CURLMcode m;

	if ((m = curl_multi_poll(p->multi, NULL, 0, ms, NULL)) != CURLM_OK)
		return error_set(err, "libcurl: %s", curl_multi_strerror(m));
	return 0;
}

static void
finish(struct http_call *c, CURLcode code)
{
	curl_off_t t = 0;
	long status = 0;

	c->code = code;
	(void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	c->status = status >= 200 && status <= 999 ? (int)status : 0;
	(void)curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &c->os_errno);
	(void)curl_easy_getinfo(c->easy, CURLINFO_NAMELOOKUP_TIME_T, &t);
	/* One that waited to share a connection has looked nothing up. */
	if (t > 0)
		c->portal->resolved[c->peer] = true;
	c->resolved = c->portal->resolved[c->peer];
	t = 0;
	(void)curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &t);
	c->connected = t > 0;
	(void)curl_multi_remove_handle(c->portal->multi, c->easy);
	c->running = false;
}

/*
 * The certificate is not in the system's hashed folder: asks once more with
 * all that the system trusts.  Whether the call is running again.
 */
static bool
again(struct http_call *c)
{
	struct portal *p = c->portal;
	CURL *old = c->easy, *easy;
	char *url = NULL;

	/* Another call may have widened the handle's choice before. */
	if (c->trust != TRUST_FOLDER ||
	    (p->trust.kind == TRUST_FOLDER && !trust_widen(&p->trust)))
		return false;
	if ((easy = curl_easy_init()) == NULL)
		return false;
	c->easy = easy;
	if (curl_easy_getinfo(old, CURLINFO_EFFECTIVE_URL, &url) == CURLE_OK &&
	    url != NULL && prepare(c, url) == CURLE_OK &&
	    curl_multi_add_handle(p->multi, easy) == CURLM_OK) {
		curl_easy_cleanup(old);
		c->detail[0] = '\0';
		c->running = true;
		return true;
	}
	curl_easy_cleanup(easy);
	c->easy = old;
	return false;
}

struct http_call *
http_ended(struct portal *p)
{
	struct http_call *c;
	CURLMsg *msg;
	CURLcode code;
	char *priv;
	int left;

	while ((msg = curl_multi_info_read(p->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		/* msg dies with the removal of its handle. */
		code = msg->data.result;
		priv = NULL;
		(void)curl_easy_getinfo(
		    msg->easy_handle, CURLINFO_PRIVATE, &priv);
		c = (struct http_call *)(void *)priv;
		finish(c, code);
		if (code == CURLE_PEER_FAILED_VERIFICATION && again(c))
			continue;
		return c;
	}
	return NULL;
}

void
http_time_out(struct http_call *c)
{
	if (c->running)
		finish(c, CURLE_OPERATION_TIMEDOUT);
}

void
http_free(struct http_call *c)
{
	if (c == NULL)
		return;
	if (c->running)
		(void)curl_multi_remove_handle(c->portal->multi, c->easy);
	curl_easy_cleanup(c->easy);
	if (c->condition != NULL) {
		/* The rest of the list is the handle's. */
		c->condition->next = NULL;
		curl_slist_free_all(c->condition);
	}
	buf_free(&c->body);
	free(c);
}
