/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "policy/options_lists.h"
#include "policy/options_value.h"

#define PERMITS 256 /* permitopen="a:1", and its comma: sixteen bytes */

static bool
in_list(const char *list, const char *word, size_t len)
{
	size_t n;

	for (;; list += n + 1) {
		n = strcspn(list, ",");
		if (n == len && memcmp(list, word, len) == 0)
			return true;
		if (list[n] == '\0')
			return false;
	}
}

enum options_clash
options_merge_principals(struct options *out, const char *a, const char *b)
{
	char *dst;
	size_t n;

	if (a == NULL && b == NULL)
		return OPTIONS_MERGED;
	/* Without a list the account's own name counts: no list says both. */
	if (a == NULL || b == NULL)
		return OPTIONS_CLASH_PRINCIPALS;
	if ((dst = calloc(1, strlen(a) + 2)) == NULL)
		return OPTIONS_CLASH_INTERNAL;
	out->principals = dst;
	for (;; a += n + 1) {
		n = strcspn(a, ",");
		if (in_list(b, a, n)) {
			if (dst != out->principals)
				*dst++ = ',';
			memcpy(dst, a, n);
			dst += n;
		}
		if (a[n] == '\0')
			break;
	}
	return dst == out->principals ? OPTIONS_CLASH_PRINCIPALS
				      : OPTIONS_MERGED;
}

/* Both lists together, where no name gets a second value. */
enum options_clash
options_merge_environment(
    struct words *out, const struct words *a, const struct words *b)
{
	size_t i, j, len;

	for (i = 0; i < a->n; i++) {
		len = strcspn(a->v[i], "=") + 1;
		for (j = 0; j < b->n; j++) {
			if (strncmp(a->v[i], b->v[j], len) == 0 &&
			    strcmp(a->v[i], b->v[j]) != 0)
				return OPTIONS_CLASH_ENVIRONMENT;
		}
	}
	return words_join(out, a) == -1 || words_join(out, b) == -1
	    ? OPTIONS_CLASH_INTERNAL
	    : OPTIONS_MERGED;
}

/* The stricter of two hosts or ports, or NULL if they differ. */
static const struct span *
narrower(const struct span *a, const struct span *b)
{
	if (span_is(*a, "*"))
		return b;
	if (span_is(*b, "*") ||
	    (a->len == b->len && memcmp(a->p, b->p, a->len) == 0))
		return a;
	return NULL;
}

/* Appends what two entries have in common. */
static int
add_common(struct words *out, const char *a, const char *b)
{
	struct span ahost, aport, bhost, bport;
	const struct span *host, *port;
	char text[LIMIT_OPTIONS];
	size_t len;

	if (!option_host_port((struct span){a, strlen(a)}, &ahost, &aport) ||
	    !option_host_port((struct span){b, strlen(b)}, &bhost, &bport) ||
	    (host = narrower(&ahost, &bhost)) == NULL ||
	    (port = narrower(&aport, &bport)) == NULL)
		return 0;
	len = host->len + 1 + port->len;
	if (len > sizeof(text))
		return 0;
	memcpy(text, host->p, host->len);
	text[host->len] = ':';
	memcpy(text + host->len + 1, port->p, port->len);
	return words_has(out, text, len) ? 0 : words_add(out, text, len);
}

enum options_clash
options_merge_permits(struct options *o, struct words *out,
    const struct words *a, const struct words *b)
{
	size_t i, j;

	if (a->n == 0 || b->n == 0)
		return words_join(out, a->n == 0 ? b : a) == -1
		    ? OPTIONS_CLASH_INTERNAL
		    : OPTIONS_MERGED;
	for (i = 0; i < a->n; i++) {
		for (j = 0; j < b->n; j++) {
			if (add_common(out, a->v[i], b->v[j]) == -1)
				return OPTIONS_CLASH_INTERNAL;
			/* More than LIMIT_OPTIONS holds in any case. */
			if (out->n > PERMITS)
				return OPTIONS_CLASH_TOO_LONG;
		}
	}
	/* An empty list would permit all. */
	if (out->n == 0)
		o->denied[OPTIONS_PORT] = true;
	return OPTIONS_MERGED;
}
