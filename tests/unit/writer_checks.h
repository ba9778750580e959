/*
 * Snapshots that say of themselves which one they are.  Include it after
 * cmocka.h.
 */
#ifndef TESTS_UNIT_WRITER_CHECKS_H
#define TESTS_UNIT_WRITER_CHECKS_H

#include "snapshot_sample.h"

/* A snapshot that says of itself, all over, which one it is. */
static inline int
put_generation(struct writer *w, unsigned n)
{
	struct snapshot_head head = {.made_ms = n, .due_ms = n + 1};
	char line[32];
	const struct sample_line one = SAMPLE_OWN("root", FP_A, line);
	struct buf lines;
	unsigned i;
	int r;

	if (writer_put_head(w, &head) == -1)
		return -1;
	buf_init(&lines, 8192);
	(void)snprintf(line, sizeof(line), "generation %u\n", n);
	/* One more line each time, so that no two have the same size. */
	for (i = 0; i <= n % 50; i++)
		sample_put_line(&lines, &one);
	r = writer_put_lines(w, GRANT_ACCOUNT, "root", NULL, &lines);
	buf_reset(&lines);
	sample_put_line(&lines, &one);
	if (r == 0)
		r = writer_put_lines(w, GRANT_ACCOUNT, "root", FP_A, &lines);
	buf_free(&lines);
	return r;
}

static inline void
publish(int dirfd, unsigned n)
{
	struct error err = {""};
	struct writer w;

	assert_int_equal(writer_begin(&w, dirfd, 0, &err), 0);
	assert_int_equal(put_generation(&w, n), 0);
	if (writer_publish(&w, &err) == -1)
		fail_msg("%s", err.text);
}

/* The generation that is published, -1 for anything that is not whole. */
static inline int
generation(int dirfd)
{
	char want[32];
	struct snapshot s;
	struct buf out;
	size_t len, at;
	int n = -1;

	if (snapshot_open(&s, dirfd, geteuid(), NULL) != SNAPSHOT_OK)
		return -1;
	(void)snprintf(
	    want, sizeof(want), "generation %lld\n", (long long)s.head.made_ms);
	len = strlen(want);
	buf_init(&out, 4096);
	if (s.head.due_ms == s.head.made_ms + 1 &&
	    sample_find(&s, "root", NULL, 0, &out) == SNAPSHOT_FOUND &&
	    out.len == len * (size_t)(s.head.made_ms % 50 + 1) &&
	    sample_find(&s, "root", FP_A, 0, &out) == SNAPSHOT_FOUND) {
		n = (int)s.head.made_ms;
		for (at = 0; at < out.len; at += len) {
			if (memcmp(out.data + at, want, len) != 0)
				n = -1;
		}
	}
	buf_free(&out);
	snapshot_close(&s);
	return n;
}

#endif
