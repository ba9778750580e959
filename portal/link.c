/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "portal/link.h"

static int
too_long(struct error *err)
{
	return error_set(err, "the address to ask is too long");
}

int
link_make(char dst[LIMIT_URL], struct error *err, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(dst, LIMIT_URL, fmt, ap);
	va_end(ap);
	if (n >= 0 && n < LIMIT_URL)
		return 0;
	dst[0] = '\0';
	return too_long(err);
}

/* Whether that part is the same in both, or missing in both. */
static bool
same(CURLU *a, CURLU *b, CURLUPart part)
{
	char *x = NULL, *y = NULL;
	CURLUcode rx, ry;
	bool is_same = false;

	rx = curl_url_get(a, part, &x, CURLU_DEFAULT_PORT);
	ry = curl_url_get(b, part, &y, CURLU_DEFAULT_PORT);
	/* Out of memory is neither: then they are not the same. */
	if (rx == CURLUE_OK && ry == CURLUE_OK)
		is_same = strcasecmp(x, y) == 0;
	curl_free(x);
	curl_free(y);
	return is_same;
}

static bool
lacks(CURLU *u, CURLUPart part)
{
	char *x = NULL;
	CURLUcode r = curl_url_get(u, part, &x, 0);

	curl_free(x);
	return r != CURLUE_OK && r != CURLUE_OUT_OF_MEMORY;
}

/* Writes the URL of u to dst if it is on the origin of page. */
static int
take(CURLU *page, CURLU *u, char dst[LIMIT_URL])
{
	char *url = NULL;
	size_t len;

	if (!same(page, u, CURLUPART_SCHEME) ||
	    !same(page, u, CURLUPART_HOST) || !same(page, u, CURLUPART_PORT) ||
	    !lacks(u, CURLUPART_USER) || !lacks(u, CURLUPART_PASSWORD) ||
	    !lacks(u, CURLUPART_OPTIONS) || !lacks(u, CURLUPART_ZONEID))
		return -1;
	if (curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_URL, &url, 0) != CURLUE_OK)
		return -1;
	if ((len = strlen(url)) < LIMIT_URL)
		memcpy(dst, url, len + 1);
	curl_free(url);
	return len < LIMIT_URL ? 0 : -1;
}

int
link_follow(
    const char *page, const char *href, char dst[LIMIT_URL], struct error *err)
{
	CURLU *a = NULL, *b = NULL;
	const char *s;
	int r = -1;

	dst[0] = '\0';
	for (s = href; *s != '\0'; s++) {
		/* What some parsers drop and others don't. */
		if (!isgraph((unsigned char)*s) || *s == '\\')
			return error_set(err,
			    "the next page's address holds "
			    "a character that no URL may hold");
	}
	if ((a = curl_url()) == NULL || (b = curl_url()) == NULL) {
		(void)error_set(err, "out of memory");
		goto out;
	}
	if (curl_url_set(a, CURLUPART_URL, page, 0) == CURLUE_OK &&
	    curl_url_set(b, CURLUPART_URL, page, 0) == CURLUE_OK &&
	    curl_url_set(b, CURLUPART_URL, href, 0) == CURLUE_OK)
		r = take(a, b, dst);
	if (r == -1)
		(void)error_set(err,
		    "the next page's address is not the "
		    "portal's own; it is not followed");
out:
	curl_url_cleanup(a);
	curl_url_cleanup(b);
	return r;
}

static bool
has_parameter(const char *url, const char *name)
{
	const char *p = strchr(url, '?');
	size_t n = strlen(name);

	for (; p != NULL; p = strchr(p, '&')) {
		p++;
		/* The NUL at the end of url is one of them. */
		if (strncmp(p, name, n) == 0 && strchr("=&", p[n]) != NULL)
			return true;
	}
	return false;
}

int
link_keep(
    char url[LIMIT_URL], const char *name, const char *value, struct error *err)
{
	size_t len = strlen(url), size = LIMIT_URL - len;
	int n;

	if (has_parameter(url, name))
		return 0;
	n = snprintf(url + len, size, "%c%s=%s",
	    strchr(url, '?') == NULL ? '?' : '&', name, value);
	if (n >= 0 && (size_t)n < size)
		return 0;
	url[len] = '\0';
	return too_long(err);
}

void
link_host(const char *url, char *dst, size_t size)
{
	const char *p = strstr(url, "://");

	p = p == NULL ? url : p + 3;
	(void)text_clean(dst, size, p, strcspn(p, "/?#"));
}

bool
link_is_https(const char *url)
{
	return strncasecmp(url, "https://", 8) == 0;
}
