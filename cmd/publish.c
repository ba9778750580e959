/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "cache/record.h"
#include "cmd/publish.h"
#include "policy/compile.h"

struct sink {
	struct writer *w;
	int64_t now;
	char user[LIMIT_USER_NAME + 1]; /* whose lines are being gathered */
	struct buf lines;
};

static int
flush_user(struct sink *s)
{
	int r;

	if (s->user[0] == '\0')
		return 0;
	r = writer_put_user(s->w, s->user, &s->lines);
	buf_reset(&s->lines);
	s->user[0] = '\0';
	return r;
}

static int
put_line(void *ctx, const struct compile_line *line)
{
	struct sink *s = ctx;
	size_t len = strlen(line->user);

	/* Lines that no longer hold stay out; their records are kept. */
	if (line->until_ms <= s->now)
		return 0;
	if (len >= sizeof(s->user))
		return -1;
	if (strcmp(s->user, line->user) != 0) {
		if (flush_user(s) == -1)
			return -1;
		memcpy(s->user, line->user, len + 1);
	}
	record_put_line(&s->lines, line->until_ms, line->line, line->len);
	if (s->lines.failed)
		return -1;
	return writer_put_line(
	    s->w, line->user, line->fp, line->until_ms, line->line, line->len);
}

static void
fill_head(const struct config *cfg, struct holdings *h, int64_t now)
{
	struct freshness f = holdings_freshness(cfg);
	unsigned i;

	h->head.made_ms = now;
	h->head.due_ms = freshness_due(h->state, cfg->sources, &f, now);
	h->head.config_digest = cfg->digest;
	h->head.policy_digest = cfg->policy_digest;
	h->head.usable = h->head.degraded = false;
	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((cfg->sources & SOURCE_BIT(i)) == 0)
			continue;
		if (h->state[i].checked_ms > 0)
			h->head.usable = true;
		if (h->state[i].outcome == OUTCOME_FAILED)
			h->head.degraded = true;
	}
}

static int
put_all(struct writer *w, const struct config *cfg, struct holdings *h,
    struct sink *sink)
{
	struct merged m;
	unsigned i;
	int r;

	if (writer_put_head(w, &h->head) == -1)
		return -1;
	for (i = 0; i < SOURCE_COUNT; i++) {
		if (writer_put_state(w, i, &h->state[i]) == -1 ||
		    writer_put_keys(w, i, &h->keys[i]) == -1)
			return -1;
	}
	if (config_policy_ok(cfg, NULL) == -1)
		return 0;
	if (holdings_merge(h, cfg, &m) == -1)
		return -1;
	r = compile_builtin(&m, put_line, sink);
	if (r == 0)
		r = flush_user(sink);
	merge_free(&m);
	return r;
}

int
publish(struct writer *w, const struct config *cfg, struct holdings *h,
    int64_t now, struct error *err)
{
	struct sink sink = {.w = w, .now = now};
	int r;

	buf_init(&sink.lines, LIMIT_RECORD - sizeof(uint64_t));
	fill_head(cfg, h, now);
	r = put_all(w, cfg, h, &sink);
	buf_free(&sink.lines);
	if (r == -1) {
		(void)error_errno(err, "cannot write the new snapshot");
		writer_abandon(w);
		return -1;
	}
	return writer_publish(w, err);
}
