/* SPDX-License-Identifier: ISC */
/*
 * Every line of a snapshot.
 */
#include <string.h>

#include "cache/record.h"

/* The scope and name in a record's key, if it is one of lines by key; the
 * name ends in key.  False for all others. */
static bool
is_lines(const struct slice *key, struct record_key *k, struct grant *g)
{
	const unsigned char *nul;
	size_t rest;

	if (key->len < 2 || key->len > sizeof(k->data))
		return false;
	g->scope = (enum grant_scope)key->p[0];
	if (g->scope != GRANT_ACCOUNT && g->scope != GRANT_FOLDED &&
	    g->scope != GRANT_ANY)
		return false;
	/* Without a NUL it is the record of all lines, which has the same. */
	if ((nul = memchr(key->p, '\0', key->len)) == NULL)
		return false;
	rest = key->len - (size_t)(nul - key->p) - 1;
	if (rest != KEYREC_FP_LEN && rest != sizeof(SNAPSHOT_AUTHORITIES) - 1)
		return false;
	memcpy(k->data, key->p, key->len);
	k->len = (unsigned)key->len;
	g->name = (const char *)k->data + 1;
	return true;
}

static int
copy(char *dst, size_t size, const struct slice *s)
{
	if (s->len >= size || memchr(s->p, '\0', s->len) != NULL)
		return -1;
	memcpy(dst, s->p, s->len);
	dst[s->len] = '\0';
	return 0;
}

static int
each_of(struct slice in, const struct grant *g, snapshot_fn fn, void *ctx)
{
	char fp[KEYREC_FP_LEN + 1];
	char groups[GRANT_ORIGINS][LIMIT_USER_NAME + 1];
	struct snapshot_line out;
	struct record_line line;
	unsigned o;

	while (in.len != 0) {
		if (record_get_line(&in, &line) == -1 ||
		    copy(fp, sizeof(fp), &line.fp) == -1)
			return -1;
		out = (struct snapshot_line){.grant = *g,
		    .fp = fp,
		    .until_ms = line.until_ms,
		    .line = line.line.p,
		    .len = line.line.len};
		out.grant.unless_named = line.unless_named;
		for (o = 0; o < GRANT_ORIGINS; o++) {
			if (copy(groups[o], sizeof(groups[o]),
				&line.groups[o]) == -1)
				return -1;
			if (groups[o][0] != '\0')
				out.grant.groups[o] = groups[o];
		}
		if (fn(ctx, &out) == -1)
			return -1;
	}
	return 0;
}

int
snapshot_each(struct snapshot *s, snapshot_fn fn, void *ctx)
{
	struct record_key k;
	struct grant g = {.name = ""};
	struct slice key, in;
	unsigned at;

	cdb_seqinit(&at, &s->cdb);
	while (cdb_seqnext(&at, &s->cdb) > 0) {
		key.len = cdb_keylen(&s->cdb);
		if ((key.p = cdb_getkey(&s->cdb)) == NULL)
			return -1;
		if (!is_lines(&key, &k, &g))
			continue;
		if (record_find(s, &k, &in) != SNAPSHOT_FOUND ||
		    each_of(in, &g, fn, ctx) == -1)
			return -1;
	}
	return 0;
}
