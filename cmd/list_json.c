/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "cmd/list.h"
#include "cmd/packet-keys.h"
#include "policy/pubkey.h"
#include "policy/verdict.h"

bool
list_shows(const struct listing *l, const struct granted *v)
{
	return l->user == NULL || granted_to(v, &l->who.a);
}

const char *
list_refusal(const char *code)
{
	enum pubkey_refusal r = pubkey_refusal_by_code(code);

	if (r != PUBKEY_REFUSAL_COUNT)
		return pubkey_refusal_text(r);
	return "refused by another version";
}

/* The member's e-mail, or null where the owner is no known member. */
static json_t *
email_json(const struct listing *l, const char *owner)
{
	char text[LIMIT_TEXT + 1];

	(void)describe_owner(&l->people, owner, text, sizeof(text));
	return strcmp(text, owner) == 0 ? json_null() : describe_json(text);
}

static json_t *
records_json(const struct listing *l, const struct merged_key *key)
{
	json_t *records = json_array();
	size_t i;

	for (i = 0; i < key->n && records != NULL; i++) {
		const struct keyref *ref = &key->refs[i];

		if (json_array_append_new(records,
			json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "source",
			    source_name(ref->source), "id",
			    clean_json(ref->rec->id), "label",
			    clean_json(ref->rec->label), "owner",
			    clean_json(ref->rec->owner), "email",
			    email_json(l, ref->rec->owner), "created",
			    stamp_json(ref->rec->created_ms))) == -1) {
			json_decref(records);
			records = NULL;
		}
	}
	return records;
}

static json_t *
grant_json(const struct listing *l, const struct granted *v)
{
	const struct keyrec *rec = v->key->refs[0].rec;
	char name[GRANT_NAME_SIZE];

	return json_pack("{s:o, s:o, s:s, s:o, s:b, s:s, s:s, s:o, s:o, s:b, "
			 "s:o, s:o}",
	    "account", describe_json(grant_name(&v->grant, name)), "user",
	    v->grant.scope == GRANT_ANY ? json_string("*")
					: describe_json(v->grant.name),
	    "scope", describe_scope(v->grant.scope), "groups",
	    describe_groups_json(&v->grant), "unless_named",
	    v->grant.unless_named != 0, "fingerprint", rec->fp, "type",
	    describe_type(rec), "until", stamp_json(v->until_ms), "options",
	    describe_json(v->options), "authority", v->authority, "records",
	    records_json(l, v->key), "rules", describe_rules_json(&l->g, v));
}

static json_t *
left_json(const char *source, const struct keyrec *rec, const char *code,
    const char *text)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "source", source,
	    "id", clean_json(rec->id), "label", clean_json(rec->label),
	    "fingerprint",
	    rec->fp[0] == '\0' ? json_null() : json_string(rec->fp), "reason",
	    clean_json(code), "text", text);
}

static int
add_refused(const struct listing *l, json_t *list)
{
	unsigned s;
	size_t i;

	for (s = 0; s < SOURCE_KEYS; s++) {
		for (i = 0; i < l->h->keys[s].n; i++) {
			const struct keyrec *rec = &l->h->keys[s].v[i];

			if (rec->refused != NULL &&
			    json_array_append_new(list,
				left_json(source_name(s), rec, rec->refused,
				    list_refusal(rec->refused))) == -1)
				return -1;
		}
	}
	return 0;
}

/* An object for each record, as for those that can't be used. */
static int
add_left_out(const struct listing *l, json_t *list)
{
	size_t i, k;

	for (i = 0; i < l->g.nleft; i++) {
		const struct left_out *o = &l->g.left[i];

		for (k = 0; k < o->key->n; k++) {
			if (json_array_append_new(list,
				left_json(source_name(o->key->refs[k].source),
				    o->key->refs[k].rec,
				    verdict_code(o->why.verdict, o->why.detail),
				    verdict_text(
					o->why.verdict, o->why.detail))) == -1)
				return -1;
		}
	}
	return 0;
}

json_t *
list_json(const struct listing *l)
{
	json_t *grants = json_array(), *left = json_array();
	bool ok = grants != NULL && left != NULL;
	size_t i;

	for (i = 0; i < l->g.n && ok; i++) {
		if (list_shows(l, &l->g.v[i]))
			ok = json_array_append_new(
				 grants, grant_json(l, &l->g.v[i])) == 0;
	}
	if (ok && add_refused(l, left) == 0 && add_left_out(l, left) == 0)
		return json_pack("{s:o, s:o, s:o}", "made",
		    stamp_json(l->h->head.made_ms), "grants", grants,
		    "left_out", left);
	json_decref(grants);
	json_decref(left);
	return NULL;
}
