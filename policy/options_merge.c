/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "policy/options_lists.h"
#include "policy/options_value.h"

static const struct {
	const char *code, *text;
} clashes[OPTIONS_CLASH_COUNT] = {
    [OPTIONS_MERGED] = {"ok", "is fine"},
    [OPTIONS_CLASH_FROM_EMPTY] = {"from-disjoint",
	"the from lists have "
	"no address in common"},
    [OPTIONS_CLASH_FROM] = {"from-unclear",
	"what the from lists have in "
	"common can't be written as one list"},
    [OPTIONS_CLASH_COMMAND] = {"command-conflict",
	"two commands are "
	"forced"},
    [OPTIONS_CLASH_TUNNEL] = {"tunnel-conflict",
	"two tunnel devices are "
	"forced"},
    [OPTIONS_CLASH_CERT_AUTHORITY] = {"cert-authority-conflict",
	"one "
	"side takes it for a CA, the other for a key"},
    [OPTIONS_CLASH_PRINCIPALS] = {"principals-conflict",
	"the principals "
	"have none in common, or one side names none"},
    [OPTIONS_CLASH_ENVIRONMENT] = {"environment-conflict",
	"a variable "
	"would get two values"},
    [OPTIONS_CLASH_TOO_LONG] = {"options-too-long",
	"the options are too "
	"long together"},
    [OPTIONS_CLASH_INTERNAL] = {"internal",
	"could not be judged: no "
	"memory"},
};

const char *
options_clash_code(enum options_clash c)
{
	return clashes[c].code;
}

const char *
options_clash_text(enum options_clash c)
{
	return clashes[c].text;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
merge_flags(
    struct options *out, const struct options *a, const struct options *b)
{
	size_t i;

	out->restricted = a->restricted || b->restricted;
	for (i = 0; i < OPTIONS_PERMIT_COUNT; i++)
		out->denied[i] = a->denied[i] || b->denied[i];
	out->cert_authority = a->cert_authority;
	out->verify_required = a->verify_required || b->verify_required;
	out->no_touch_required = a->no_touch_required && b->no_touch_required;
	out->expiry_utc_ms = earlier(a->expiry_utc_ms, b->expiry_utc_ms);
	out->expiry_local_ms = earlier(a->expiry_local_ms, b->expiry_local_ms);
}

static enum options_clash
merge_command(struct options *out, const char *a, const char *b)
{
	if (a != NULL && b != NULL && strcmp(a, b) != 0)
		return OPTIONS_CLASH_COMMAND;
	if (a == NULL && b == NULL)
		return OPTIONS_MERGED;
	out->command = strdup(a != NULL ? a : b);
	return out->command == NULL ? OPTIONS_CLASH_INTERNAL : OPTIONS_MERGED;
}

static enum options_clash
merge_tunnel(struct options *out, int a, int b)
{
	/* A number is stricter than any, any than none. */
	if (a >= 0 && b >= 0 && a != b)
		return OPTIONS_CLASH_TUNNEL;
	if (a >= 0 || b >= 0)
		out->tunnel = a >= 0 ? a : b;
	else
		out->tunnel = a < b ? a : b;
	return OPTIONS_MERGED;
}

static enum options_clash
merge_from(struct from *out, const struct from *a, const struct from *b)
{
	switch (from_intersect(out, a, b)) {
	case FROM_OK:
		return OPTIONS_MERGED;
	case FROM_EMPTY:
		return OPTIONS_CLASH_FROM_EMPTY;
	case FROM_NO_MEMORY:
		return OPTIONS_CLASH_INTERNAL;
	default:
		return OPTIONS_CLASH_FROM;
	}
}

static enum options_clash
check_length(const struct options *o)
{
	enum options_clash r = OPTIONS_MERGED;
	struct buf b;

	buf_init(&b, OPTIONS_TEXT_MAX);
	if (options_build(o, &b) == -1)
		r = OPTIONS_CLASH_INTERNAL;
	else if (b.len > LIMIT_OPTIONS)
		r = OPTIONS_CLASH_TOO_LONG;
	buf_free(&b);
	return r;
}

static enum options_clash
merge(struct options *out, const struct options *a, const struct options *b)
{
	enum options_clash r;

	if (a->cert_authority != b->cert_authority)
		return OPTIONS_CLASH_CERT_AUTHORITY;
	merge_flags(out, a, b);
	if ((r = merge_from(&out->from, &a->from, &b->from)) !=
		OPTIONS_MERGED ||
	    (r = merge_command(out, a->command, b->command)) !=
		OPTIONS_MERGED ||
	    (r = merge_tunnel(out, a->tunnel, b->tunnel)) != OPTIONS_MERGED ||
	    (r = options_merge_principals(out, a->principals, b->principals)) !=
		OPTIONS_MERGED ||
	    (r = options_merge_environment(&out->environment, &a->environment,
		 &b->environment)) != OPTIONS_MERGED ||
	    (r = options_merge_permits(out, &out->permitopen, &a->permitopen,
		 &b->permitopen)) != OPTIONS_MERGED ||
	    (r = options_merge_permits(out, &out->permitlisten,
		 &a->permitlisten, &b->permitlisten)) != OPTIONS_MERGED)
		return r;
	return check_length(out);
}

enum options_clash
options_merge_stricter(
    struct options *out, const struct options *a, const struct options *b)
{
	enum options_clash r;

	options_init(out);
	if ((r = merge(out, a, b)) != OPTIONS_MERGED)
		options_free(out);
	return r;
}

enum options_clash
options_add_from(struct options *o, const struct from *f)
{
	struct from old = o->from;
	enum options_clash r;

	r = merge_from(&o->from, &old, f);
	if (r == OPTIONS_MERGED)
		r = check_length(o);
	if (r != OPTIONS_MERGED) {
		from_free(&o->from);
		o->from = old;
		return r;
	}
	from_free(&old);
	return OPTIONS_MERGED;
}

void
options_add_expiry(struct options *o, int64_t utc_ms)
{
	o->expiry_utc_ms = earlier(o->expiry_utc_ms, utc_ms);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Two options are the same if they are written the same. */
bool
options_equal(const struct options *a, const struct options *b)
{
	struct buf x, y;
	bool same;

	if (!same_text(a->command, b->command))
		return false;
	buf_init(&x, OPTIONS_TEXT_MAX);
	buf_init(&y, OPTIONS_TEXT_MAX);
	same = options_build(a, &x) == 0 && options_build(b, &y) == 0 &&
	    x.len == y.len &&
	    (x.len == 0 || memcmp(x.data, y.data, x.len) == 0);
	buf_free(&x);
	buf_free(&y);
	return same;
}
