/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "cmd/audit.h"
#include "cmd/tell.h"

uint64_t
audit_identity(const struct grant *g, const char *fp)
{
	const unsigned char kind[] = {
	    (unsigned char)g->scope, (unsigned char)g->unless_named};
	uint64_t h = digest_add(DIGEST_INIT, kind, sizeof(kind));
	unsigned o;

	h = digest_add(h, g->name, strlen(g->name));
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (g->groups[o] != NULL)
			h = digest_add(h, g->groups[o], strlen(g->groups[o]));
		h = digest_add(h, "", 1);
	}
	return digest_add(h, fp, strlen(fp));
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool
has(const struct audit_set *set, uint64_t id)
{
	return set->n != 0 &&
	    bsearch(&id, set->v, set->n, sizeof(id), compare) != NULL;
}

static int
add(struct audit_set *set, uint64_t id)
{
	size_t size = set->size == 0 ? 1024 : 2 * set->size;
	uint64_t *v;

	/* The rules of one key often come in a row. */
	if (set->n != 0 && set->v[set->n - 1] == id)
		return 0;
	if (set->n == set->size) {
		if ((v = reallocarray(set->v, size, sizeof(*v))) == NULL)
			return -1;
		set->v = v;
		set->size = size;
	}
	set->v[set->n++] = id;
	return 0;
}

static void
sort(struct audit_set *set)
{
	if (set->n != 0)
		qsort(set->v, set->n, sizeof(*set->v), compare);
}

static int
on_old(void *ctx, const struct snapshot_line *line)
{
	struct audit *a = ctx;

	return add(&a->before, audit_identity(&line->grant, line->fp));
}

void
audit_open(struct audit *a, int dirfd, uid_t owner)
{
	*a = (struct audit){0};
	a->have_old = snapshot_open(&a->old, dirfd, owner, NULL) == SNAPSHOT_OK;
}

bool
audit_differs(const struct audit *a, uint64_t lines)
{
	return !a->have_old || a->old.head.lines != lines;
}

void
audit_begin(struct audit *a)
{
	a->plus = calloc(AUDIT_LINES, sizeof(*a->plus));
	if (a->plus == NULL ||
	    (a->have_old && snapshot_each(&a->old, on_old, a) == -1))
		a->failed = true;
	sort(&a->before);
}

int
audit_line(void *ctx, const struct compile_line *line)
{
	struct audit *a = ctx;
	uint64_t id = audit_identity(&line->grant, line->fp);
	const struct keyrec *rec = line->key->refs[0].rec;
	char label[64], name[GRANT_NAME_SIZE], sources[64];
	size_t before = a->after.n;

	if (a->failed || add(&a->after, id) == -1) {
		a->failed = true;
		return -1;
	}
	if (a->after.n == before || has(&a->before, id) ||
	    a->came++ >= AUDIT_LINES)
		return 0;
	(void)text_clean(label, sizeof(label), rec->label, strlen(rec->label));
	(void)snprintf(a->plus[a->came - 1], sizeof(a->plus[0]),
	    "+ %s \"%s\" of %.80s (%s) opens %.100s", line->fp, label,
	    rec->owner[0] == '\0' ? "nobody known" : rec->owner,
	    source_list(line->key->sources, sources, sizeof(sources)),
	    grant_name(&line->grant, name));
	return 0;
}

/* The comment of a line, which has the label and the owner: what stands
 * behind the base64.  "" if there is none. */
static void
comment_of(const struct snapshot_line *line, char *dst, size_t size)
{
	static const char mark[] = " AAAA";
	const char *p, *end = (const char *)line->line + line->len;

	dst[0] = '\0';
	p = memmem(line->line, line->len, mark, sizeof(mark) - 1);
	if (p != NULL)
		p = memchr(p + 1, ' ', (size_t)(end - p - 1));
	if (p != NULL)
		(void)text_clean(dst, size, p + 1, (size_t)(end - p - 2));
}

struct gone {
	const struct audit *a;
	size_t n;
};

static int
on_gone(void *ctx, const struct snapshot_line *line)
{
	struct gone *g = ctx;
	uint64_t id = audit_identity(&line->grant, line->fp);
	char name[GRANT_NAME_SIZE], comment[128];

	if (has(&g->a->after, id) || g->n++ >= AUDIT_LINES)
		return 0;
	comment_of(line, comment, sizeof(comment));
	log_line(LOG_NOTICE, "- %s \"%s\" no longer opens %.100s", line->fp,
	    comment, grant_name(&line->grant, name));
	return 0;
}

void
audit_tell(struct audit *a)
{
	/* The trail is never cut short, nor is a word on its gaps. */
	const struct tell incomplete = {
	    .code = TELL_AUDIT, .priority = LOG_ERR, .always = true};
	struct gone gone = {.a = a};
	size_t i;

	if (a->failed) {
		tell_line(
		    &incomplete, "the changes of this snapshot can't be told");
		return;
	}
	for (i = 0; i < a->came && i < AUDIT_LINES; i++)
		log_line(LOG_NOTICE, "%s", a->plus[i]);
	sort(&a->after);
	if (a->have_old && snapshot_each(&a->old, on_gone, &gone) == -1)
		tell_line(
		    &incomplete, "what no longer opens can't all be told");
	if (a->came > AUDIT_LINES || gone.n > AUDIT_LINES)
		log_line(LOG_NOTICE,
		    "%zu came and %zu went in all; see packet-keys list",
		    a->came, gone.n);
}

void
audit_close(struct audit *a)
{
	if (a->have_old)
		snapshot_close(&a->old);
	free(a->before.v);
	free(a->after.v);
	free(a->plus);
	*a = (struct audit){0};
}
