/*
 * jansson as a second opinion: a text that one of the two takes for JSON and
 * the other does not is a finding.
 */
#ifndef TESTS_FUZZ_ORACLE_H
#define TESTS_FUZZ_ORACLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "portal/decode.h"

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

/* Where the two differ by design: escapes that are no text. */
static inline bool
oracle_has_odd_escape(const char *body, size_t len)
{
	return memmem(body, len, "\\ud", 3) != NULL ||
	    memmem(body, len, "\\uD", 3) != NULL ||
	    memmem(body, len, "\\u0000", 6) != NULL;
}

/* jansson's tree of the body; NULL if it takes it for none. */
static inline json_t *
oracle_load(const char *body, size_t len, json_error_t *e)
{
	memset(e, 0, sizeof(*e));
	return json_loadb(
	    body, len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, e);
}

/*
 * Compares the verdicts; root is jansson's, r and err the decoder's.  Whether
 * both have read the whole text, so that what they read can be compared.
 */
static inline bool
oracle_agrees(const char *body, size_t len, const json_t *root,
    const json_error_t *e, int r, const struct error *err)
{
	enum json_error_code code = json_error_code(e);

	if (oracle_has_odd_escape(body, len))
		return false;
	if (r == 0)
		/* Numbers and depths that jansson can't hold. */
		CHECK(root != NULL || code == json_error_numeric_overflow ||
		    code == json_error_stack_overflow);
	else if (memchr(body, '\0', len) == NULL &&
	    /* (jansson 2.14 passes over a NUL behind a number.) */
	    strstr(err->text, "nested too deep") == NULL &&
	    (strstr(err->text, "not JSON") != NULL ||
		strstr(err->text, "cut short") != NULL))
		CHECK(root == NULL || !json_is_object(root));
	return r == 0 && root != NULL;
}

/* What a page says of its list, which is root's member of that name. */
static inline void
oracle_check_page(
    const json_t *root, const char *name, const struct decode_page *page)
{
	const json_t *meta = json_object_get(root, "meta"),
		     *href =
			 json_object_get(json_object_get(meta, "next"), "href");

	CHECK(strcmp(page->next,
		  json_is_string(href) ? json_string_value(href) : "") == 0);
	CHECK(page->elements == json_array_size(json_object_get(root, name)));
	if (page->total != -1)
		CHECK(json_number_value(json_object_get(meta, "total")) ==
		    (double)page->total);
}

/* A copy to the last byte, so that a sanitizer sees a step over the end. */
static inline char *
oracle_copy(const uint8_t *data, size_t len)
{
	char *p = malloc(len == 0 ? 1 : len);

	CHECK(p != NULL);
	memcpy(p, data, len);
	return p;
}

#endif
