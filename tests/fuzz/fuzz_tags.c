/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as tags, one a line: tags never add an account or an address,
 * refused ones let nobody in, and what was read reads back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/tags.h"

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)
#define MOST 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_from(const struct from *f)
{
	struct from again = {0}, both;
	struct buf a, b;

	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	CHECK(from_put(f, &a) == 0);
	if (f->n != 0)
		CHECK(from_add(&again, (char *)a.data, a.len, NULL) == FROM_OK);
	CHECK(again.n == f->n && from_put(&again, &b) == 0);
	CHECK(a.len == b.len);
	CHECK(a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
	CHECK(from_intersect(&both, f, &again) == FROM_OK);
	CHECK(both.n == f->n);
	from_free(&both);
	from_free(&again);
	buf_free(&a);
	buf_free(&b);
}

static void
check_date(int64_t ms)
{
	char text[WHEN_TEXT_SIZE];
	int64_t first = INT64_C(365) * 86400 * 1000, again;
	bool utc;

	if (ms == WHEN_NONE)
		return;
	again = when_expiry(when_text(ms, true, text), 15, &utc);
	CHECK(utc && again != WHEN_NONE);
	CHECK(again == ms || ms < first || ms > again);
}

static void
check_tags(struct tags *t, const char *const *v, size_t n)
{
	struct tags half;

	check_from(&t->from);
	check_date(t->expires_ms);
	CHECK(t->any_user == (t->users.n == 0));
	/* Narrowed by its own first half it is never wider. */
	if (tags_read(&half, v, n / 2, NULL) == TAGS_OK &&
	    tags_narrow(&half, t) == TAGS_OK) {
		CHECK(!tags_let_in(&half, "root") || tags_let_in(t, "root"));
		CHECK(half.expires_ms == t->expires_ms);
		CHECK(half.from.n != 0 || t->from.n == 0);
		check_from(&half.from);
	}
	tags_free(&half);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), *rest = text;
	const char *v[MOST];
	struct error err = {""};
	enum tags_refusal r;
	struct tags t;
	size_t n = 0;

	CHECK(text != NULL);
	if (len != 0)
		memcpy(text, data, len);
	text[len] = '\0';
	while (rest != NULL && n < MOST)
		v[n++] = strsep(&rest, "\n");
	r = tags_read(&t, v, n, &err);
	CHECK(r != TAGS_INTERNAL);
	if (r == TAGS_OK)
		check_tags(&t, v, n);
	else {
		CHECK(err.text[0] != '\0');
		CHECK(!tags_let_in(&t, "root") && t.users.n == 0);
	}
	tags_free(&t);
	free(text);
	return 0;
}
