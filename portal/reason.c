/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "portal/decode.h"
#include "portal/handle.h"
#include "portal/reason.h"

#define DETAIL_SIZE 200 /* of what the other side says, in a reason */
#define SPAN_SIZE 32

/* Puts stars where the token stands in s. */
static void
hide_token(const struct portal *p, char *s)
{
	size_t n = strlen(p->token);

	if (n == 0)
		return;
	while ((s = strstr(s, p->token)) != NULL) {
		memset(s, '*', n);
		s += n;
	}
}

void
reason_put(const struct portal *p, char dst[LIMIT_REASON], const char *fmt, ...)
{
	char text[2 * LIMIT_REASON + LIMIT_TOKEN_FILE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	hide_token(p, text);
	(void)text_clean(dst, LIMIT_REASON, text, strlen(text));
}

/* In round numbers: a deadline of 5 s has lost a few ms when it gets here. */
static const char *
span_text(int64_t ms, char dst[SPAN_SIZE])
{
	if (ms < 950) {
		(void)snprintf(
		    dst, SPAN_SIZE, "%d ms", (int)(ms + 5) / 10 * 10);
		return dst;
	}
	return text_span(dst, SPAN_SIZE, ms + 500);
}

void
reason_late(const struct portal *p, int64_t span, char dst[LIMIT_REASON])
{
	char text[SPAN_SIZE];

	reason_put(p, dst, "no answer within %s", span_text(span, text));
}

/*
 * " (what the error body says)", or "".  The token is taken out before the
 * text is cut, or a part of it could be left.
 */
static void
body_words(const struct portal *p, struct http_call *c, char dst[DETAIL_SIZE])
{
	char text[LIMIT_TOKEN_FILE + 4 * DETAIL_SIZE], cut[DETAIL_SIZE - 3];

	dst[0] = '\0';
	decode_error_text(
	    (const char *)c->body.data, c->body.len, text, sizeof(text));
	if (text[0] == '\0')
		return;
	hide_token(p, text);
	(void)text_clean(cut, sizeof(cut), text, strlen(text));
	(void)snprintf(dst, DETAIL_SIZE, " (%s)", cut);
}

static const char *
peer_name(const struct http_call *c)
{
	return c->peer == HTTP_PORTAL ? "portal" : "metadata service";
}

/* What another kind of token might be allowed to see. */
static const char *
denied_hint(const struct portal *p, enum subject subject)
{
	if (subject == SUBJECT_PERSONAL)
		return "; if it is a project's token, take personal out of "
		       "sources";
	if (subject == SUBJECT_MEMBERS)
		return "; if it is a project's token, it may not see the "
		       "project's members";
	if (subject == SUBJECT_FLEET && strchr(p->set->fleet, ':') != NULL)
		return "; if it is a project's token, it may not see the "
		       "organization";
	return "";
}

static void
reason_denied(const struct portal *p, const struct http_call *c,
    enum subject subject, const char *words, char dst[LIMIT_REASON])
{
	const char *what;

	if (c->peer == HTTP_METADATA) {
		reason_put(
		    p, dst, "metadata service answered %d%s", c->status, words);
		return;
	}
	what = c->status == 401 ? "was not accepted" : "may not read this";
	reason_put(p, dst, "portal answered %d: the token in %s %s%s%s",
	    c->status, p->set->token_file, what, words,
	    denied_hint(p, subject));
}

static void
reason_missing(const struct portal *p, const struct http_call *c,
    enum subject subject, const char *id, const char *words,
    char dst[LIMIT_REASON])
{
	const char *kind = "device", *part = "it";

	if (subject == SUBJECT_PROJECT || subject == SUBJECT_MEMBERS)
		kind = "project";
	if (subject == SUBJECT_MEMBERS)
		part = "its members";
	if (subject == SUBJECT_FLEET) {
		/* "organization:…" is one. */
		kind = p->set->fleet;
		part = "its customdata";
	}
	if (id[0] != '\0')
		reason_put(p, dst,
		    "portal answered 404: %.*s %s is not known "
		    "there, or the token in %s may not see %s%s",
		    (int)strcspn(kind, ":"), kind, id, p->set->token_file, part,
		    words);
	else
		reason_put(p, dst,
		    "%s answered 404: check %s in the configuration%s",
		    peer_name(c),
		    c->peer == HTTP_PORTAL ? "url" : "metadata-url", words);
}

/* The other side answered, but not with what was asked for. */
static void
reason_status(const struct portal *p, struct http_call *c, enum subject subject,
    const char *id, char dst[LIMIT_REASON])
{
	const char *peer = peer_name(c);
	char words[DETAIL_SIZE];

	body_words(p, c, words);
	if (c->status == 401 || c->status == 403)
		reason_denied(p, c, subject, words, dst);
	else if (c->status == 404)
		reason_missing(p, c, subject, id, words, dst);
	else if (c->status == 304)
		reason_put(p, dst,
		    "%s answered 304 to a request that set no condition", peer);
	else if (c->status >= 300 && c->status < 400)
		reason_put(p, dst,
		    "%s answered %d (redirects are not followed)", peer,
		    c->status);
	else if (c->status == 429)
		reason_put(p, dst, "%s answered 429: too many requests%s", peer,
		    words);
	else
		reason_put(p, dst, "%s answered %d%s%s", peer, c->status,
		    c->status >= 300               ? ""
			: subject == SUBJECT_FLEET ? ", which is no customdata"
						   : ", which is no list",
		    words);
}

static void
reason_timeout(const struct portal *p, const struct http_call *c, int64_t span,
    char dst[LIMIT_REASON])
{
	int64_t connect = p->set->connect_timeout_ms;
	char text[SPAN_SIZE];

	if (connect <= 0 || connect > span)
		connect = span;
	if (c->connected)
		reason_late(p, span, dst);
	else if (c->resolved)
		reason_put(p, dst, "cannot reach %s: no connection within %s",
		    c->host, span_text(connect, text));
	else
		reason_put(p, dst,
		    "cannot reach %s: its name was not found within %s",
		    c->host, span_text(connect, text));
}

/* libcurl's own words, less what every TLS message starts with. */
static const char *
detail(const struct http_call *c)
{
	static const char *const starts[] = {
	    "SSL certificate problem: ", "SSL: "};
	size_t i, n;

	if (c->detail[0] == '\0')
		return curl_easy_strerror(c->code);
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		n = strlen(starts[i]);
		if (strncmp(c->detail, starts[i], n) == 0)
			return c->detail + n;
	}
	return c->detail;
}

static void
reason_connect(
    const struct portal *p, const struct http_call *c, char dst[LIMIT_REASON])
{
	/* With a proxy libcurl's words say which of the two it was. */
	if (c->os_errno != 0 && p->set->proxy[0] == '\0')
		reason_put(p, dst, "cannot reach %s: %s", c->host,
		    strerror((int)c->os_errno));
	else
		reason_put(p, dst, "cannot reach %s: %s", c->host, detail(c));
}

static void
reason_tls(
    const struct portal *p, const struct http_call *c, char dst[LIMIT_REASON])
{
	if (c->code == CURLE_PEER_FAILED_VERIFICATION)
		reason_put(p, dst,
		    "TLS: the certificate of %s is not trusted: %s%s", c->host,
		    detail(c),
		    p->set->ca_file[0] == '\0' ? " (ca-file names the CA of "
						 "a portal of your own)"
					       : "");
	else if (c->code == CURLE_SSL_CACERT_BADFILE)
		reason_put(p, dst, "TLS: %s: %s",
		    p->set->ca_file[0] != '\0' ? p->set->ca_file
					       : "the system's trust store",
		    detail(c));
	else
		reason_put(
		    p, dst, "TLS with %s failed: %s", c->host, detail(c));
}

static void
reason_body(
    const struct portal *p, const struct http_call *c, char dst[LIMIT_REASON])
{
	if (c->fault == HTTP_TOO_LARGE)
		reason_put(p, dst, "answer is larger than %d MiB",
		    LIMIT_ANSWER / (1024 * 1024));
	else if (c->fault == HTTP_HEADERS)
		reason_put(p, dst, "answer's headers are too large");
	else if (c->fault == HTTP_NO_MEMORY)
		reason_put(p, dst, "out of memory");
	else if (c->code == CURLE_BAD_CONTENT_ENCODING)
		reason_put(
		    p, dst, "answer's compression is broken: %s", detail(c));
	else
		reason_put(p, dst, "answer of %s was cut short: %s", c->host,
		    detail(c));
}

void
reason_http(const struct portal *p, struct http_call *c, enum subject subject,
    const char *id, int64_t span, char dst[LIMIT_REASON])
{
	/* A refusal stands even if its words did not all come through. */
	if (c->status != 0 && c->status != 200 &&
	    !(c->status == 304 && c->conditional)) {
		reason_status(p, c, subject, id, dst);
		return;
	}
	switch (c->code) {
	case CURLE_OPERATION_TIMEDOUT:
		reason_timeout(p, c, span, dst);
		return;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		reason_connect(p, c, dst);
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
		reason_tls(p, c, dst);
		return;
	default:
		break;
	}
	if (c->status == 200 || c->fault != HTTP_FINE)
		reason_body(p, c, dst);
	else
		reason_put(
		    p, dst, "no usable answer from %s: %s", c->host, detail(c));
}
