/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/denylist.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* CR too, wherever it stands: an entry behind one must not be lost. */
static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/* No base64 decoder: it may fail for want of memory. */
bool
denylist_fingerprint_ok(const char *fp, size_t len)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	if (len != KEYREC_FP_LEN || memcmp(fp, "SHA256:", 7) != 0)
		return false;
	for (i = 7; i < len; i++) {
		if (fp[i] == '\0' || strchr(alphabet, fp[i]) == NULL)
			return false;
	}
	/* 32 bytes leave the last character two bits of nothing. */
	return strchr("AEIMQUYcgkosw048", fp[len - 1]) != NULL;
}

void
denylist_start(struct denylist_cursor *c, const char *text, size_t len)
{
	*c = (struct denylist_cursor){text, text, 0};
	/* An empty text may have no address to add to. */
	if (len != 0)
		c->end += len;
	/* Editors of other systems put a byte order mark in front. */
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		c->p += 3;
}

/* The next line, without its end, which is at *stop. */
static const char *
take_line(struct denylist_cursor *c, const char **stop)
{
	const char *line = c->p, *p = line;

	while (p < c->end && !is_line_end(*p))
		p++;
	*stop = p;
	if (p < c->end && *p++ == '\r' && p < c->end && *p == '\n')
		p++;
	c->p = p;
	c->line++;
	return line;
}

static bool
read_entry(const char *p, const char *stop, struct denylist_entry *e)
{
	if (stop - p < KEYREC_FP_LEN ||
	    !denylist_fingerprint_ok(p, KEYREC_FP_LEN))
		return false;
	if (p + KEYREC_FP_LEN < stop && !is_blank(p[KEYREC_FP_LEN]))
		return false;
	memcpy(e->fp, p, KEYREC_FP_LEN);
	p += KEYREC_FP_LEN;
	while (p < stop && is_blank(*p))
		p++;
	while (stop > p && is_blank(stop[-1]))
		stop--;
	e->note = p;
	e->notelen = (size_t)(stop - p);
	return true;
}

int
denylist_next(struct denylist_cursor *c, struct denylist_entry *e)
{
	const char *p, *stop;

	*e = (struct denylist_entry){.note = ""};
	while (c->p < c->end) {
		p = take_line(c, &stop);
		while (p < stop && is_blank(*p))
			p++;
		if (p == stop || *p == '#')
			continue;
		return read_entry(p, stop, e) ? 1 : -1;
	}
	return 0;
}

/* Looks for the bytes first and for a line around them then. */
bool
denylist_has(const char *text, size_t len, const char *fp)
{
	struct denylist_cursor c;
	const char *p, *q;

	if (len < KEYREC_FP_LEN || !denylist_fingerprint_ok(fp, strlen(fp)))
		return false;
	denylist_start(&c, text, len);
	for (p = c.p;
	     (p = memmem(p, (size_t)(c.end - p), fp, KEYREC_FP_LEN)) != NULL;
	     p += KEYREC_FP_LEN) {
		for (q = p; q > c.p && is_blank(q[-1]); q--)
			;
		if (q > c.p && !is_line_end(q[-1]))
			continue;
		q = p + KEYREC_FP_LEN;
		if (q == c.end || is_blank(*q) || is_line_end(*q))
			return true;
	}
	return false;
}
