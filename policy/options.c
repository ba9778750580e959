/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/options_value.h"

#define NAME_SHOWN 40 /* characters of a name, in an error */

struct parser {
	struct options *o;
	const char *text;
	size_t len, pos;
	unsigned seen; /* a bit for each enum option_id */
	struct span name; /* as it was written */
	struct error *err;
};

void
options_init(struct options *o)
{
	*o = (struct options){
	    .expiry_utc_ms = WHEN_NONE,
	    .expiry_local_ms = WHEN_NONE,
	    .tunnel = OPTIONS_NO_TUNNEL,
	};
}

void
options_free(struct options *o)
{
	free(o->command);
	free(o->principals);
	from_free(&o->from);
	words_free(&o->environment);
	words_free(&o->permitopen);
	words_free(&o->permitlisten);
	options_init(o);
}

/* The option that is being read is bad, and why. */
static enum options_result
bad(const struct parser *p, const char *why)
{
	size_t at = (size_t)(p->name.p - p->text) + 1;
	int len = p->name.len < NAME_SHOWN ? (int)p->name.len : NAME_SHOWN;

	if (len == 0)
		(void)error_set(p->err, "character %zu: %s", at, why);
	else
		(void)error_set(
		    p->err, "character %zu: %.*s: %s", at, len, p->name.p, why);
	return OPTIONS_BAD;
}

static enum options_result
unknown(const struct parser *p)
{
	const char *near = option_suggest(p->name);
	char why[80];

	if (p->name.len == 0)
		return bad(p, "an option must stand here");
	if (near == NULL)
		return bad(p, "unknown option");
	(void)snprintf(
	    why, sizeof(why), "unknown option; did you mean %s?", near);
	return bad(p, why);
}

/*
 * Reads "value" into dst of p->len bytes.  sshd knows one escape, \" for a
 * quote; a backslash before anything else is itself.
 */
static enum options_result
read_value(struct parser *p, char *dst, struct span *value)
{
	*value = (struct span){dst, 0};
	if (p->pos == p->len || p->text[p->pos] != '"')
		return bad(p, "needs a value in double quotes");
	for (p->pos++; p->pos < p->len && p->text[p->pos] != '"'; p->pos++) {
		if (p->text[p->pos] == '\\' && p->pos + 1 < p->len &&
		    p->text[p->pos + 1] == '"')
			p->pos++;
		dst[value->len++] = p->text[p->pos];
	}
	if (p->pos == p->len)
		return bad(p, "the closing quote is missing");
	p->pos++;
	if (value->len == 0)
		return bad(p, "the value is empty");
	if (!words_printable(value->p, value->len))
		return bad(p,
		    "a control character, or bytes that are no "
		    "UTF-8");
	return OPTIONS_OK;
}

static enum options_result
read_setting(struct parser *p, enum option_id id)
{
	enum options_result r;
	struct error why;
	struct span value;
	char *dst;

	if (p->pos == p->len || p->text[p->pos] != '=')
		return bad(p, "needs = and a value in double quotes");
	p->pos++;
	if ((dst = malloc(p->len)) == NULL) {
		(void)error_set(p->err, "no memory");
		return OPTIONS_NO_MEMORY;
	}
	if ((r = read_value(p, dst, &value)) == OPTIONS_OK) {
		r = option_set(p->o, id, value, &why);
		if (r == OPTIONS_BAD)
			(void)bad(p, why.text);
		else if (r == OPTIONS_NO_MEMORY)
			(void)error_set(p->err, "no memory");
	}
	free(dst);
	return r;
}

static void
set_flag(struct options *o, enum option_id id, bool negated)
{
	size_t i;

	if (id == OPTION_RESTRICT) {
		o->restricted = true;
		for (i = 0; i < OPTIONS_PERMIT_COUNT; i++)
			o->denied[i] = true;
	} else if (id == OPTION_CERT_AUTHORITY)
		o->cert_authority = true;
	else if (id == OPTION_VERIFY_REQUIRED)
		o->verify_required = true;
	else if (id == OPTION_NO_TOUCH_REQUIRED)
		o->no_touch_required = true;
	else
		o->denied[id - OPTION_PERMIT] = negated;
}

static bool
repeatable(enum option_id id)
{
	return id == OPTION_ENVIRONMENT || id == OPTION_PERMITLISTEN ||
	    id == OPTION_PERMITOPEN || id == OPTION_EXPIRY_TIME;
}

static enum options_result
read_option(struct parser *p)
{
	enum option_id id;
	bool negated;

	p->name = (struct span){p->text + p->pos, 0};
	while (p->pos < p->len &&
	    (p->text[p->pos] == '-' || isalnum((unsigned char)p->text[p->pos])))
		p->pos++;
	p->name.len = (size_t)(p->text + p->pos - p->name.p);
	id = option_by_name(p->name, &negated);
	if (id == OPTION_COUNT)
		return unknown(p);
	if ((p->seen & 1u << id) != 0 && !repeatable(id))
		return bad(p, "stands there twice, or with its opposite");
	p->seen |= 1u << id;
	if (id >= OPTION_COMMAND)
		return read_setting(p, id);
	if (p->pos < p->len && p->text[p->pos] == '=')
		return bad(p, "takes no value");
	/* As sshd reads it: a permission before restrict is taken back. */
	set_flag(p->o, id, negated);
	return OPTIONS_OK;
}

static enum options_result
read_all(struct parser *p)
{
	enum options_result r;

	while (p->len != 0) {
		if ((r = read_option(p)) != OPTIONS_OK)
			return r;
		if (p->pos == p->len)
			break;
		if (p->text[p->pos] != ',')
			return bad(p, "a comma must follow, without blanks");
		p->pos++;
	}
	if (p->o->principals != NULL && !p->o->cert_authority) {
		(void)error_set(p->err,
		    "principals: stands only with "
		    "cert-authority");
		return OPTIONS_BAD;
	}
	return OPTIONS_OK;
}

/* Whether it is short enough when written out: "80" becomes "*:80". */
static enum options_result
fits(const struct options *o, struct error *err)
{
	enum options_result r = OPTIONS_OK;
	struct buf b;

	buf_init(&b, OPTIONS_TEXT_MAX);
	if (options_build(o, &b) == -1) {
		(void)error_set(err, "no memory");
		r = OPTIONS_NO_MEMORY;
	} else if (b.len > LIMIT_OPTIONS) {
		(void)error_set(err,
		    "longer than %d characters when written "
		    "out",
		    LIMIT_OPTIONS);
		r = OPTIONS_BAD;
	}
	buf_free(&b);
	return r;
}

enum options_result
options_parse(
    struct options *o, const char *text, size_t len, struct error *err)
{
	struct parser p = {.o = o, .text = text, .len = len, .err = err};
	enum options_result r;

	options_init(o);
	if (len > LIMIT_OPTIONS) {
		(void)error_set(
		    err, "longer than %d characters", LIMIT_OPTIONS);
		return OPTIONS_BAD;
	}
	if ((r = read_all(&p)) == OPTIONS_OK)
		r = fits(o, err);
	if (r != OPTIONS_OK)
		options_free(o);
	return r;
}

bool
options_for_every_fingerprint(const struct options *o)
{
	return o->cert_authority;
}

bool
options_expired(const struct options *o, int64_t now_ms)
{
	/* sshd lets the second itself pass. */
	return o->expiry_utc_ms != WHEN_NONE &&
	    o->expiry_utc_ms / 1000 < now_ms / 1000;
}
