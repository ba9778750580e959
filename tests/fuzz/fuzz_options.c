/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as options, cut in two at the first line end: what was read,
 * written and read again is the same, holds no control byte, and both
 * together are never looser than one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/options.h"

#define CHECK(x)                 \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_text(const struct buf *b)
{
	size_t i;

	CHECK(b->len <= LIMIT_OPTIONS);
	for (i = 0; i < b->len; i++)
		CHECK(b->data[i] >= 0x20 && b->data[i] != 0x7f);
}

/* sshd's own way to the end of the options: the first blank unquoted. */
static void
check_end(const struct buf *b)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < b->len; i++) {
		if (b->data[i] == '\\' && i + 1 < b->len &&
		    b->data[i + 1] == '"')
			i++;
		else if (b->data[i] == '"')
			quoted = !quoted;
		else
			CHECK(quoted || b->data[i] != ' ');
	}
	CHECK(!quoted);
}

static void
check_again(const struct options *o)
{
	struct options again;
	struct buf a, b;
	struct error err;

	buf_init(&a, LIMIT_OPTIONS);
	buf_init(&b, LIMIT_OPTIONS);
	CHECK(options_build(o, &a) == 0);
	check_text(&a);
	check_end(&a);
	CHECK(options_parse(&again, a.len == 0 ? "" : (char *)a.data, a.len,
		  &err) == OPTIONS_OK);
	CHECK(options_equal(o, &again));
	CHECK(options_build(&again, &b) == 0);
	CHECK(a.len == b.len);
	CHECK(a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
	buf_free(&a);
	buf_free(&b);
	options_free(&again);
}

static void
check_stricter(const struct options *m, const struct options *o)
{
	size_t i;

	for (i = 0; i < OPTIONS_PERMIT_COUNT; i++)
		CHECK(m->denied[i] || !o->denied[i]);
	CHECK(m->restricted || !o->restricted);
	CHECK(m->cert_authority == o->cert_authority);
	CHECK(m->verify_required || !o->verify_required);
	CHECK(!m->no_touch_required || o->no_touch_required);
	CHECK(m->expiry_utc_ms <= o->expiry_utc_ms);
	CHECK(m->expiry_local_ms <= o->expiry_local_ms);
	CHECK(m->from.n != 0 || o->from.n == 0);
	CHECK(o->command == NULL || strcmp(m->command, o->command) == 0);
	CHECK(o->permitopen.n == 0 || m->permitopen.n != 0 ||
	    m->denied[OPTIONS_PORT]);
	CHECK(o->permitlisten.n == 0 || m->permitlisten.n != 0 ||
	    m->denied[OPTIONS_PORT]);
	CHECK(o->tunnel == OPTIONS_NO_TUNNEL || m->tunnel != OPTIONS_NO_TUNNEL);
}

static void
check_merge(const struct options *a, const struct options *b)
{
	struct options m, n;
	enum options_clash r, s;

	options_init(&m);
	options_init(&n);
	r = options_merge_stricter(&m, a, b);
	s = options_merge_stricter(&n, b, a);
	CHECK(r == s && r != OPTIONS_CLASH_INTERNAL);
	if (r == OPTIONS_MERGED) {
		check_stricter(&m, a);
		check_stricter(&m, b);
		check_stricter(&m, &n);
		check_stricter(&n, &m);
		CHECK(m.from.n == n.from.n);
		check_again(&m);
		check_again(&n);
	}
	options_free(&m);
	options_free(&n);
}

static bool
parse(struct options *o, const char *text, size_t len)
{
	struct error err = {""};
	struct options none;

	if (options_parse(o, text, len, &err) == OPTIONS_OK) {
		check_again(o);
		return true;
	}
	options_init(&none);
	CHECK(err.text[0] != '\0');
	CHECK(options_equal(o, &none));
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	const char *nl = len == 0 ? NULL : memchr(text, '\n', len);
	size_t first = nl == NULL ? len : (size_t)(nl - text);
	struct options a, b;

	if (parse(&a, text, first)) {
		check_merge(&a, &a);
		if (nl != NULL && parse(&b, nl + 1, len - first - 1)) {
			check_merge(&a, &b);
			options_free(&b);
		}
		options_free(&a);
	}
	return 0;
}
