/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/denylist.h"
#include "cache/record.h"
#include "cmd/audit.h"
#include "cmd/publish.h"
#include "policy/compile.h"

/* Lines that are being gathered: of one scope and name, and in it of one
 * key. */
struct sink {
	struct writer *w;
	int64_t now;
	enum grant_scope scope;
	char name[LIMIT_USER_NAME + 1];
	char fp[KEYREC_FP_LEN + 1];
	struct buf lines, key_lines, authorities;
	unsigned has; /* SNAPSHOT_HAS_s */
	struct merged keys;
	uint64_t sum; /* of what was let in, in any order */
	bool *granted; /* for each key: it opens some account */
};

static int
flush(struct sink *s, const char *which, struct buf *lines)
{
	int r = 0;

	if (lines->len != 0)
		r = writer_put_lines(s->w, s->scope, s->name, which, lines);
	buf_reset(lines);
	return r;
}

static int
flush_name(struct sink *s)
{
	if (flush(s, s->fp, &s->key_lines) == -1 ||
	    flush(s, SNAPSHOT_AUTHORITIES, &s->authorities) == -1)
		return -1;
	return flush(s, NULL, &s->lines);
}

static int
begin_name(struct sink *s, const struct grant *g)
{
	size_t len = strlen(g->name);

	if (len >= sizeof(s->name) || flush_name(s) == -1)
		return -1;
	s->scope = g->scope;
	memcpy(s->name, g->name, len + 1);
	s->fp[0] = '\0';
	if (g->scope == GRANT_ANY)
		s->has |= SNAPSHOT_HAS_ANY;
	if (g->scope == GRANT_FOLDED)
		s->has |= SNAPSHOT_HAS_FOLDED;
	return 0;
}

static int
put_line(void *ctx, const struct compile_line *line)
{
	const struct snapshot_line out = {.grant = line->grant,
	    .fp = line->fp,
	    .until_ms = line->until_ms,
	    .line = line->line,
	    .len = line->len};
	struct sink *s = ctx;
	struct buf *more = line->authority ? &s->authorities : &s->key_lines;
	size_t start;

	s->granted[line->key - s->keys.v] = true;
	if ((s->lines.len == 0 || s->scope != line->grant.scope ||
		strcmp(s->name, line->grant.name) != 0) &&
	    begin_name(s, &line->grant) == -1)
		return -1;
	if (strcmp(s->fp, line->fp) != 0) {
		if (flush(s, s->fp, &s->key_lines) == -1)
			return -1;
		memcpy(s->fp, line->fp, sizeof(s->fp));
	}
	if (line->authority)
		s->has |= SNAPSHOT_HAS_AUTHORITIES;
	s->sum += audit_identity(&line->grant, line->fp);
	start = s->lines.len;
	record_put_line(&s->lines, &out);
	if (s->lines.failed)
		return -1;
	return buf_put(more, s->lines.data + start, s->lines.len - start);
}

/* Denied ones were put by put_denied, whoever denied them. */
static int
put_refused(void *ctx, const struct merged_key *key, const struct ruling *why)
{
	struct sink *s = ctx;

	if (why->verdict == VERDICT_DENIED)
		return 0;
	return writer_put_refused(s->w, key->refs[0].rec->fp,
	    verdict_code(why->verdict, why->detail));
}

static int
deny_key(struct writer *w, struct buf *list, const char *fp)
{
	(void)buf_puts(list, fp);
	(void)buf_putc(list, '\n');
	return writer_put_refused(w, fp, SNAPSHOT_DENIED);
}

static int
deny_keys(struct writer *w, struct buf *list, const struct policies *p,
    const struct holdings *h)
{
	struct denylist_cursor c;
	struct denylist_entry e;
	unsigned o;
	size_t i;
	int more;

	denylist_start(&c, (const char *)h->deny.data, h->deny.len);
	while ((more = denylist_next(&c, &e)) != 0) {
		if (more == 1 && deny_key(w, list, e.fp) == -1)
			return -1;
	}
	for (o = 0; o < GRANT_ORIGINS; o++) {
		const struct policy_keys *keys = &p->doc[o].keys;

		for (i = 0; p->valid[o] && i < keys->ndeny; i++) {
			if (deny_key(w, list, keys->deny[i]) == -1)
				return -1;
		}
	}
	return 0;
}

/* Every denied fingerprint, of keys that no source holds too: one may be
 * that of a key which a CA has signed. */
static int
put_denied(struct writer *w, const struct policies *p, const struct holdings *h)
{
	struct buf list;
	int r;

	buf_init(&list, LIMIT_RECORD - sizeof(uint64_t));
	r = deny_keys(w, &list, p, h);
	if (r == 0)
		r = writer_put_denied(w, &list);
	buf_free(&list);
	return r;
}

/* Which accounts have rules of their own, so that no `*` is for them. */
static int
put_named(struct writer *w, const struct policies *p)
{
	struct buf names;
	unsigned o;
	size_t i;
	int r;

	buf_init(&names, LIMIT_RECORD - sizeof(uint64_t));
	for (o = 0; o < GRANT_ORIGINS; o++) {
		for (i = 0; p->valid[o] && i < p->doc[o].users.n; i++) {
			const char *name = p->doc[o].users.v[i].name;

			if (strcmp(name, "*") != 0)
				record_put_named(&names, name, GRANT_BIT(o));
		}
	}
	r = writer_put_named(w, &names);
	buf_free(&names);
	return r;
}

static void
fill_head(const struct config *cfg, const struct policies *p,
    struct holdings *h, int64_t now)
{
	struct freshness f = holdings_freshness(cfg);
	unsigned i, sources = policies_sources(p, cfg);

	h->head.made_ms = now;
	h->head.due_ms = freshness_due(h->state, sources, &f, now);
	h->head.config_digest = cfg->digest;
	h->head.policy_digest = cfg->policy_digest;
	h->head.policy_stamp = cfg->policy_stamp;
	h->head.deny_digest = cfg->deny_digest;
	h->head.usable = h->head.degraded = false;
	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((sources & SOURCE_BIT(i)) == 0)
			continue;
		if (i < SOURCE_KEYS && h->state[i].checked_ms > 0)
			h->head.usable = true;
		if (h->state[i].outcome == OUTCOME_FAILED)
			h->head.degraded = true;
	}
}

static int
put_held(struct writer *w, const struct holdings *h)
{
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if (writer_put_state(w, i, &h->state[i]) == -1 ||
		    (i < SOURCE_KEYS &&
			writer_put_keys(w, i, &h->keys[i]) == -1))
			return -1;
	}
	if (writer_put_members(w, &h->members) == -1)
		return -1;
	for (i = 0; i < GRANT_ORIGINS; i++) {
		if (writer_put_policy(w, i, &h->policy[i]) == -1)
			return -1;
	}
	/* One that never was known must not be taken for a good one. */
	return h->deny_known ? writer_put_deny(w, &h->deny) : 0;
}

/* So that a login as somebody else is told apart from an unknown key. */
static int
put_granted(const struct sink *s)
{
	const char *code = verdict_code(VERDICT_ACCOUNT, 0);
	size_t i;

	for (i = 0; i < s->keys.n; i++) {
		if (s->granted[i] &&
		    writer_put_refused(
			s->w, s->keys.v[i].refs[0].rec->fp, code) == -1)
			return -1;
	}
	return 0;
}

static int
put_lines(struct sink *s, const struct config *cfg, const struct policies *p,
    const struct holdings *h)
{
	const struct compile_out out = {s, put_line, put_refused};
	struct judge_input in;
	int r = -1;

	if (holdings_merge(h, cfg, &s->keys) == -1)
		return -1;
	in = policies_input(p, cfg, h, &s->keys, s->now);
	s->granted = calloc(s->keys.n + 1, sizeof(*s->granted));
	if (s->granted != NULL)
		r = compile(&in, &out);
	if (r == 0)
		r = flush_name(s);
	if (r == 0)
		r = put_granted(s);
	free(s->granted);
	merge_free(&s->keys);
	return r;
}

int
publish_each(const struct config *cfg, const struct policies *p,
    const struct holdings *h, int64_t now,
    int (*fn)(void *ctx, const struct compile_line *line), void *ctx)
{
	const struct compile_out out = {ctx, fn, NULL};
	struct judge_input in;
	struct merged m;
	int r;

	if (holdings_merge(h, cfg, &m) == -1)
		return -1;
	in = policies_input(p, cfg, h, &m, now);
	r = compile(&in, &out);
	merge_free(&m);
	return r;
}

int
publish(struct writer *w, const struct config *cfg, const struct policies *p,
    struct holdings *h, int64_t now, struct error *err)
{
	struct sink s = {.w = w, .now = now};
	int r;

	buf_init(&s.lines, LIMIT_RECORD - sizeof(uint64_t));
	buf_init(&s.key_lines, LIMIT_RECORD - sizeof(uint64_t));
	buf_init(&s.authorities, LIMIT_RECORD - sizeof(uint64_t));
	errno = 0;
	fill_head(cfg, p, h, now);
	r = put_held(w, h);
	if (r == 0)
		r = put_denied(w, p, h);
	if (r == 0)
		r = put_named(w, p);
	if (r == 0)
		r = put_lines(&s, cfg, p, h);
	h->head.has = s.has;
	h->head.lines = s.sum;
	if (r == 0)
		r = writer_put_head(w, &h->head);
	buf_free(&s.lines);
	buf_free(&s.key_lines);
	buf_free(&s.authorities);
	if (r == -1) {
		if (errno == E2BIG)
			(void)error_set(err,
			    "the policy gives more than %d lines", LIMIT_ROWS);
		else
			(void)error_errno(err, "cannot write the new snapshot");
		writer_abandon(w);
		return -1;
	}
	return writer_publish(w, err);
}
