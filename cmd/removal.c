/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cmd/removal.h"

static int
compare_ids(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* What a source holds, by name and sorted: fingerprints of usable keys, or
 * ids of members. */
struct ids {
	const char **v;
	size_t n;
};

static int
ids_of(struct ids *ids, const struct keyset *ks, const struct memberset *ms)
{
	size_t i;

	*ids = (struct ids){0};
	if (ks->n + ms->n == 0)
		return 0;
	if ((ids->v = calloc(ks->n + ms->n, sizeof(*ids->v))) == NULL)
		return -1;
	for (i = 0; i < ks->n; i++) {
		if (ks->v[i].blob != NULL && !keyrec_tags_lost(&ks->v[i]))
			ids->v[ids->n++] = ks->v[i].fp;
	}
	for (i = 0; i < ms->n; i++)
		ids->v[ids->n++] = ms->v[i].id;
	qsort(ids->v, ids->n, sizeof(*ids->v), compare_ids);
	return 0;
}

/* Whether the new list takes more than half of four or more away. */
static bool
takes_most(const struct ids *old, const struct ids *new)
{
	size_t i, gone = 0;

	for (i = 0; i < old->n; i++) {
		if (new->n == 0 ||
		    bsearch(&old->v[i], new->v, new->n, sizeof(*new->v),
			compare_ids) == NULL)
			gone++;
	}
	return old->n >= 4 && gone * 2 > old->n;
}

int
removal_is_mass(const struct holdings *h, enum source src,
    const struct portal_source *answer)
{
	const struct keyset no_keys = {0};
	const struct memberset nobody = {0};
	struct ids old, new = {0};
	int r = -1;

	if (src == SOURCE_MEMBERS ? ids_of(&old, &no_keys, &h->members) == 0 &&
		    ids_of(&new, &no_keys, &answer->members) == 0
				  : ids_of(&old, &h->keys[src], &nobody) == 0 &&
		    ids_of(&new, &answer->keys, &nobody) == 0)
		r = takes_most(&old, &new);
	free(old.v);
	free(new.v);
	return r;
}
