/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/grant.h"
#include "policy/people.h"

#define USER_PREFIX "user:"

const char *
people_owner(const char *owner)
{
	size_t len = sizeof(USER_PREFIX) - 1;

	return strncmp(owner, USER_PREFIX, len) == 0 ? owner + len : NULL;
}

static int
compare_members(const void *a, const void *b)
{
	const struct member *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

static int
compare_people(const void *a, const void *b)
{
	const struct person *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static int
compare_names(const void *a, const void *b)
{
	const struct people_name *x = a, *y = b;

	return strcasecmp(x->text, y->text);
}

static int
sort_members(struct people *p, const struct memberset *members)
{
	size_t i;

	if (members->n == 0)
		return 0;
	/* An array of pointers.  NOLINTBEGIN(bugprone-sizeof-expression) */
	p->members = calloc(members->n, sizeof(*p->members));
	if (p->members == NULL)
		return -1;
	for (i = 0; i < members->n; i++)
		p->members[i] = &members->v[i];
	qsort(p->members, members->n, sizeof(*p->members), compare_members);
	/* NOLINTEND(bugprone-sizeof-expression) */
	return 0;
}

/* Every id, those of the keys' owners too; then each once. */
static int
number_people(struct people *p, const struct merged *keys, size_t nmembers)
{
	size_t i, j, n = nmembers, out = 0;
	const char *id;

	for (i = 0; i < keys->n; i++)
		n += keys->v[i].n;
	if (n == 0)
		return 0;
	if ((p->v = calloc(n, sizeof(*p->v))) == NULL)
		return -1;
	for (n = 0; n < nmembers; n++)
		p->v[n].id = p->members[n]->id;
	for (i = 0; i < keys->n; i++) {
		for (j = 0; j < keys->v[i].n; j++) {
			id = people_owner(keys->v[i].refs[j].rec->owner);
			/* Keys of one owner often come in a row. */
			if (id != NULL &&
			    (n == 0 || strcmp(p->v[n - 1].id, id) != 0))
				p->v[n++].id = id;
		}
	}
	qsort(p->v, n, sizeof(*p->v), compare_people);
	for (i = 0; i < n; i++) {
		if (out == 0 || strcmp(p->v[out - 1].id, p->v[i].id) != 0)
			p->v[out++] = p->v[i];
	}
	p->n = out;
	return 0;
}

static int
name_people(struct people *p, size_t nmembers)
{
	size_t i, person = 0;

	if (nmembers == 0)
		return 0;
	if ((p->names = calloc(nmembers, 2 * sizeof(*p->names))) == NULL)
		return -1;
	for (i = 0; i < nmembers; i++) {
		const struct member *m = p->members[i];

		/* Both are sorted, and each member is a person. */
		while (strcmp(p->v[person].id, m->id) != 0)
			person++;
		if (p->v[person].n++ == 0)
			p->v[person].first = i;
		if (m->email[0] != '\0')
			p->names[p->nnames++] =
			    (struct people_name){m->email, person};
		if (m->short_id[0] != '\0')
			p->names[p->nnames++] =
			    (struct people_name){m->short_id, person};
	}
	qsort(p->names, p->nnames, sizeof(*p->names), compare_names);
	return 0;
}

int
people_build(struct people *p, const struct merged *keys,
    const struct memberset *members)
{
	*p = (struct people){0};
	if (sort_members(p, members) == 0 &&
	    number_people(p, keys, members->n) == 0 &&
	    name_people(p, members->n) == 0)
		return 0;
	people_free(p);
	return -1;
}

void
people_free(struct people *p)
{
	free(p->v);
	free(p->members);
	free(p->names);
	*p = (struct people){0};
}

size_t
people_by_id(const struct people *p, const char *id)
{
	char folded[LIMIT_USER_NAME + 1];
	const struct person want = {.id = folded}, *found = NULL;

	if (p->n != 0 && grant_fold(folded, id))
		found =
		    bsearch(&want, p->v, p->n, sizeof(*p->v), compare_people);
	return found == NULL ? PEOPLE_NONE : (size_t)(found - p->v);
}

size_t
people_by_name(const struct people *p, const char *text, size_t *n)
{
	size_t low = 0, high = p->nnames, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (strcasecmp(p->names[mid].text, text) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (*n = 0; low + *n < p->nnames &&
	     strcasecmp(p->names[low + *n].text, text) == 0;
	     (*n)++)
		;
	return low;
}
