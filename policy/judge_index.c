/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "policy/judge.h"

static void
set_bit(uint64_t *words, size_t bit)
{
	words[bit / JUDGE_WORD] |= UINT64_C(1) << bit % JUDGE_WORD;
}

static bool
has(const unsigned char *set, size_t person)
{
	return set != NULL && (set[person / 8] & 1u << person % 8) != 0;
}

/*
 * Whether the rule, which asks for an owner or a role, could be for a key of
 * that person.  A key may be several people's: one of them the owner that is
 * wanted and another of the role.
 */
static bool
may_be_of(const struct judge_rule *r, size_t person)
{
	if (r->rule->roles.n != 0)
		return has(r->by_role, person);
	return has(r->by_id, person) || has(r->by_name, person);
}

int
judge_index_make(struct judge_index *index, const struct judge_rule *rules,
    size_t n, size_t people)
{
	size_t i, p;

	index->words = (n + JUDGE_WORD - 1) / JUDGE_WORD;
	if (n == 0)
		return 0;
	index->any = calloc(index->words, sizeof(*index->any));
	index->tagged = calloc(index->words, sizeof(*index->tagged));
	/* One more, so that it is never nothing. */
	index->person =
	    calloc(people + 1, index->words * sizeof(*index->person));
	if (index->any == NULL || index->tagged == NULL ||
	    index->person == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		if (rules[i].rule->tags.n != 0)
			set_bit(index->tagged, i);
		if ((rules[i].rule->owners.n == 0 || rules[i].pattern) &&
		    rules[i].rule->roles.n == 0) {
			set_bit(index->any, i);
			continue;
		}
		for (p = 0; p < people; p++) {
			if (may_be_of(&rules[i], p))
				set_bit(index->person + p * index->words, i);
		}
	}
	return 0;
}

size_t
judge_next(const struct judge_index *index, const struct candidate *c, size_t i)
{
	size_t word, k;
	uint64_t bits;

	for (word = i / JUDGE_WORD; word < index->words; word++) {
		bits = index->any[word];
		for (k = 0; k < c->n; k++)
			bits |=
			    index->person[c->holders[k].person * index->words +
				word];
		if (!c->tagged)
			bits &= ~index->tagged[word];
		if (word == i / JUDGE_WORD)
			bits &= ~UINT64_C(0) << i % JUDGE_WORD;
		if (bits != 0)
			return word * JUDGE_WORD +
			    (size_t)__builtin_ctzll(bits);
	}
	return SIZE_MAX;
}
