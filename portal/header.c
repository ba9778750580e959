/* SPDX-License-Identifier: ISC */
#include <curl/curl.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "portal/header.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
header_is(const char *line, size_t len, const char *name, const char **value,
    size_t *vlen)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && is_blank(*line)) {
		line++;
		len--;
	}
	while (len > 0 && is_blank(line[len - 1]))
		len--;
	*value = line;
	*vlen = len;
	return true;
}

/* RFC 9110 8.8.3, less the bytes over 0x7f that it tolerates. */
bool
header_etag_ok(const char *value, size_t len)
{
	size_t i;

	if (len >= LIMIT_ETAG)
		return false;
	if (len >= 2 && value[0] == 'W' && value[1] == '/') {
		value += 2;
		len -= 2;
	}
	if (len < 2 || value[0] != '"' || value[len - 1] != '"')
		return false;
	for (i = 1; i < len - 1; i++) {
		if (value[i] < 0x21 || value[i] > 0x7e || value[i] == '"')
			return false;
	}
	return true;
}

/* -1: it is none. */
static time_t
read_date(const char *value, size_t len)
{
	char date[64];

	if (len == 0 || len >= sizeof(date))
		return -1;
	memcpy(date, value, len);
	date[len] = '\0';
	return curl_getdate(date, NULL);
}

/* How long it is until an HTTP date; 0 for one that is past or is none. */
static int64_t
until_date(const char *value, size_t len, int64_t now_ms)
{
	int64_t seconds;
	time_t t = read_date(value, len);

	if (t == (time_t)-1)
		return 0;
	/* Capped before it is multiplied: a year may have ten digits. */
	seconds = (int64_t)t - now_ms / 1000;
	if (seconds > LIMIT_RETRY_AFTER_MS / 1000)
		return LIMIT_RETRY_AFTER_MS;
	return seconds < 0 ? 0 : seconds * 1000;
}

int64_t
header_date(const char *value, size_t len)
{
	time_t t = read_date(value, len);

	return t <= 0 || t > LIMIT_DATE_S ? 0 : (int64_t)t * 1000;
}

int64_t
header_retry_after(const char *value, size_t len, int64_t now_ms)
{
	int64_t ms = 0;
	size_t i;

	for (i = 0; i < len && value[i] >= '0' && value[i] <= '9'; i++) {
		if (ms < LIMIT_RETRY_AFTER_MS)
			ms = ms * 10 + (value[i] - '0') * INT64_C(1000);
	}
	if (i == 0 || i < len)
		return until_date(value, len, now_ms);
	return ms > LIMIT_RETRY_AFTER_MS ? LIMIT_RETRY_AFTER_MS : ms;
}
