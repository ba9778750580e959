/*
 * Snapshots of a few lines, and what a login gets of them.  Include it after
 * cmocka.h.
 */
#ifndef TESTS_UNIT_LOOKUP_FIXTURE_H
#define TESTS_UNIT_LOOKUP_FIXTURE_H

#include "snapshot_sample.h"

#define ALL_HAS \
	(SNAPSHOT_HAS_ANY | SNAPSHOT_HAS_FOLDED | SNAPSHOT_HAS_AUTHORITIES)

struct named {
	const char *user;
	unsigned bits;
};

/* What is published, NULL or 0 for nothing of a kind. */
struct world {
	const struct sample_line *lines;
	size_t n;
	const struct named *named;
	size_t nnamed;
	const char *denied; /* of the snapshot */
	const char *refused_fp, *code;
};

static inline unsigned
world_has(const struct world *w)
{
	unsigned has = 0;
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (w->lines[i].scope == GRANT_ANY)
			has |= SNAPSHOT_HAS_ANY;
		if (w->lines[i].scope == GRANT_FOLDED)
			has |= SNAPSHOT_HAS_FOLDED;
		if (w->lines[i].authority)
			has |= SNAPSHOT_HAS_AUTHORITIES;
	}
	return has;
}

static inline void
world_shut(struct writer *w, const struct world *world)
{
	const char *denied = world->denied == NULL ? "" : world->denied;
	const struct slice text = {
	    (const unsigned char *)denied, strlen(denied)};
	struct buf names, list = sample_text(&text);
	size_t i;

	buf_init(&names, 4096);
	for (i = 0; i < world->nnamed; i++)
		record_put_named(
		    &names, world->named[i].user, world->named[i].bits);
	assert_int_equal(writer_put_named(w, &names), 0);
	assert_int_equal(writer_put_denied(w, &list), 0);
	if (world->code != NULL)
		assert_int_equal(
		    writer_put_refused(w, world->refused_fp, world->code), 0);
	buf_free(&names);
}

/* Publishes and opens it. */
static inline void
world_open(
    const struct scratch *s, const struct world *world, struct snapshot *snap)
{
	struct snapshot_head head = sample_head;
	struct error err = {""};
	struct writer w;

	head.has = world_has(world);
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(writer_put_head(&w, &head), 0);
	world_shut(&w, world);
	sample_put_lines(&w, world->lines, world->n);
	if (writer_publish(&w, &err) == -1)
		fail_msg("%s", err.text);
	if (snapshot_open(snap, s->fd, geteuid(), &err) != SNAPSHOT_OK)
		fail_msg("%s", err.text);
}

/* The groups that the account is in, and how that was asked. */
struct login {
	const char *in; /* each followed by a blank; NULL: can't be known */
	char asked[256]; /* the names, in the order of asking */
	unsigned calls;
};

static inline int
login_groups(
    void *ctx, const char *user, const char *const *names, size_t n, bool *in)
{
	struct login *l = ctx;
	char name[64];
	size_t i;

	assert_string_not_equal(user, "");
	l->calls++;
	for (i = 0; i < n; i++) {
		assert_false(in[i]);
		(void)snprintf(name, sizeof(name), "%s ", names[i]);
		(void)strcat(l->asked, name);
		/* Where it can't be known, what was found out is void too. */
		in[i] = l->in == NULL || strstr(l->in, name) != NULL;
	}
	return l->in == NULL ? -1 : 0;
}

/* Lines of groups that can't be known, and no others: no answer. */
static inline void
lookup_unknown(struct snapshot *snap, const char *user, const char *fp)
{
	struct login l = {.in = NULL};
	const struct snapshot_ask ask = {.user = user,
	    .fp = fp,
	    .now_ms = SAMPLE_NOW,
	    .groups = login_groups,
	    .ctx = &l};
	struct buf out;

	buf_init(&out, 65536);
	assert_int_equal(buf_puts(&out, "before"), 0);
	assert_int_equal(
	    snapshot_find(snap, &ask, &out, NULL), SNAPSHOT_UNKNOWN);
	assert_int_equal(out.len, 6);
	assert_int_equal(l.calls, 1);
	buf_free(&out);
}

/* Looks up behind what is in out already; NULL want: must not be found. */
static inline void
lookup_ask(struct snapshot *snap, const struct snapshot_ask *ask,
    const char *want, const char *want_reason)
{
	char reason[SNAPSHOT_CODE_SIZE] = "unset";
	enum snapshot_find r;
	struct buf out;

	buf_init(&out, 65536);
	assert_int_equal(buf_puts(&out, "before\n"), 0);
	r = snapshot_find(snap, ask, &out, reason);
	(void)buf_putc(&out, '\0');
	assert_memory_equal(out.data, "before\n", 7);
	assert_string_equal((char *)out.data + 7, want == NULL ? "" : want);
	assert_int_equal(r, want == NULL ? SNAPSHOT_NOT_FOUND : SNAPSHOT_FOUND);
	assert_string_equal(reason, want_reason);
	buf_free(&out);
}

/* For an account in no group. */
static inline void
lookup(
    struct snapshot *snap, const char *user, const char *fp, const char *want)
{
	struct login l = {.in = ""};
	const struct snapshot_ask ask = {.user = user,
	    .fp = fp,
	    .now_ms = SAMPLE_NOW,
	    .groups = login_groups,
	    .ctx = &l};

	lookup_ask(snap, &ask, want, "");
}

/* For an account in these groups; asked: which the lookup had to know. */
static inline void
lookup_in(struct snapshot *snap, const char *user, const char *fp,
    const char *in, const char *want, const char *asked)
{
	struct login l = {.in = in};
	const struct snapshot_ask ask = {.user = user,
	    .fp = fp,
	    .now_ms = SAMPLE_NOW,
	    .groups = login_groups,
	    .ctx = &l};

	lookup_ask(snap, &ask, want, "");
	assert_string_equal(l.asked, asked);
	assert_int_equal(l.calls, asked[0] != '\0');
}

#endif
