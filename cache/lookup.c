/* SPDX-License-Identifier: ISC */
/*
 * What a login asks for: which lines of a snapshot are for this account.
 */
#include <stdlib.h>
#include <string.h>

#include "base/denylist.h"
#include "cache/record.h"

/* Three scopes, with the lines of the key and those of the CAs. */
#define MAX_RECORDS 6

struct lookup {
	struct snapshot *s;
	const struct snapshot_ask *ask;
	struct buf *out;
	size_t start; /* of our lines in out */
	unsigned named;
	struct slice records[MAX_RECORDS];
	size_t n;
	/* The groups that a line hangs on, each once. */
	const char **groups;
	bool *in;
	size_t ngroups, size;
	bool unknown; /* what groups it is in */
};

static bool
denied(const struct snapshot_ask *ask, const char *fp)
{
	return ask->deny != NULL && denylist_has(ask->deny, ask->denylen, fp);
}

/* The code of a refused key; SNAPSHOT_NOT_FOUND: it isn't one. */
static enum snapshot_find
find_refused(struct snapshot *s, const char *fp, char code[SNAPSHOT_CODE_SIZE])
{
	struct record_key k;
	struct slice in;
	enum snapshot_find r;

	code[0] = '\0';
	if (record_key_refused(&k, fp) == -1)
		return SNAPSHOT_NOT_FOUND;
	if ((r = record_find(s, &k, &in)) != SNAPSHOT_FOUND)
		return r;
	if (in.len >= SNAPSHOT_CODE_SIZE)
		return SNAPSHOT_ERROR;
	memcpy(code, in.p, in.len);
	code[in.len] = '\0';
	return SNAPSHOT_FOUND;
}

/* Whether the key is denied, whatever a CA says of it. */
static enum snapshot_find
find_denied(struct snapshot *s, const struct snapshot_ask *ask)
{
	const struct record_key k = record_key_denied();
	struct slice in;

	if (ask->fp == NULL)
		return SNAPSHOT_NOT_FOUND;
	if (denied(ask, ask->fp))
		return SNAPSHOT_FOUND;
	/* Then it could have lines of its own alone, and has none. */
	if ((s->head.has & SNAPSHOT_HAS_AUTHORITIES) == 0)
		return SNAPSHOT_NOT_FOUND;
	if (record_find(s, &k, &in) != SNAPSHOT_FOUND)
		return SNAPSHOT_ERROR;
	return denylist_has((const char *)in.p, in.len, ask->fp)
	    ? SNAPSHOT_FOUND
	    : SNAPSHOT_NOT_FOUND;
}

/* root counts as named: no `*` is for it.  0, or -1. */
static int
find_named(struct lookup *l)
{
	const struct record_key k = record_key_named();
	const char *user = l->ask->user;
	size_t len = strlen(user);
	struct slice in, name;
	unsigned named;

	if (strcmp(user, "root") == 0)
		l->named = GRANT_NAMED_ALL;
	if (record_find(l->s, &k, &in) != SNAPSHOT_FOUND)
		return -1;
	while (in.len != 0) {
		if (record_get_named(&in, &name, &named) == -1)
			return -1;
		if (name.len == len && memcmp(name.p, user, len) == 0)
			l->named |= named;
	}
	return 0;
}

static enum snapshot_find
add_record(struct lookup *l, enum grant_scope scope, const char *name,
    const char *which)
{
	struct record_key k;
	struct slice in;
	enum snapshot_find r;

	if (record_key_lines(&k, scope, name, which) == -1)
		return SNAPSHOT_NOT_FOUND;
	if ((r = record_find(l->s, &k, &in)) == SNAPSHOT_FOUND)
		l->records[l->n++] = in;
	return r;
}

static enum snapshot_find
add_records(struct lookup *l, enum grant_scope scope, const char *name)
{
	const char *fp = l->ask->fp;

	if (add_record(l, scope, name, fp) == SNAPSHOT_ERROR)
		return SNAPSHOT_ERROR;
	/* sshd asks for the key that a CA has signed, not for the CA's. */
	if (fp != NULL && (l->s->head.has & SNAPSHOT_HAS_AUTHORITIES) != 0)
		return add_record(l, scope, name, SNAPSHOT_AUTHORITIES);
	return SNAPSHOT_FOUND;
}

static enum snapshot_find
add_scopes(struct lookup *l)
{
	char folded[LIMIT_USER_NAME + 1];
	unsigned has = l->s->head.has;
	struct record_key k;

	/* No account is called that, and `*` is for accounts. */
	if (record_key_lines(&k, GRANT_ACCOUNT, l->ask->user, NULL) == -1)
		return SNAPSHOT_NOT_FOUND;
	if (add_records(l, GRANT_ACCOUNT, l->ask->user) == SNAPSHOT_ERROR)
		return SNAPSHOT_ERROR;
	if ((has & (SNAPSHOT_HAS_ANY | SNAPSHOT_HAS_FOLDED)) == 0)
		return SNAPSHOT_FOUND;
	if (find_named(l) == -1)
		return SNAPSHOT_ERROR;
	if ((has & SNAPSHOT_HAS_FOLDED) != 0 &&
	    grant_fold(folded, l->ask->user) &&
	    add_records(l, GRANT_FOLDED, folded) == SNAPSHOT_ERROR)
		return SNAPSHOT_ERROR;
	if ((has & SNAPSHOT_HAS_ANY) != 0)
		return add_records(l, GRANT_ANY, "");
	return SNAPSHOT_FOUND;
}

/* Whether the line is for the account, but for its groups. */
static bool
applies(const struct lookup *l, const struct record_line *line)
{
	char fp[KEYREC_FP_LEN + 1];

	if (line->until_ms <= l->ask->now_ms ||
	    (line->unless_named & l->named) != 0)
		return false;
	if (l->ask->deny == NULL)
		return true;
	memcpy(fp, line->fp.p, line->fp.len);
	fp[line->fp.len] = '\0';
	return !denied(l->ask, fp);
}

static size_t
group_number(const struct lookup *l, const struct slice *name)
{
	size_t i;

	for (i = 0; i < l->ngroups; i++) {
		if (strlen(l->groups[i]) == name->len &&
		    memcmp(l->groups[i], name->p, name->len) == 0)
			break;
	}
	return i;
}

static int
note_group(struct lookup *l, const struct slice *name)
{
	size_t size = l->size == 0 ? 8 : 2 * l->size;
	const char **v;

	if (name->len == 0 || group_number(l, name) != l->ngroups)
		return 0;
	if (l->ngroups == l->size) {
		v = reallocarray(l->groups, size, sizeof(*v));
		if (v == NULL)
			return -1;
		l->groups = v;
		l->size = size;
	}
	l->groups[l->ngroups] = strndup((const char *)name->p, name->len);
	if (l->groups[l->ngroups] == NULL)
		return -1;
	l->ngroups++;
	return 0;
}

/* Called with each line that applies; -1 stops. */
typedef int (*on_line)(struct lookup *l, const struct record_line *line);

static int
each_line(struct lookup *l, on_line fn)
{
	struct record_line line;
	struct slice in;
	size_t i;

	for (i = 0; i < l->n; i++) {
		in = l->records[i];
		while (in.len != 0) {
			if (record_get_line(&in, &line) == -1 ||
			    (applies(l, &line) && fn(l, &line) == -1))
				return -1;
		}
	}
	return 0;
}

static int
note_groups(struct lookup *l, const struct record_line *line)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (note_group(l, &line->groups[o]) == -1)
			return -1;
	}
	return 0;
}

/* The same line by way of two rules need not be there twice; with every key
 * asked for it does no harm. */
static bool
is_there(const struct lookup *l, const struct slice *line)
{
	const unsigned char *p, *end, *next;

	/* With nothing in it, out may have no memory to point at. */
	if (l->ask->fp == NULL || l->out->len == l->start)
		return false;
	p = l->out->data + l->start;
	for (end = l->out->data + l->out->len; p < end; p = next) {
		next = memchr(p, '\n', (size_t)(end - p));
		next = next == NULL ? end : next + 1;
		if ((size_t)(next - p) == line->len &&
		    memcmp(p, line->p, line->len) == 0)
			return true;
	}
	return false;
}

static int
print_line(struct lookup *l, const struct record_line *line)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (line->groups[o].len != 0 &&
		    !l->in[group_number(l, &line->groups[o])])
			return 0;
	}
	if (is_there(l, &line->line))
		return 0;
	return buf_put(l->out, line->line.p, line->line.len);
}

/* Who is in which group is asked of the machine, if anything hangs on it. */
static int
ask_groups(struct lookup *l)
{
	const struct snapshot_ask *ask = l->ask;

	if (each_line(l, note_groups) == -1)
		return -1;
	if (l->ngroups == 0)
		return 0;
	if ((l->in = calloc(l->ngroups, sizeof(*l->in))) == NULL)
		return -1;
	if (ask->groups != NULL &&
	    ask->groups(ask->ctx, ask->user, l->groups, l->ngroups, l->in) ==
		-1) {
		memset(l->in, 0, l->ngroups * sizeof(*l->in));
		l->unknown = true;
	}
	return 0;
}

static void
free_groups(struct lookup *l)
{
	size_t i;

	for (i = 0; i < l->ngroups; i++)
		free((char *)(uintptr_t)l->groups[i]);
	free(l->groups);
	free(l->in);
}

enum snapshot_find
snapshot_find(struct snapshot *s, const struct snapshot_ask *ask,
    struct buf *out, char reason[SNAPSHOT_CODE_SIZE])
{
	struct lookup l = {.s = s, .ask = ask, .out = out, .start = out->len};
	char code[SNAPSHOT_CODE_SIZE] = "";
	enum snapshot_find r;
	bool ok;

	if (reason != NULL)
		reason[0] = '\0';
	if ((r = find_denied(s, ask)) == SNAPSHOT_ERROR)
		return SNAPSHOT_ERROR;
	if (r == SNAPSHOT_FOUND) {
		memcpy(code, SNAPSHOT_DENIED, sizeof(SNAPSHOT_DENIED));
	} else {
		ok = add_scopes(&l) != SNAPSHOT_ERROR && ask_groups(&l) == 0 &&
		    each_line(&l, print_line) == 0;
		free_groups(&l);
		if (!ok) {
			out->len = l.start;
			return SNAPSHOT_ERROR;
		}
		if (out->len != l.start)
			return SNAPSHOT_FOUND;
		/* "No line" would be taken for the truth. */
		if (l.unknown)
			return SNAPSHOT_UNKNOWN;
		if (ask->fp != NULL &&
		    find_refused(s, ask->fp, code) == SNAPSHOT_ERROR)
			return SNAPSHOT_ERROR;
	}
	if (reason != NULL)
		memcpy(reason, code, sizeof(code));
	return SNAPSHOT_NOT_FOUND;
}
