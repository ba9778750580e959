/* SPDX-License-Identifier: ISC */
/*
 * The options of a line: what the rules say, made stricter by each other and
 * by the key's tags.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/judge.h"
#include "policy/options.h"

#define SECOND_MS 1000

static struct ruling
clash(enum options_clash why, bool *failed)
{
	*failed = why == OPTIONS_CLASH_INTERNAL;
	return (struct ruling){VERDICT_OPTIONS, why, CANDIDATE_NEVER};
}

/* Both rules' options, or a copy of the one's. */
static enum options_clash
merge_rules(
    const struct judge_rule *const rules[GRANT_ORIGINS], struct options *out)
{
	struct options none;
	const struct options *o[GRANT_ORIGINS];
	unsigned i;

	options_init(&none);
	for (i = 0; i < GRANT_ORIGINS; i++)
		o[i] = rules[i] == NULL ? NULL : &rules[i]->rule->options;
	if (o[0] != NULL && o[1] != NULL)
		return options_merge_stricter(out, o[0], o[1]);
	if (o[0] == NULL && o[1] == NULL)
		return OPTIONS_MERGED;
	return options_copy(out, o[0] != NULL ? o[0] : o[1]) == 0
	    ? OPTIONS_MERGED
	    : OPTIONS_CLASH_INTERNAL;
}

/* The moment after the last second that sshd lets pass. */
static int64_t
end_of(int64_t expiry_ms)
{
	return (expiry_ms / SECOND_MS + 1) * SECOND_MS;
}

/* Makes the date local; whether it is still to come. */
static bool
place_expiry(const struct judge *j, struct options *o, int64_t *until_ms)
{
	int64_t local;

	if (o->expiry_utc_ms != WHEN_NONE) {
		*until_ms = end_of(o->expiry_utc_ms);
		if (*until_ms <= j->in.date_ms)
			return false;
	}
	if (j->in.to_local == NULL)
		return true;
	if (o->expiry_utc_ms != WHEN_NONE) {
		local = j->in.to_local(o->expiry_utc_ms);
		if (local < o->expiry_local_ms)
			o->expiry_local_ms = local;
		o->expiry_utc_ms = WHEN_NONE;
	}
	return o->expiry_local_ms == WHEN_NONE ||
	    end_of(o->expiry_local_ms) > j->in.to_local(j->in.date_ms);
}

static struct ruling
build(const struct judge *j,
    const struct judge_rule *const rules[GRANT_ORIGINS],
    const struct tags *tags, struct buf *out, bool *authority, bool *failed)
{
	struct ruling r = {VERDICT_ALLOWED, 0, INT64_MAX};
	enum options_clash why;
	struct options o;

	options_init(&o);
	why = merge_rules(rules, &o);
	if (why == OPTIONS_MERGED)
		why = options_add_from(&o, &tags->from);
	if (why != OPTIONS_MERGED) {
		options_free(&o);
		return clash(why, failed);
	}
	options_add_expiry(&o, tags->expires_ms);
	*authority = options_for_every_fingerprint(&o);
	if (!place_expiry(j, &o, &r.until_ms)) {
		r.verdict = VERDICT_OPTIONS_EXPIRED;
	} else if (options_build(&o, out) == -1) {
		/* Each was parsed within LIMIT_OPTIONS: no memory. */
		r = clash(OPTIONS_CLASH_INTERNAL, failed);
	}
	options_free(&o);
	return r;
}

const struct judge_rule *
judge_alone(const struct judge_rule *const rules[GRANT_ORIGINS],
    const struct candidate *c)
{
	if (c->tags.from.n != 0 || c->tags.expires_ms != WHEN_NONE)
		return NULL;
	if (rules[GRANT_FLEET] == NULL)
		return rules[GRANT_FILE];
	return rules[GRANT_FILE] == NULL ? rules[GRANT_FLEET] : NULL;
}

struct ruling
judge_options(const struct judge *j,
    const struct judge_rule *const rules[GRANT_ORIGINS],
    const struct candidate *c, struct buf *out, bool *authority, bool *failed)
{
	const struct judge_rule *alone = judge_alone(rules, c);

	*failed = *authority = false;
	if (alone == NULL)
		return build(j, rules, &c->tags, out, authority, failed);
	*authority = alone->authority;
	if (buf_puts(out, alone->options) == -1)
		return clash(OPTIONS_CLASH_INTERNAL, failed);
	return alone->options_ruling;
}

int
judge_rule_options(const struct judge *j, struct judge_rule *r)
{
	const struct judge_rule *rules[GRANT_ORIGINS] = {NULL, NULL};
	bool failed = false;
	struct tags none;
	struct buf text;

	rules[r->origin] = r;
	tags_init(&none);
	buf_init(&text, LIMIT_LINE);
	r->options_ruling =
	    build(j, rules, &none, &text, &r->authority, &failed);
	if (!failed)
		r->options = text.len == 0
		    ? strdup("")
		    : strndup((const char *)text.data, text.len);
	buf_free(&text);
	return failed || r->options == NULL ? -1 : 0;
}
