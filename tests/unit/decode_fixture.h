/*
 * What the tests of the decoder share.  Include after cmocka.h.
 */
#ifndef TESTS_UNIT_DECODE_FIXTURE_H
#define TESTS_UNIT_DECODE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portal/decode.h"

#define U1 "0b0a2f5e-1c9d-4b43-9d0e-0123456789ab"
#define U2 "F00D2f5e-1c9d-4b43-9d0e-0123456789AB"
#define U2_LOW "f00d2f5e-1c9d-4b43-9d0e-0123456789ab"
#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKk user@host"
#define N(a) (sizeof(a) / sizeof((a)[0]))

/* A copy to the last byte, so that a sanitizer sees a step over the end. */
static inline char *
exact(const char *s, size_t len)
{
	char *p = malloc(len == 0 ? 1 : len);

	assert_non_null(p);
	memcpy(p, s, len);
	return p;
}

static inline int
list(const char *body, size_t len, struct keyset *ks, struct decode_page *page,
    struct error *err)
{
	char *copy = exact(body, len);
	int r;

	keyset_init(ks);
	memset(page->next, 'x', LIMIT_URL);
	memset(err, 0, sizeof(*err));
	r = decode_key_list(copy, len, ks, page, err);
	free(copy);
	if (r == -1) {
		assert_string_equal(page->next, "");
		assert_string_not_equal(err->text, "");
	}
	return r;
}

/* The one record of a list whose only element is the given object. */
static inline struct keyrec
one(const char *object, struct keyset *ks)
{
	char body[8192];
	struct decode_page page;
	struct error err;
	int n;

	/* A second key, so that one without text is no other resource. */
	n = snprintf(
	    body, sizeof(body), "{\"ssh_keys\":[%s,{\"key\":\"k\"}]}", object);
	assert_in_range(n, 1, sizeof(body) - 1);
	if (list(body, (size_t)n, ks, &page, &err) == -1)
		fail_msg("%s: %s", object, err.text);
	assert_int_equal(ks->n, 2);
	return ks->v[0];
}

#endif
