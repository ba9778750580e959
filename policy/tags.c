/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/keyset.h"
#include "policy/document.h"
#include "policy/span.h"
#include "policy/tags.h"

static const struct {
	const char *code, *text;
} refusals[TAGS_REFUSAL_COUNT] = {
    [TAGS_OK] = {"ok", "is fine"},
    [TAGS_LOST] = {"tag-lost", "has tags that can't all be read"},
    [TAGS_USER] = {"tag-user",
	"has a tag user: without the name of an "
	"account"},
    [TAGS_EXPIRES] = {"tag-expires",
	"has a tag expires: without a date "
	"that can be read"},
    [TAGS_FROM] = {"tag-from",
	"has a tag from: with a bad address or "
	"pattern"},
    [TAGS_FROM_EMPTY] = {"tag-from-disjoint",
	"has records whose from: "
	"tags have no address in common"},
    [TAGS_FROM_UNCLEAR] = {"tag-from-unclear",
	"has records whose from: "
	"tags can't be made one list"},
    [TAGS_INTERNAL] = {"internal", "could not be judged: no memory"},
};

const char *
tags_refusal_code(enum tags_refusal r)
{
	return refusals[r].code;
}

const char *
tags_refusal_text(enum tags_refusal r)
{
	return refusals[r].text;
}

void
tags_init(struct tags *t)
{
	*t = (struct tags){.any_user = true, .expires_ms = WHEN_NONE};
}

void
tags_free(struct tags *t)
{
	words_free(&t->users);
	from_free(&t->from);
	tags_init(t);
}

/* Leaves t so that whoever overlooks the refusal lets nobody in. */
static enum tags_refusal
refuse(struct tags *t, enum tags_refusal r)
{
	tags_free(t);
	t->any_user = false;
	return r;
}

/* Takes "name:" off the front; false if another or no name stands there. */
static bool
is_tag(struct span *s, const char *name)
{
	struct span before = {s->p, 0};

	while (before.len < s->len && before.p[before.len] != ':')
		before.len++;
	if (before.len == s->len)
		return false;
	*s = span_trim(
	    (struct span){s->p + before.len + 1, s->len - before.len - 1});
	before = span_trim(before);
	return before.len == strlen(name) &&
	    strncasecmp(before.p, name, before.len) == 0;
}

static enum tags_refusal
read_user(struct tags *t, struct span name, struct error *err)
{
	t->any_user = false;
	if (!policy_name_ok(name.p, name.len)) {
		(void)error_set(err, "no account has such a name");
		return TAGS_USER;
	}
	if (!words_has(&t->users, name.p, name.len) &&
	    words_add(&t->users, name.p, name.len) == -1)
		return TAGS_INTERNAL;
	return TAGS_OK;
}

static enum tags_refusal
read_expires(struct tags *t, struct span date, struct error *err)
{
	int64_t ms = when_tag(date.p, date.len);

	if (ms == WHEN_NONE) {
		(void)error_set(err,
		    "needs a date such as 2026-12-31 or "
		    "2026-12-31T12:00:00Z");
		return TAGS_EXPIRES;
	}
	if (ms < t->expires_ms)
		t->expires_ms = ms;
	return TAGS_OK;
}

static enum tags_refusal
read_from(struct tags *t, struct span list, struct error *err)
{
	switch (from_add(&t->from, list.p, list.len, err)) {
	case FROM_OK:
		return TAGS_OK;
	case FROM_NO_MEMORY:
		return TAGS_INTERNAL;
	default:
		return TAGS_FROM;
	}
}

bool
tags_is_narrowing(const char *tag)
{
	static const char *const names[] = {"user", "expires", "from"};
	struct span all = {tag, strlen(tag)}, value;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = all;
		if (is_tag(&value, names[i]))
			return true;
	}
	return false;
}

static enum tags_refusal
read_one(struct tags *t, const char *tag, struct error *err)
{
	struct span all = {tag, strlen(tag)}, value = all;

	if (strcmp(tag, KEYREC_TAGS_LOST) == 0) {
		(void)error_set(err, "stands for others that can't be read");
		return TAGS_LOST;
	}
	if (is_tag(&value, "user"))
		return read_user(t, value, err);
	value = all;
	if (is_tag(&value, "expires"))
		return read_expires(t, value, err);
	value = all;
	if (is_tag(&value, "from"))
		return read_from(t, value, err);
	return TAGS_OK;
}

enum tags_refusal
tags_read(struct tags *t, const char *const *tags, size_t n, struct error *err)
{
	struct error why = {""};
	enum tags_refusal r;
	size_t i;

	tags_init(t);
	for (i = 0; i < n; i++) {
		r = read_one(t, tags[i], &why);
		if (r == TAGS_OK)
			continue;
		if (r == TAGS_INTERNAL)
			(void)error_set(err, "no memory");
		else
			(void)error_set(
			    err, "tag %.80s: %s", tags[i], why.text);
		return refuse(t, r);
	}
	if (from_check(&t->from, &why) != FROM_OK) {
		(void)error_set(err, "tag from: %s", why.text);
		return refuse(t, TAGS_FROM);
	}
	return TAGS_OK;
}

/* The accounts that both let in. */
static enum tags_refusal
narrow_users(struct tags *t, const struct tags *more)
{
	struct words both = {0};
	size_t i, len;

	if (more->any_user)
		return TAGS_OK;
	for (i = 0; i < more->users.n; i++) {
		len = strlen(more->users.v[i]);
		if (!tags_let_in(t, more->users.v[i]))
			continue;
		if (words_add(&both, more->users.v[i], len) == -1) {
			words_free(&both);
			return TAGS_INTERNAL;
		}
	}
	words_free(&t->users);
	t->users = both;
	t->any_user = false;
	return TAGS_OK;
}

static enum tags_refusal
narrow_from(struct tags *t, const struct tags *more)
{
	struct from both;

	switch (from_intersect(&both, &t->from, &more->from)) {
	case FROM_OK:
		from_free(&t->from);
		t->from = both;
		return TAGS_OK;
	case FROM_EMPTY:
		return TAGS_FROM_EMPTY;
	case FROM_NO_MEMORY:
		return TAGS_INTERNAL;
	default:
		return TAGS_FROM_UNCLEAR;
	}
}

enum tags_refusal
tags_narrow(struct tags *t, const struct tags *more)
{
	enum tags_refusal r;

	if (more->expires_ms < t->expires_ms)
		t->expires_ms = more->expires_ms;
	if ((r = narrow_users(t, more)) != TAGS_OK ||
	    (r = narrow_from(t, more)) != TAGS_OK)
		return refuse(t, r);
	return TAGS_OK;
}

bool
tags_let_in(const struct tags *t, const char *user)
{
	return t->any_user || words_has(&t->users, user, strlen(user));
}

bool
tags_expired(const struct tags *t, int64_t now_ms)
{
	return t->expires_ms != WHEN_NONE &&
	    t->expires_ms / 1000 < now_ms / 1000;
}
