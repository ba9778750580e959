/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/describe.h"
#include "cmd/explain_show.h"
#include "cmd/packet-keys.h"
#include "cmd/screen.h"

static const struct table_column columns[] = {{.title = "STEP"},
    {.title = "RESULT"}, {.title = "WANTED", .least = 12, .wrap = true},
    {.title = "SAW", .least = 20, .wrap = true}};

struct printer {
	const struct explain_view *v;
	struct table t;
	bool failed;
};

static void
add(struct printer *p, const char *step, const char *result, const char *wanted,
    const char *saw)
{
	const char *cells[] = {step, result, wanted, saw};

	if (table_add(&p->t, cells) == -1)
		p->failed = true;
}

/* "confirmed 3 s ago" and so on, behind what is in text. */
static void
say_confirmed(const struct printer *p, enum source s, char *text, size_t size)
{
	const struct source_state *st = &p->v->w->h.state[s];
	size_t len = strlen(text);
	char span[32];

	if (st->checked_ms == 0)
		(void)snprintf(text + len, size - len, "never answered%s%s",
		    st->reason[0] == '\0' ? "" : ": ", st->reason);
	else
		(void)snprintf(text + len, size - len, "confirmed %s ago%s%s",
		    text_span(
			span, sizeof(span), p->v->w->now - st->checked_ms),
		    st->reason[0] == '\0' ? "" : "; since then: ", st->reason);
}

static void
add_record(struct printer *p, enum source s, const char *step,
    const struct keyrec *rec)
{
	char text[4 * LIMIT_TEXT + LIMIT_REASON], owner[LIMIT_TEXT + 1],
	    when[32];

	(void)describe_owner(
	    &p->v->e->judge.people, rec->owner, owner, sizeof(owner));
	(void)snprintf(text, sizeof(text), "\"%s\" of %s, created %s, id %s; ",
	    rec->label, owner[0] == '\0' ? "nobody" : owner,
	    rec->created_ms == KEYREC_NO_DATE
		? "-"
		: stamp_text(when, rec->created_ms),
	    rec->id[0] == '\0' ? "-" : rec->id);
	say_confirmed(p, s, text, sizeof(text));
	add(p, step, explain_counts(p->v, s) ? "ok" : "stale", "", text);
}

static void
add_source(struct printer *p, enum source s)
{
	char step[32], text[LIMIT_REASON + 64] = "";
	const struct keyrec *rec;
	size_t i = 0;

	(void)snprintf(step, sizeof(step), "source %s", source_name(s));
	rec = explain_record(p->v, s, &i);
	if (rec == NULL) {
		if (p->v->w->h.state[s].checked_ms != 0)
			(void)text_copy(text, sizeof(text), "not in it; ");
		say_confirmed(p, s, text, sizeof(text));
		add(p, step, "-", "", text);
		return;
	}
	for (; rec != NULL; rec = explain_record(p->v, s, &i))
		add_record(p, s, step, rec);
}

static void
add_key(struct printer *p)
{
	const struct explanation *e = p->v->e;
	char note[LIMIT_TEXT], text[LIMIT_TEXT + 32];
	unsigned s;

	for (s = 0; s < SOURCE_KEYS; s++) {
		if ((p->v->w->cfg.sources & SOURCE_BIT(s)) != 0)
			add_source(p, s);
	}
	(void)explain_note(p->v, note, sizeof(note));
	(void)snprintf(text, sizeof(text), "%s%s%s",
	    e->in_list ? "in the list" : "not in the list",
	    note[0] == '\0' ? "" : ": ", note);
	add(p, "denied keys", e->in_list ? "denied" : "ok", "", text);
	add(p, "tags", explain_code(e->tags.ruling), "", e->tags.saw);
}

static void
add_rule(struct printer *p, const struct explain_rule *r)
{
	char name[GRANT_NAME_SIZE + 4];
	const struct explain_step *s;
	size_t i;

	if (!r->applies) {
		(void)snprintf(
		    name, sizeof(name), "in the group %s", r->rule->rule->name);
		add(p, r->where, verdict_code(VERDICT_GROUP, 0), name,
		    "not in it");
		return;
	}
	add(p, r->where, r->n == 0 ? "ok" : explain_code(r->ruling),
	    r->n == 0 ? "any key" : "", "");
	for (i = 0; i < r->n; i++) {
		s = &r->steps[i];
		(void)snprintf(name, sizeof(name), "- %s", s->name);
		add(p, name, explain_code(s->ruling), s->wanted, s->saw);
	}
}

static void
add_document(struct printer *p, const struct explain_document *d)
{
	const char *user = p->v->e->who->user;
	char step[32], text[LIMIT_USER_NAME + 64];
	size_t i;

	if (!d->wanted)
		return;
	(void)snprintf(step, sizeof(step), "%s keys", d->name);
	add(p, step, explain_code(d->keys.ruling), d->keys.wanted, d->keys.saw);
	for (i = 0; i < d->n; i++)
		add_rule(p, &d->rules[i]);
	if (d->n != 0 || !d->valid)
		return;
	(void)snprintf(step, sizeof(step), "%s users", d->name);
	(void)snprintf(text, sizeof(text), "none for %s%s", user,
	    strcmp(user, "root") == 0 ? ", for whom * is not" : "");
	add(p, step, verdict_code(VERDICT_NO_RULE, 0), "a rule", text);
}

static void
add_options(struct printer *p)
{
	struct ruling r = p->v->e->options;

	if (r.verdict != VERDICT_ALLOWED)
		add(p, "options", verdict_code(r.verdict, r.detail), "",
		    verdict_text(r.verdict, r.detail));
}

/* A line of its own, cleaned. */
static void say(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(const char *name, const char *fmt, ...)
{
	char raw[LIMIT_LINE + LIMIT_REASON], text[LIMIT_LINE + LIMIT_REASON];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	(void)text_clean(text, sizeof(text), raw, strlen(raw));
	(void)printf("%-9s %s\n", name, text);
}

static void
print_head(const struct explain_view *v)
{
	const struct explanation *e = v->e;
	const struct holdings *h = &v->w->h;
	char when[32], span[32];
	const char *type;
	unsigned bits, o;

	type = explain_type(e, &bits);
	if (type[0] != '\0')
		say("key", "%s %s, %u bits", e->subject->fp, type, bits);
	else
		say("key", "%s",
		    e->subject->fp[0] == '\0' ? "can't be used"
					      : e->subject->fp);
	say("account", "%s%s", e->who->user,
	    v->who->exists ? ""
			   : ": no local account, sshd would not ask for it");
	if (h->found == SNAPSHOT_OK)
		say("snapshot", "%s, %s old%s",
		    stamp_text(when, h->head.made_ms),
		    text_span(span, sizeof(span), v->w->now - h->head.made_ms),
		    v->w->fresh ? ""
				: "; the next login asks the portal first");
	else
		say("snapshot", "none: %s", h->why.text);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (e->doc[o].wanted)
			say(e->doc[o].name, "%s%s%s", explain_state(v, o),
			    explain_problem(v, o)[0] == '\0' ? "" : ": ",
			    explain_problem(v, o));
	}
	if (v->w->p.deny_problem[0] != '\0')
		say("denied", "last good list: %s", v->w->p.deny_problem);
	(void)putchar('\n');
}

static void
print_end(const struct explain_view *v)
{
	const struct explanation *e = v->e;
	const struct explain_outcome *out = &e->outcome;
	size_t i, n = explain_unusable(v);

	(void)putchar('\n');
	if (out->allowed)
		say("allowed", "the key opens %s", e->who->user);
	else
		say("refused", "%s: %s%s%s%s", out->code, out->text,
		    out->where[0] == '\0' ? "" : " (", out->where,
		    out->where[0] == '\0' ? "" : ")");
	for (i = 0; i < e->nlines; i++)
		say("line", "%s", e->lines[i]->line);
	if (e->key == NULL && n != 0)
		say("note",
		    "%zu record%s of the sources can't be used, see "
		    "packet-keys list",
		    n, n == 1 ? "" : "s");
	for (i = 0; i < e->nauthorities; i++)
		say("CA",
		    "certificates that this one has signed are let in, "
		    "too: %s",
		    e->authorities[i]->line);
}

int
explain_print(const struct explain_view *v)
{
	struct printer p = {.v = v};
	unsigned o;
	int r;

	table_init(&p.t, columns, sizeof(columns) / sizeof(columns[0]));
	add_key(&p);
	for (o = 0; o < GRANT_ORIGINS; o++)
		add_document(&p, &v->e->doc[o]);
	add_options(&p);
	if (p.failed) {
		r = complain(-1, "no memory");
	} else {
		print_head(v);
		if ((r = screen_table(&p.t)) == 0)
			print_end(v);
	}
	table_free(&p.t);
	return r;
}
