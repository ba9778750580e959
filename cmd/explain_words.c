/* SPDX-License-Identifier: ISC */
/*
 * What was wanted of a key, and what was seen of it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/describe.h"
#include "cmd/explain.h"
#include "cmd/packet-keys.h"

/* So many entries of a list are shown. */
#define SHOWN 8
#define SAID_SIZE (2 * LIMIT_TEXT)

struct said {
	char text[SAID_SIZE]; /* cut to fit */
	size_t n; /* entries of the list at hand */
};

static void say(struct said *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct said *s, const char *fmt, ...)
{
	size_t len = strlen(s->text);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(s->text + len, sizeof(s->text) - len, fmt, ap);
	va_end(ap);
}

/* Whether the next entry of a list of n is to be shown; says what stands
 * before it, or in place of the rest. */
static bool
next(struct said *s, size_t n)
{
	s->n++;
	if (s->n == SHOWN + 1)
		say(s, " and %zu more", n - SHOWN);
	if (s->n > SHOWN)
		return false;
	if (s->n > 1)
		say(s, ", ");
	return true;
}

static void
say_words(struct said *s, const struct words *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (next(s, w->n))
			say(s, "%s", w->v[i]);
	}
}

/* Owners, with what %u comes to for this account. */
static void
say_owners(struct said *s, const struct words *w, const char *user)
{
	char owner[LIMIT_TEXT + LIMIT_USER_NAME + 1];
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (!next(s, w->n))
			continue;
		say(s, "%s", w->v[i]);
		if (policy_owner_open(w->v[i]) &&
		    policy_owner(w->v[i], user, owner, sizeof(owner)) == 0)
			say(s, " = %s", owner);
	}
}

static void
say_person(struct said *s, const struct explanation *e, size_t person)
{
	const struct people *p = &e->judge.people;
	const struct person *who = &p->v[person];
	const char *email = "";
	size_t i, k, n = 0;

	for (i = who->first; i < who->first + who->n; i++) {
		if (email[0] == '\0')
			email = p->members[i]->email;
	}
	say(s, "%s", email[0] == '\0' ? who->id : email);
	if (e->judge.in.members_until_ms <= e->judge.in.now_ms) {
		say(s, " (members not known)");
		return;
	}
	say(s, who->n == 0 ? " (no member" : " (member");
	for (i = who->first; i < who->first + who->n; i++) {
		for (k = 0; k < p->members[i]->nroles; k++)
			say(s, "%s%s", n++ == 0 ? ": " : ", ",
			    p->members[i]->roles[k]);
	}
	say(s, ")");
}

static void
say_people(struct said *s, const struct explanation *e)
{
	const struct candidate *c = &e->candidate;
	size_t i;

	s->n = 0;
	for (i = 0; i < c->n; i++) {
		if (next(s, c->n))
			say_person(s, e, c->holders[i].person);
	}
	if (c->n == 0)
		say(s,
		    c->project_until_ms == CANDIDATE_NEVER
			? "no owner"
			: "a key of the project");
}

static void
say_tags(struct said *s, const struct explanation *e)
{
	const struct merged_key *key = e->key;
	size_t i, k, n = 0;

	s->n = 0;
	for (i = 0; i < key->n; i++)
		n += key->refs[i].rec->ntags;
	for (i = 0; i < key->n; i++) {
		for (k = 0; k < key->refs[i].rec->ntags; k++) {
			if (next(s, n))
				say(s, "%s", key->refs[i].rec->tags[k]);
		}
	}
	if (n == 0)
		say(s, "none");
}

static int
finish(struct explanation *e, struct explain_step *step, const char *name,
    const struct said *wanted, const struct said *saw)
{
	step->name = name;
	step->wanted =
	    arena_copy(&e->arena, wanted->text, strlen(wanted->text));
	step->saw = arena_copy(&e->arena, saw->text, strlen(saw->text));
	return step->wanted == NULL || step->saw == NULL ? -1 : 0;
}

static struct ruling
nothing_to_ask(void)
{
	return (struct ruling){VERDICT_NOT_FOUND, 0, CANDIDATE_NEVER};
}

int
explain_condition(struct explanation *e, const struct judge_rule *r,
    enum judge_condition which, struct explain_step *step)
{
	static const char *const names[JUDGE_CONDITIONS] = {
	    [JUDGE_SOURCE] = "sources",
	    [JUDGE_OWNER] = "owners",
	    [JUDGE_TAG] = "tags",
	    [JUDGE_ROLE] = "roles"};
	struct said wanted = {"", 0}, saw = {"", 0};
	const struct policy_rule *rule = r->rule;

	if (which == JUDGE_SOURCE && rule->sources != 0)
		(void)source_list(
		    rule->sources, wanted.text, sizeof(wanted.text));
	else if (which == JUDGE_OWNER)
		say_owners(&wanted, &rule->owners, e->who->user);
	else if (which == JUDGE_TAG)
		say_words(&wanted, &rule->tags);
	else if (which == JUDGE_ROLE)
		say_words(&wanted, &rule->roles);
	if (wanted.text[0] == '\0')
		return 0;
	if (!e->usable) {
		step->ruling = nothing_to_ask();
		return finish(e, step, names[which], &wanted, &saw);
	}
	step->ruling =
	    judge_condition(&e->judge, r, &e->candidate, which, e->who->user);
	if (which == JUDGE_SOURCE)
		(void)source_list(e->key->sources, saw.text, sizeof(saw.text));
	else if (which == JUDGE_TAG)
		say_tags(&saw, e);
	else
		say_people(&saw, e);
	return finish(e, step, names[which], &wanted, &saw);
}

/* What a document asks of every key, as far as it asks for anything. */
static void
say_keys(struct said *s, const struct policy_keys *k)
{
	char span[32];
	unsigned t;

	for (t = 0; t < PUBKEY_TYPE_COUNT; t++) {
		if ((k->types & 1u << t) != 0 && next(s, PUBKEY_TYPE_COUNT))
			say(s, "%s", pubkey_type_name(t));
	}
	if (k->rsa_min_bits != 0)
		say(s, "%srsa_min_bits %u", s->text[0] == '\0' ? "" : "; ",
		    k->rsa_min_bits);
	if (k->max_age_ms != POLICY_NO_AGE)
		say(s, "%smax_age %s", s->text[0] == '\0' ? "" : "; ",
		    text_span(span, sizeof(span), k->max_age_ms));
	if (k->require_member)
		say(s, "%srequire_member", s->text[0] == '\0' ? "" : "; ");
	if (k->ndeny != 0)
		say(s, "%snone of %zu denied", s->text[0] == '\0' ? "" : "; ",
		    k->ndeny);
}

static void
say_key(
    struct said *s, const struct explanation *e, const struct policy_keys *k)
{
	const struct candidate *c = &e->candidate;
	char when[32];

	say(s, "%s, %u bits", pubkey_type_name(c->type), c->bits);
	if (k->max_age_ms != POLICY_NO_AGE)
		say(s, "; of %s",
		    c->created_ms == KEYREC_NO_DATE
			? "no date"
			: stamp_text(when, c->created_ms));
	if (k->require_member) {
		say(s, "; ");
		say_people(s, e);
	}
}

int
explain_keys(
    struct explanation *e, enum grant_origin o, struct explain_step *step)
{
	const struct policy *doc = e->judge.in.origin[o].doc;
	struct said wanted = {"", 0}, saw = {"", 0};

	if (doc == NULL) {
		step->ruling =
		    (struct ruling){VERDICT_NO_DOCUMENT, 0, CANDIDATE_NEVER};
		return finish(e, step, "keys", &wanted, &saw);
	}
	say_keys(&wanted, &doc->keys);
	if (e->usable) {
		say_key(&saw, e, &doc->keys);
		step->ruling = judge_document_keys(&e->judge, o, &e->candidate);
	} else {
		step->ruling = nothing_to_ask();
		if (policy_denies(doc, e->subject->fp))
			step->ruling.verdict = VERDICT_DENIED;
	}
	return finish(e, step, "keys", &wanted, &saw);
}

int
explain_tags(struct explanation *e, struct explain_step *step)
{
	const struct ruling other = {VERDICT_TAG_USER, 0, CANDIDATE_NEVER};
	struct said wanted = {"", 0}, saw = {"", 0};

	step->ruling = nothing_to_ask();
	if (e->usable) {
		say_tags(&saw, e);
		step->ruling = judge_key(&e->judge, &e->candidate);
		if (step->ruling.verdict == VERDICT_ALLOWED &&
		    !tags_let_in(&e->candidate.tags, e->who->user))
			step->ruling = other;
	}
	return finish(e, step, "tags", &wanted, &saw);
}
