/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/list.h"
#include "cmd/packet-keys.h"
#include "cmd/screen.h"
#include "policy/pubkey.h"
#include "policy/verdict.h"

static const struct table_column columns[] = {{.title = "ACCOUNT"},
    {.title = "FINGERPRINT"}, {.title = "TYPE", .least = 11},
    {.title = "SOURCES", .least = 7}, {.title = "LABEL", .least = 10},
    {.title = "OWNER", .least = 10}, {.title = "OPTIONS", .least = 10}};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* What of the notation in the first column needs words. */
struct legend {
	bool any, group, both;
};

static void
note(struct legend *l, const char *name)
{
	const char *group = strchr(name, '@'), *plus = strstr(name, "+@");

	l->any = l->any || name[0] == '*';
	/* An account's own name may have such a character in it. */
	l->group = l->group || group == name || plus != NULL;
	l->both = l->both || plus != NULL;
}

static void
print_legend(const struct legend *l)
{
	if (l->any || l->group)
		(void)putchar('\n');
	if (l->any)
		(void)puts("*      every account without a rule of its own, "
			   "never root");
	if (l->group)
		(void)puts("@NAME  every account in the local group NAME");
	if (l->both)
		(void)puts("A+B    only who is both");
}

static int
add_row(struct table *t, const struct listing *l, const struct granted *v,
    struct legend *legend)
{
	char name[GRANT_NAME_SIZE], sources[64], label[DESCRIBE_SIZE],
	    owner[DESCRIBE_SIZE];
	const struct keyrec *rec = v->key->refs[0].rec;
	const char *cells[COLUMNS] = {grant_name(&v->grant, name), rec->fp,
	    describe_type(rec),
	    source_list(v->key->sources, sources, sizeof(sources)),
	    describe_labels(v->key, label, sizeof(label)),
	    describe_owners(&l->people, v->key, owner, sizeof(owner)),
	    v->options};

	note(legend, name);
	return table_add(t, cells);
}

static int
print_grants(const struct listing *l)
{
	struct legend legend = {false, false, false};
	struct table t;
	size_t i;
	int r = 0;

	table_init(&t, columns, COLUMNS);
	for (i = 0; i < l->g.n && r == 0; i++) {
		if (!list_shows(l, &l->g.v[i]))
			continue;
		if (add_row(&t, l, &l->g.v[i], &legend) == -1)
			r = complain(-1, "no memory");
	}
	if (r == 0 && t.rows == 0)
		(void)puts(l->user == NULL ? "no key opens any account"
					   : "no key opens that account");
	if (r == 0)
		r = screen_table(&t);
	if (r == 0)
		print_legend(&legend);
	table_free(&t);
	return r;
}

static void
print_left_out(const char *label, const char *sources, const char *fp,
    const char *code, const char *text)
{
	char clean[DESCRIBE_SIZE];

	(void)text_clean(clean, sizeof(clean), label, strlen(label));
	(void)printf("left out: \"%s\"%s%s of source %s: %s: %s\n", clean,
	    fp[0] == '\0' ? "" : " ", fp, sources, code, text);
}

/* First what can't be used, then what the policy has no use for. */
static void
print_refused(const struct listing *l)
{
	char label[DESCRIBE_SIZE], sources[64];
	unsigned s;
	size_t i;

	for (s = 0; s < SOURCE_KEYS; s++) {
		for (i = 0; i < l->h->keys[s].n; i++) {
			const struct keyrec *rec = &l->h->keys[s].v[i];

			if (rec->refused != NULL)
				print_left_out(rec->label, source_name(s), "",
				    rec->refused, list_refusal(rec->refused));
		}
	}
	for (i = 0; i < l->g.nleft; i++) {
		const struct left_out *o = &l->g.left[i];

		print_left_out(describe_labels(o->key, label, sizeof(label)),
		    source_list(o->key->sources, sources, sizeof(sources)),
		    o->key->refs[0].rec->fp,
		    verdict_code(o->why.verdict, o->why.detail),
		    verdict_text(o->why.verdict, o->why.detail));
	}
}

static int
list(const struct world *w, struct listing *l, bool json)
{
	int r = -1;

	if (people_build(&l->people, w->in.keys, w->in.members) == -1 ||
	    grants_gather(&l->g, &w->in, NULL) == -1)
		(void)complain(0, "no memory");
	else if (json)
		r = print_json(list_json(l));
	else if ((r = print_grants(l)) == 0)
		print_refused(l);
	grants_free(&l->g);
	people_free(&l->people);
	return r;
}

/* Finds the user, if one is asked for. */
static int
list_for(const struct world *w, struct listing *l, bool json)
{
	int r = 0;

	if (l->user != NULL) {
		r = world_find(w, l->user, &l->who);
		if (r == 0 && !l->who.exists)
			(void)complain(0,
			    "%s is no local account: it is in no group",
			    l->user);
	}
	world_notes(w);
	if (r == 0)
		r = list(w, l, json);
	world_forget(&l->who);
	return r;
}

int
cmd_list(const char *config, int argc, char **argv)
{
	struct listing l = {.user = NULL};
	static struct world w;
	bool json;
	int r = -1;

	if (parse_json_operand(argc, argv, &json, &l.user) == -1)
		return EXIT_CMD_USAGE;
	if (world_load(&w, config) == 0) {
		l.h = &w.h;
		if (w.h.found != SNAPSHOT_OK)
			(void)complain(
			    0, "no snapshot to list: %s", w.h.why.text);
		else
			r = list_for(&w, &l, json);
	}
	world_free(&w);
	return screen_end(r == 0 ? 0 : 1, 1);
}
