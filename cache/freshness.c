/* SPDX-License-Identifier: ISC */
#include "cache/freshness.h"

/* No stamp of a snapshot, however absurd, may wrap round. */
static int64_t
later(int64_t at, int64_t span)
{
	return at > INT64_MAX - span ? INT64_MAX : at + span;
}

bool
freshness_same(
    const struct snapshot_head *head, const struct freshness_digests *now_there)
{
	return head->config_digest == now_there->config &&
	    head->policy_digest == now_there->policy &&
	    head->deny_digest == now_there->deny;
}

bool
freshness_holds(const struct snapshot_head *head,
    const struct freshness_digests *now_there, int64_t now)
{
	return freshness_same(head, now_there) && head->made_ms <= now &&
	    now < head->due_ms;
}

bool
freshness_may_ask(const struct source_state *st, int64_t now)
{
	/* A moment further away than any wait we set: the clock went back. */
	return st->next_ms <= now || st->asked_ms > now ||
	    st->next_ms - now > LIMIT_RETRY_AFTER_MS;
}

bool
freshness_needs_ask(
    const struct source_state *st, const struct freshness *f, int64_t now)
{
	if (!freshness_may_ask(st, now))
		return false;
	return st->outcome == OUTCOME_NEVER || st->outcome == OUTCOME_FAILED ||
	    st->checked_ms > now || now >= later(st->checked_ms, f->fresh);
}

int64_t
freshness_backoff(
    int64_t retry, uint32_t failures, int64_t retry_after_ms, uint32_t random)
{
	int64_t wait = retry;

	for (; failures > 1 && wait < LIMIT_BACKOFF_MS; failures--) {
		wait *= 2;
		if (wait == 0)
			break;
	}
	if (wait > LIMIT_BACKOFF_MS)
		wait = LIMIT_BACKOFF_MS;
	wait -= wait / 5 * (int64_t)(random >> 16) / 65536;
	if (retry_after_ms > LIMIT_RETRY_AFTER_MS)
		retry_after_ms = LIMIT_RETRY_AFTER_MS;
	return wait < retry_after_ms ? retry_after_ms : wait;
}

int64_t
freshness_due(const struct source_state st[SOURCE_COUNT], unsigned sources,
    const struct freshness *f, int64_t now)
{
	int64_t due = INT64_MAX, at;
	unsigned s;

	for (s = 0; s < SOURCE_COUNT; s++) {
		if ((sources & SOURCE_BIT(s)) == 0)
			continue;
		if (st[s].outcome == OUTCOME_NEVER)
			at = now;
		else if (st[s].outcome == OUTCOME_FAILED)
			at = st[s].next_ms;
		else
			at = later(st[s].checked_ms, f->fresh);
		if (at < due)
			due = at;
	}
	return due;
}

int64_t
freshness_until(const struct source_state *st, const struct freshness *f)
{
	if (st->checked_ms <= 0)
		return INT64_MIN;
	return later(
	    st->doubted_ms != 0 ? st->doubted_ms : st->checked_ms, f->stale);
}

void
freshness_doubt(struct source_state *st, int64_t now)
{
	if (st->checked_ms <= now)
		st->doubted_ms = 0;
	else if (st->doubted_ms == 0 || st->doubted_ms > now)
		st->doubted_ms = now;
}
