/* SPDX-License-Identifier: ISC */
/*
 * From the owners of keys to the accounts that %u stands for.
 */
#include <string.h>

#include "policy/judge.h"

struct derive {
	const struct judge_rule *r;
	judge_name fn;
	void *ctx;
};

/* Each account for which an owner with %u comes to this text. */
static int
derive_text(const struct derive *d, const char *text, int64_t until_ms)
{
	char user[LIMIT_USER_NAME + 1], folded[LIMIT_USER_NAME + 1];
	size_t i;
	int r = 0;

	if (text[0] == '\0')
		return 0;
	for (i = 0; i < d->r->rule->owners.n && r == 0; i++) {
		const char *v = d->r->rule->owners.v[i];

		if (policy_owner_open(v) && policy_owner_user(v, text, user) &&
		    policy_name_ok(user, strlen(user)) &&
		    grant_fold(folded, user))
			r = d->fn(d->ctx, folded, until_ms);
	}
	return r;
}

int
judge_derive(const struct judge *j, const struct judge_rule *r,
    const struct candidate *c, judge_name fn, void *ctx)
{
	const struct derive d = {r, fn, ctx};
	int64_t until_ms;
	size_t i, k;

	for (i = 0; r->pattern && i < c->n; i++) {
		const struct person *p = &j->people.v[c->holders[i].person];

		until_ms = c->holders[i].until_ms;
		if (derive_text(&d, p->id, until_ms) != 0)
			return -1;
		if (until_ms > j->in.members_until_ms)
			until_ms = j->in.members_until_ms;
		for (k = p->first; k < p->first + p->n; k++) {
			const struct member *m = j->people.members[k];

			if (derive_text(&d, m->email, until_ms) != 0 ||
			    derive_text(&d, m->short_id, until_ms) != 0)
				return -1;
		}
	}
	return 0;
}
