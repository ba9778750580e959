/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cmd/describe.h"
#include "policy/pubkey.h"

static void
join(char *dst, size_t size, const char *word, const char *between)
{
	size_t len = strlen(dst);

	if (len + 1 < size)
		(void)snprintf(dst + len, size - len, "%s%s",
		    len == 0 ? "" : between, word);
}

char *
describe_owner(
    const struct people *p, const char *owner, char *dst, size_t size)
{
	const char *id = people_owner(owner);
	size_t n = id == NULL ? PEOPLE_NONE : people_by_id(p, id), i;

	if (n != PEOPLE_NONE) {
		for (i = p->v[n].first; i < p->v[n].first + p->v[n].n; i++) {
			if (p->members[i]->email[0] != '\0')
				return text_copy(
				    dst, size, p->members[i]->email);
		}
	}
	return text_copy(dst, size, owner);
}

/* Whether an earlier record says the same. */
static bool
said(const struct merged_key *key, size_t i, bool owners)
{
	const struct keyrec *rec = key->refs[i].rec, *before;
	size_t k;

	for (k = 0; k < i; k++) {
		before = key->refs[k].rec;
		if (strcmp(owners ? before->owner : before->label,
			owners ? rec->owner : rec->label) == 0)
			return true;
	}
	return false;
}

char *
describe_labels(const struct merged_key *key, char *dst, size_t size)
{
	size_t i;

	dst[0] = '\0';
	for (i = 0; i < key->n; i++) {
		if (key->refs[i].rec->label[0] != '\0' && !said(key, i, false))
			join(dst, size, key->refs[i].rec->label, ", ");
	}
	return dst;
}

char *
describe_owners(const struct people *p, const struct merged_key *key, char *dst,
    size_t size)
{
	char owner[LIMIT_TEXT + 1];
	size_t i;

	dst[0] = '\0';
	for (i = 0; i < key->n; i++) {
		if (key->refs[i].rec->owner[0] != '\0' && !said(key, i, true))
			join(dst, size,
			    describe_owner(p, key->refs[i].rec->owner, owner,
				sizeof(owner)),
			    ", ");
	}
	return dst;
}

const char *
describe_type(const struct keyrec *rec)
{
	struct pubkey pk;

	if (pubkey_parse_blob(rec->blob, rec->bloblen, &pk) != PUBKEY_OK)
		return "?";
	return pubkey_type_name(pk.type);
}

json_t *
describe_json(const char *text)
{
	size_t len = strlen(text);
	char *clean = malloc(len + 1);
	json_t *value;

	if (clean == NULL)
		return NULL;
	(void)text_clean(clean, len + 1, text, len);
	value = json_string(clean);
	free(clean);
	return value;
}

const char *
describe_scope(enum grant_scope s)
{
	switch (s) {
	case GRANT_ACCOUNT:
		return "account";
	case GRANT_FOLDED:
		return "name-in-any-case";
	default:
		return "every";
	}
}

json_t *
describe_append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) == 0)
		return list;
	json_decref(list);
	return NULL;
}

json_t *
describe_groups_json(const struct grant *g)
{
	json_t *list = json_array();
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS && list != NULL; o++) {
		if (g->groups[o] == NULL ||
		    (o != 0 && g->groups[0] != NULL &&
			strcmp(g->groups[0], g->groups[o]) == 0))
			continue;
		list = describe_append(list, describe_json(g->groups[o]));
	}
	return list;
}

json_t *
describe_rules_json(const struct grants *g, const struct granted *v)
{
	char name[GRANT_NAME_SIZE], text[GRANT_NAME_SIZE + 16];
	json_t *list = json_array();
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS && list != NULL; o++) {
		if (v->rules[o] == NULL)
			continue;
		(void)grant_rule(v->rules[o], v->grant.groups[o] != NULL, name);
		(void)snprintf(
		    text, sizeof(text), "%s %s", grant_origin_name(g, o), name);
		list = describe_append(list, describe_json(text));
	}
	return list;
}
