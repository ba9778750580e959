/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "policy/candidate.h"

#define PROJECT_PREFIX "project:"

static int
add_holder(struct candidate *c, size_t person, int64_t until_ms)
{
	struct holder *v;
	size_t i, size;

	for (i = 0; i < c->n; i++) {
		if (c->holders[i].person != person)
			continue;
		if (c->holders[i].until_ms < until_ms)
			c->holders[i].until_ms = until_ms;
		return 0;
	}
	if (c->n == c->size) {
		size = c->size == 0 ? 4 : 2 * c->size;
		v = reallocarray(c->holders, size, sizeof(*v));
		if (v == NULL)
			return -1;
		c->holders = v;
		c->size = size;
	}
	c->holders[c->n++] = (struct holder){person, until_ms};
	return 0;
}

static int
take_owner(
    struct candidate *c, const struct keyref *ref, const struct people *people)
{
	const char *owner = ref->rec->owner, *id = people_owner(owner);
	size_t person;

	if (id != NULL && (person = people_by_id(people, id)) != PEOPLE_NONE)
		return add_holder(c, person, ref->until_ms);
	if (strncmp(owner, PROJECT_PREFIX, sizeof(PROJECT_PREFIX) - 1) == 0 &&
	    ref->until_ms > c->project_until_ms)
		c->project_until_ms = ref->until_ms;
	return 0;
}

/* What a record's tags leave of what the others' do; stale ones too. */
static void
take_tags(struct candidate *c, const struct keyrec *rec)
{
	struct tags more;

	if (rec->ntags == 0 || c->tags_refused != TAGS_OK)
		return;
	tags_init(&more);
	c->tags_refused = tags_read(&more, rec->tags, rec->ntags, NULL);
	if (c->tags_refused == TAGS_OK)
		c->tags_refused = tags_narrow(&c->tags, &more);
	tags_free(&more);
}

static int
take_record(
    struct candidate *c, const struct keyref *ref, const struct people *people)
{
	const struct keyrec *rec = ref->rec;

	if (rec->created_ms != KEYREC_NO_DATE &&
	    (c->created_ms == KEYREC_NO_DATE ||
		rec->created_ms < c->created_ms))
		c->created_ms = rec->created_ms;
	if (ref->until_ms > c->source_until_ms[ref->source])
		c->source_until_ms[ref->source] = ref->until_ms;
	c->tagged = c->tagged || rec->ntags != 0;
	take_tags(c, rec);
	if (c->tags_refused == TAGS_INTERNAL)
		return -1;
	return take_owner(c, ref, people);
}

enum candidate_result
candidate_set(struct candidate *c, const struct merged_key *key,
    const struct people *people)
{
	const struct keyrec *rec = key->refs[0].rec;
	size_t i;

	/* What the snapshot holds was checked before; it is checked again
	 * because it may have been written by another version. */
	if (pubkey_parse_blob(rec->blob, rec->bloblen, &c->pk) != PUBKEY_OK)
		return CANDIDATE_UNUSABLE;
	c->key = key;
	c->type = c->pk.type;
	c->bits = c->pk.bits;
	c->created_ms = KEYREC_NO_DATE;
	tags_free(&c->tags);
	c->tags_refused = TAGS_OK;
	for (i = 0; i < SOURCE_KEYS; i++)
		c->source_until_ms[i] = CANDIDATE_NEVER;
	c->project_until_ms = CANDIDATE_NEVER;
	c->tagged = false;
	c->n = 0;
	for (i = 0; i < key->n; i++) {
		if (take_record(c, &key->refs[i], people) == -1)
			return CANDIDATE_NO_MEMORY;
	}
	return CANDIDATE_OK;
}

int64_t
candidate_tag(const struct candidate *c, const char *tag)
{
	int64_t until = CANDIDATE_NEVER;
	size_t i, j;

	for (i = 0; i < c->key->n; i++) {
		const struct keyref *ref = &c->key->refs[i];

		for (j = 0; j < ref->rec->ntags && ref->until_ms > until; j++) {
			if (strcmp(ref->rec->tags[j], tag) == 0)
				until = ref->until_ms;
		}
	}
	return until;
}

void
candidate_free(struct candidate *c)
{
	tags_free(&c->tags);
	free(c->holders);
	*c = (struct candidate){0};
}
