/* SPDX-License-Identifier: ISC */
/*
 * A user name, as this machine knows it.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/groups.h"
#include "cmd/packet-keys.h"
#include "cmd/world.h"

#define PATIENCE_MS 10000

/* Every group that has a rule; the same one may come twice. */
static size_t
rule_groups(const struct world *w, const char **names)
{
	const struct policy_rules *rules;
	size_t i, n = 0;
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (!w->p.wanted[o] || !w->p.valid[o])
			continue;
		rules = &w->p.doc[o].groups;
		for (i = 0; i < rules->n; i++) {
			if (names != NULL)
				names[n] = rules->v[i].name;
			n++;
		}
	}
	return n;
}

static int
find_groups(const struct world *w, struct somebody *s)
{
	size_t n = rule_groups(w, NULL), i;
	const char **names = s->a.groups = calloc(n, sizeof(*names));
	bool *in = calloc(n, sizeof(*in));
	struct error err = {"no memory"};
	int r = -1;

	if (names != NULL && in != NULL) {
		(void)rule_groups(w, names);
		r = groups_of(s->a.user, names, n, in,
		    clock_mono_ms() + PATIENCE_MS, &err);
	}
	for (i = 0; i < n && r == 0; i++) {
		if (in[i])
			names[s->a.ngroups++] = names[i];
	}
	free(in);
	return r == 0 ? 0
		      : complain(-1, "groups of %s: %s", s->a.user, err.text);
}

int
world_find(const struct world *w, const char *user, struct somebody *s)
{
	const struct grants in_force = {.in = w->in};

	*s = (struct somebody){.a = {.user = user}};
	s->a.named = grants_named(&in_force, user);
	s->exists = getpwnam(user) != NULL;
	return rule_groups(w, NULL) == 0 ? 0 : find_groups(w, s);
}

void
world_forget(struct somebody *s)
{
	free(s->a.groups);
	*s = (struct somebody){.exists = false};
}
