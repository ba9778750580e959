/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "policy/merge.h"

static int
compare(const void *a, const void *b)
{
	const struct keyref *x = a, *y = b;
	int r = memcmp(x->rec->fp, y->rec->fp, sizeof(x->rec->fp));

	if (r != 0)
		return r;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	/* Records of one source keep the portal's order. */
	return x->rec < y->rec ? -1 : x->rec > y->rec;
}

static size_t
collect(struct keyref *refs, const struct merge_input *in, size_t n)
{
	const struct keyrec *rec;
	size_t i, j, count = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < in[i].keys->n; j++) {
			rec = &in[i].keys->v[j];
			if (rec->blob == NULL)
				continue;
			refs[count++] =
			    (struct keyref){rec, in[i].source, in[i].until_ms};
		}
	}
	return count;
}

static void
group(struct merged *m, size_t count)
{
	struct merged_key *key = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct keyref *ref = &m->refs[i];

		if (key == NULL ||
		    memcmp(key->refs[0].rec->fp, ref->rec->fp,
			sizeof(ref->rec->fp)) != 0) {
			key = &m->v[m->n++];
			*key = (struct merged_key){
			    .refs = ref, .until_ms = ref->until_ms};
		}
		key->n++;
		key->sources |= SOURCE_BIT(ref->source);
		if (ref->until_ms > key->until_ms)
			key->until_ms = ref->until_ms;
	}
}

int
merge_keys(struct merged *m, const struct merge_input *in, size_t n)
{
	size_t i, count = 0;

	*m = (struct merged){0};
	for (i = 0; i < n; i++)
		count += in[i].keys->n;
	if (count == 0)
		return 0;
	m->refs = calloc(count, sizeof(*m->refs));
	m->v = calloc(count, sizeof(*m->v));
	if (m->refs == NULL || m->v == NULL) {
		merge_free(m);
		return -1;
	}
	count = collect(m->refs, in, n);
	qsort(m->refs, count, sizeof(*m->refs), compare);
	group(m, count);
	return 0;
}

void
merge_free(struct merged *m)
{
	free(m->v);
	free(m->refs);
	*m = (struct merged){0};
}
