/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/policies.h"

static int
keep(struct buf *kept, const struct buf *text)
{
	buf_reset(kept);
	return buf_put(kept, text->data, text->len);
}

/* The file of this machine: its text now, if it is valid. */
static enum policy_result
read_file(struct policies *p, const struct config *cfg,
    const struct config_file *file, struct holdings *h)
{
	struct policy *doc = &p->doc[GRANT_FILE];
	char *problem = p->problem[GRANT_FILE];
	enum policy_result r;
	struct error err = {""}, named;

	p->wanted[GRANT_FILE] = file->found != FILE_MISSING;
	if (file->found == FILE_MISSING) {
		buf_free(&h->policy[GRANT_FILE]);
		return POLICY_ABSENT;
	}
	if (file->found == FILE_ERROR) {
		(void)text_copy(problem, LIMIT_REASON, file->err.text);
		return POLICY_INVALID;
	}
	r = policy_parse(
	    doc, (const char *)file->text.data, file->text.len, &err);
	if (r != POLICY_OK) {
		(void)error_set(&named, "%s: %s", cfg->policy_file, err.text);
		(void)text_copy(problem, LIMIT_REASON, named.text);
		return r;
	}
	if (keep(&h->policy[GRANT_FILE], &file->text) == -1) {
		policy_free(doc);
		return POLICY_NO_MEMORY;
	}
	p->valid[GRANT_FILE] = true;
	return POLICY_OK;
}

/* What the snapshot has of a document, which was valid when it came. */
static enum policy_result
read_held(struct policies *p, enum grant_origin o, struct holdings *h)
{
	const struct buf *text = &h->policy[o];
	enum policy_result r;
	struct error err = {""}, named;

	if (!p->wanted[o] || p->valid[o] || text->len == 0)
		return POLICY_ABSENT;
	r = policy_parse(&p->doc[o], (const char *)text->data, text->len, &err);
	p->valid[o] = r == POLICY_OK;
	/* Another version may have taken what this one does not.  (The file
	 * has a problem by now, or it would not be asked for.) */
	if (r == POLICY_INVALID && p->problem[o][0] == '\0') {
		(void)error_set(&named, "ssh_policy: %s", err.text);
		(void)text_copy(p->problem[o], LIMIT_REASON, named.text);
	}
	return r;
}

/*
 * The list of denied keys, or the last good one.  Where there never was one,
 * nobody can tell whom it would have shut out.
 */
static int
read_deny(
    struct policies *p, const struct config_file *file, struct holdings *h)
{
	switch (file->found) {
	case FILE_OK:
		h->deny_known = true;
		return keep(&h->deny, &file->text);
	case FILE_MISSING:
		h->deny_known = true;
		buf_free(&h->deny);
		return 0;
	default:
		p->deny_unknown = !h->deny_known;
		(void)text_copy(p->deny_problem, LIMIT_REASON, file->err.text);
		return 0;
	}
}

int
policies_load(struct policies *p, const struct config *cfg,
    const struct config_files *files, struct holdings *h, struct error *err)
{
	const struct source_state *fleet = &h->state[SOURCE_FLEET];
	unsigned o;

	*p = (struct policies){0};
	p->wanted[GRANT_FLEET] = strcmp(cfg->fleet, "none") != 0;
	if (read_file(p, cfg, &files->policy, h) == POLICY_NO_MEMORY ||
	    read_deny(p, &files->deny, h) == -1)
		return error_set(err, "no memory for the policy");
	if (p->wanted[GRANT_FLEET] && fleet->outcome == OUTCOME_FAILED)
		(void)text_copy(
		    p->problem[GRANT_FLEET], LIMIT_REASON, fleet->reason);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (read_held(p, o, h) == POLICY_NO_MEMORY)
			return error_set(err, "no memory for the policy");
	}
	return 0;
}

void
policies_free(struct policies *p)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (p->valid[o])
			policy_free(&p->doc[o]);
		p->valid[o] = false;
	}
}

bool
policies_need_members(const struct policies *p)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (p->valid[o] && policy_needs_members(&p->doc[o]))
			return true;
	}
	return false;
}

unsigned
policies_sources(const struct policies *p, const struct config *cfg)
{
	unsigned sources = cfg->sources;

	if (p->wanted[GRANT_FLEET])
		sources |= SOURCE_BIT(SOURCE_FLEET);
	if (policies_need_members(p))
		sources |= SOURCE_BIT(SOURCE_MEMBERS);
	return sources;
}

struct judge_input
policies_input(const struct policies *p, const struct config *cfg,
    const struct holdings *h, const struct merged *keys, int64_t now)
{
	struct freshness f = holdings_freshness(cfg);
	struct judge_input in = {.keys = keys,
	    .members = &h->members,
	    .members_until_ms = freshness_until(&h->state[SOURCE_MEMBERS], &f),
	    .deny = h->deny.len == 0 ? NULL : (const char *)h->deny.data,
	    .denylen = h->deny.len,
	    .now_ms = now,
	    .date_ms = h->head.portal_ms,
	    .to_local = clock_local_ms};
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		in.origin[o] = (struct judge_origin){.wanted = p->wanted[o],
		    .doc = p->valid[o] ? &p->doc[o] : NULL,
		    .until_ms = INT64_MAX};
	}
	/* A document that is wanted and isn't there grants nothing. */
	if (p->deny_unknown)
		in.origin[GRANT_FILE] = (struct judge_origin){.wanted = true};
	/* Cached like any source: a fleet that can't be asked for so long may
	 * have shut a door meanwhile. */
	in.origin[GRANT_FLEET].until_ms =
	    freshness_until(&h->state[SOURCE_FLEET], &f);
	return in;
}
