/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/config_value.h"
#include "base/text.h"
#include "base/url.h"

struct setting {
	const char *section, *name;
	int (*set)(void *field, const struct setting *, const char *value,
	    struct error *);
	size_t offset, size;
	int64_t min, max; /* of spans, in milliseconds, and of counts */
};

static const struct {
	const char *name;
	int64_t ms;
} units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

int64_t
config_value_span(const char *value)
{
	size_t i, digits = strspn(value, "0123456789");
	int64_t n = 0;

	if (digits == 0 || digits > 9)
		return -1;
	for (i = 0; i < digits; i++)
		n = n * 10 + (value[i] - '0');
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(value + digits, units[i].name) == 0)
			return n * units[i].ms;
	}
	return -1;
}

/* A span in the largest unit that says it exactly. */
static const char *
span_words(int64_t ms, char dst[32])
{
	size_t i = sizeof(units) / sizeof(units[0]) - 1;

	while (i > 0 && (ms == 0 || ms % units[i].ms != 0))
		i--;
	(void)snprintf(
	    dst, 32, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
	return dst;
}

static int
set_text(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	if (strlen(value) >= s->size)
		return error_set(err, "the value is too long");
	(void)text_copy(field, s->size, value);
	return 0;
}

static int
set_path(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	if (value[0] == '\0' && s->min == 0)
		return set_text(field, s, value, err);
	if (value[0] != '/')
		return error_set(err, "needs a path that starts with /");
	return set_text(field, s, value, err);
}

static int
set_url(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	size_t len;

	if (value[0] == '\0' && s->min == 0)
		return set_text(field, s, value, err);
	if (url_check(value, err) == -1)
		return -1;
	if (set_text(field, s, value, err) == -1)
		return -1;
	for (len = strlen(value); len > 0 && value[len - 1] == '/'; len--)
		((char *)field)[len - 1] = '\0';
	return 0;
}

/* curl's proxy URLs have schemes of their own (socks5h:// …). */
static int
set_proxy(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	static const char *const schemes[] = {"http://", "https://",
	    "socks4://", "socks4a://", "socks5://", "socks5h://"};
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strncmp(value, schemes[i], strlen(schemes[i])) == 0)
			return set_text(field, s, value, err);
	}
	if (value[0] == '\0')
		return set_text(field, s, value, err);
	return error_set(err, "needs a URL such as http://proxy:3128");
}

static int
set_id(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	if (strcmp(value, "auto") != 0 && strcmp(value, "none") != 0 &&
	    !uuid_ok(value))
		return error_set(err, "needs auto, none or a uuid");
	return set_text(field, s, value, err);
}

static int
set_fleet(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	if (strcmp(value, "none") != 0 && strcmp(value, "project") != 0 &&
	    strcmp(value, "device") != 0 &&
	    (strncmp(value, "organization:", 13) != 0 || !uuid_ok(value + 13)))
		return error_set(err,
		    "needs none, project, device or "
		    "organization:<uuid>");
	return set_text(field, s, value, err);
}

static int
set_span(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	int64_t ms = config_value_span(value);
	char least[32], most[32];

	if (ms == -1)
		return error_set(err,
		    "needs a number and a unit: ms, s, m, "
		    "h or d, such as 5s");
	if (ms < s->min || ms > s->max)
		return error_set(err, "must be from %s to %s",
		    span_words(s->min, least), span_words(s->max, most));
	*(int64_t *)field = ms;
	return 0;
}

static int
set_count(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	size_t i, len = strlen(value);
	unsigned n = 0;

	for (i = 0; i < len && i < 6; i++)
		n = n * 10 + (unsigned)(value[i] - '0');
	if (len == 0 || len > 5 || strspn(value, "0123456789") != len ||
	    n < s->min || n > s->max)
		return error_set(err, "needs a number from %lld to %lld",
		    (long long)s->min, (long long)s->max);
	*(unsigned *)field = n;
	return 0;
}

static int
set_sources(
    void *field, const struct setting *s, const char *value, struct error *err)
{
	unsigned mask = 0;
	enum source src;
	size_t len;

	(void)s;
	for (;; value += len) {
		value += strspn(value, " \t,");
		len = strcspn(value, " \t,");
		if (len == 0)
			break;
		src = source_by_name(value, len);
		if (src == SOURCE_COUNT)
			return error_set(err,
			    "knows no source %.*s; there "
			    "are device, project, personal and metadata",
			    (int)len, value);
		if ((mask & SOURCE_BIT(src)) != 0)
			return error_set(
			    err, "names %.*s twice", (int)len, value);
		mask |= SOURCE_BIT(src);
	}
	if (mask == 0)
		return error_set(err,
		    "needs at least one of device, "
		    "project, personal, metadata");
	*(unsigned *)field = mask;
	return 0;
}

#define FIELD(f) offsetof(struct config, f), sizeof(((struct config *)0)->f)
#define SECONDS INT64_C(1000)
#define DAYS (86400 * SECONDS)
#define REQUIRED 1

/* At most 64 rows: config.c keeps a bit for each. */
static const struct setting settings[] = {
    {"portal", "url", set_url, FIELD(url), REQUIRED, 0},
    {"portal", "token-file", set_path, FIELD(token_file), REQUIRED, 0},
    {"portal", "project", set_id, FIELD(project), 0, 0},
    {"portal", "device", set_id, FIELD(device), 0, 0},
    {"portal", "metadata-url", set_url, FIELD(metadata_url), REQUIRED, 0},
    {"portal", "sources", set_sources, FIELD(sources), 0, 0},
    {"portal", "ca-file", set_path, FIELD(ca_file), 0, 0},
    {"portal", "proxy", set_proxy, FIELD(proxy), 0, 0},
    {"portal", "connect-timeout", set_span, FIELD(connect_timeout_ms), 100,
	60 * SECONDS},
    {"portal", "timeout", set_span, FIELD(timeout_ms), 100, 60 * SECONDS},
    {"cache", "directory", set_path, FIELD(directory), REQUIRED, 0},
    {"cache", "socket", set_path, FIELD(socket), REQUIRED, 0},
    {"cache", "fresh", set_span, FIELD(fresh_ms), 0, DAYS},
    {"cache", "stale", set_span, FIELD(stale_ms), SECONDS, 3650 * DAYS},
    {"cache", "retry", set_span, FIELD(retry_ms), 0, 300 * SECONDS},
    {"cache", "mass-removal", set_count, FIELD(mass_removal), 1, 1000},
    {"policy", "file", set_path, FIELD(policy_file), REQUIRED, 0},
    {"policy", "fleet", set_fleet, FIELD(fleet), 0, 0},
};

bool
config_value_section(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strlen(settings[i].section) == len &&
		    memcmp(settings[i].section, name, len) == 0)
			return true;
	}
	return false;
}

int
config_value_set(struct config *cfg, const char *section, const char *name,
    const char *value, struct error *err)
{
	const struct setting *s;
	struct error why;
	bool known = false;
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		s = &settings[i];
		if (strcmp(s->section, section) != 0)
			continue;
		known = true;
		if (strcmp(s->name, name) != 0)
			continue;
		if (s->set((char *)cfg + s->offset, s, value, &why) == -1)
			return error_set(
			    err, "[%s] %s: %s", section, name, why.text);
		return (int)i;
	}
	if (section[0] == '\0')
		return error_set(
		    err, "%s stands before the first [section]", name);
	if (!known)
		return error_set(err,
		    "unknown section [%s]; there are "
		    "[portal], [cache] and [policy]",
		    section);
	return error_set(err, "unknown setting %s in [%s]", name, section);
}
