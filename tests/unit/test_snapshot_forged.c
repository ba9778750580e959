/* SPDX-License-Identifier: ISC */
/* Snapshots of another version, or with records that no writer writes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <endian.h>

#include "snapshot_checks.h"

/* A CDB put together record by record, digests right unless said. */
struct forge {
	struct cdb_make cdb;
	int fd;
};

static void
forge_begin(struct forge *f, const struct scratch *s)
{
	f->fd = openat(
	    s->fd, SNAPSHOT_FILE, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_not_equal(f->fd, -1);
	assert_int_equal(cdb_make_start(&f->cdb, f->fd), 0);
}

static void
forge_put_raw(
    struct forge *f, const struct record_key *k, const void *data, size_t len)
{
	assert_int_equal(
	    cdb_make_add(&f->cdb, k->data, k->len, data, (unsigned)len), 0);
}

static void
forge_put(struct forge *f, const struct record_key *k, const struct buf *data)
{
	struct buf b;

	buf_init(&b, LIMIT_RECORD);
	(void)buf_put_u64(&b, record_digest(k, data->data, data->len));
	assert_int_equal(buf_put(&b, data->data, data->len), 0);
	forge_put_raw(f, k, b.data, b.len);
	buf_free(&b);
}

/* A good head that says so of the rest. */
static void
forge_head(struct forge *f, unsigned has)
{
	struct snapshot_head head = sample_head;
	struct record_key k = record_key_head();
	struct buf b;

	head.has = has;
	buf_init(&b, 4096);
	record_put_head(&b, &head);
	forge_put(f, &k, &b);
	buf_free(&b);
}

/* An index_put. */
static int
forge_put_index(
    void *ctx, const struct record_key *k, const void *data, size_t len)
{
	const struct buf b = {
	    .data = (unsigned char *)(uintptr_t)data, .len = len};

	forge_put(ctx, k, &b);
	return 0;
}

/* With an index that misses no record. */
static void
forge_end(struct forge *f)
{
	struct index x;

	index_init(&x);
	assert_int_equal(index_write(&x, forge_put_index, f), 0);
	index_free(&x);
	assert_int_equal(cdb_make_finish(&f->cdb), 0);
	assert_int_equal(close(f->fd), 0);
}

static void
check_open(const struct scratch *s)
{
	struct snapshot snap;

	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), NULL), SNAPSHOT_OK);
	assert_true(sample_head_same(&snap.head));
	snapshot_close(&snap);
}

static void
test_version(void **state)
{
	const struct record_key k = record_key_head();
	const struct scratch *s = *state;
	struct forge f;
	struct buf b;
	uint32_t version;

	buf_init(&b, 4096);
	for (version = 0; version <= SNAPSHOT_VERSION + 1; version++) {
		buf_reset(&b);
		record_put_head(&b, &sample_head);
		memcpy(b.data, &(uint32_t){htole32(version)}, 4);
		forge_begin(&f, s);
		forge_put(&f, &k, &b);
		forge_end(&f);
		if (version == SNAPSHOT_VERSION)
			check_open(s);
		else
			check_bad(s, geteuid(), "another version");
	}
	buf_free(&b);
}

/* Its digest fits, its contents don't. */
static void
test_forged_head(void **state)
{
	const struct record_key k = record_key_head();
	const struct scratch *s = *state;
	struct forge f;
	struct buf b;
	size_t len;

	forge_begin(&f, s);
	forge_end(&f);
	check_bad(s, geteuid(), "damaged");
	buf_init(&b, 4096);
	record_put_head(&b, &sample_head);
	for (len = b.len + 1; len-- > 0;) {
		b.len = len;
		forge_begin(&f, s);
		forge_put(&f, &k, &b);
		forge_end(&f);
		if (len == 4 + 8 * 8 + 4 + 2 + 4 + 36 + 4 + 8 + 4 + 36)
			check_open(s);
		else
			check_bad(s, geteuid(), "damaged");
	}
	buf_reset(&b);
	record_put_head(&b, &sample_head);
	(void)buf_putc(&b, 0);
	forge_begin(&f, s);
	forge_put(&f, &k, &b);
	forge_end(&f);
	check_bad(s, geteuid(), "damaged");
	buf_free(&b);
}

/* One forged record of that key beside a good head; what a lookup says. */
static enum snapshot_find
find_forged(const struct scratch *s, const void *data, size_t len, bool raw,
    struct buf *out)
{
	struct buf b = {.data = (unsigned char *)(uintptr_t)data, .len = len};
	enum snapshot_find r;
	struct record_key k;
	struct snapshot snap;
	struct forge f;

	assert_int_equal(record_key_lines(&k, GRANT_ACCOUNT, "a", NULL), 0);
	forge_begin(&f, s);
	forge_head(&f, 0);
	if (raw)
		forge_put_raw(&f, &k, data, len);
	else
		forge_put(&f, &k, &b);
	forge_end(&f);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), NULL), SNAPSHOT_OK);
	r = sample_find(&snap, "a", NULL, SAMPLE_NOW, out);
	snapshot_close(&snap);
	return r;
}

static void
put_bytes(struct buf *b, const char *line, size_t len)
{
	const struct snapshot_line l = {
	    .fp = FP_A, .until_ms = SNAPSHOT_FOREVER, .line = line, .len = len};

	record_put_line(b, &l);
}

static void
check_line(const struct scratch *s, const char *line, size_t len,
    enum snapshot_find want)
{
	struct buf b, out;

	buf_init(&b, 4 * LIMIT_LINE);
	buf_init(&out, 4 * LIMIT_LINE);
	put_bytes(&b, "first\n", 6);
	put_bytes(&b, line, len);
	assert_int_equal(find_forged(s, b.data, b.len, false, &out), want);
	/* All or nothing: not the good line before it either. */
	assert_int_equal(out.len, want == SNAPSHOT_FOUND ? 6 + len : 0);
	buf_free(&b);
	buf_free(&out);
}

static void
test_forged_lines(void **state)
{
	const struct scratch *s = *state;
	char line[LIMIT_LINE + 1];
	struct buf b, out;
	size_t len, whole;

	check_line(s, "x\n", 2, SNAPSHOT_FOUND);
	check_line(s, "\n", 1, SNAPSHOT_FOUND);
	check_line(s, "", 0, SNAPSHOT_ERROR);
	check_line(s, "x", 1, SNAPSHOT_ERROR);
	check_line(s, "x\ny", 3, SNAPSHOT_ERROR);
	memset(line, 'x', sizeof(line));
	line[LIMIT_LINE - 1] = '\n';
	check_line(s, line, LIMIT_LINE, SNAPSHOT_FOUND);
	line[LIMIT_LINE - 1] = 'x';
	line[LIMIT_LINE] = '\n';
	check_line(s, line, LIMIT_LINE + 1, SNAPSHOT_ERROR);
	/* Cut anywhere but between two lines. */
	buf_init(&b, 4096);
	buf_init(&out, 4096);
	put_bytes(&b, "first\n", 6);
	whole = b.len;
	put_bytes(&b, "second\n", 7);
	for (len = 0; len < b.len; len++) {
		buf_reset(&out);
		assert_int_equal(find_forged(s, b.data, len, false, &out),
		    len == 0           ? SNAPSHOT_NOT_FOUND
			: len == whole ? SNAPSHOT_FOUND
				       : SNAPSHOT_ERROR);
	}
	buf_free(&b);
	buf_free(&out);
}

/* Too short for a digest, or with that of another account's record. */
static void
test_digest(void **state)
{
	const struct scratch *s = *state;
	struct record_key other;
	struct buf b, line, out;
	size_t len;

	buf_init(&out, 4096);
	for (len = 0; len < 8; len++)
		assert_int_equal(
		    find_forged(s, "\0\0\0\0\0\0\0", len, true, &out),
		    SNAPSHOT_ERROR);
	buf_init(&line, 4096);
	buf_init(&b, 4096);
	put_bytes(&line, "x\n", 2);
	assert_int_equal(record_key_lines(&other, GRANT_ACCOUNT, "b", NULL), 0);
	(void)buf_put_u64(&b, record_digest(&other, line.data, line.len));
	(void)buf_put(&b, line.data, line.len);
	assert_int_equal(
	    find_forged(s, b.data, b.len, true, &out), SNAPSHOT_ERROR);
	assert_int_equal(out.len, 0);
	buf_free(&b);
	buf_free(&line);
	buf_free(&out);
}

/* A forged state and forged keys of the device; what a reader says. */
static void
check_source(const struct scratch *s, const struct buf *state,
    const struct buf *keys, enum snapshot_find want)
{
	static const struct source_state none;
	const struct record_key ks = record_key_source('s', SOURCE_DEVICE),
				kk = record_key_source('k', SOURCE_DEVICE);
	struct source_state st;
	struct snapshot snap;
	struct keyset set;
	struct forge f;

	forge_begin(&f, s);
	forge_head(&f, 0);
	if (state != NULL)
		forge_put(&f, &ks, state);
	if (keys != NULL)
		forge_put(&f, &kk, keys);
	forge_end(&f);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), NULL), SNAPSHOT_OK);
	memset(&st, 0x5a, sizeof(st));
	if (state != NULL)
		assert_int_equal(
		    snapshot_source_state(&snap, SOURCE_DEVICE, &st), want);
	if (state != NULL && want != SNAPSHOT_FOUND)
		assert_memory_equal(&st, &none, sizeof(st));
	if (keys != NULL) {
		assert_int_equal(
		    snapshot_source_keys(&snap, SOURCE_DEVICE, &set), want);
		assert_int_equal(set.n, want == SNAPSHOT_FOUND ? 2 : 0);
		keyset_free(&set);
	}
	snapshot_close(&snap);
}

static void
test_forged_sources(void **state)
{
	const struct scratch *s = *state;
	struct keyset ks;
	struct buf b;
	size_t len;

	buf_init(&b, 8192);
	record_put_state(&b, &sample_state);
	check_source(s, &b, NULL, SNAPSHOT_FOUND);
	(void)buf_putc(&b, 0);
	check_source(s, &b, NULL, SNAPSHOT_ERROR);
	for (len = b.len - 1; len-- > 0;) {
		b.len = len;
		check_source(s, &b, NULL, SNAPSHOT_ERROR);
	}
	buf_reset(&b);
	record_put_state(&b, &sample_state);
	b.data[0] = OUTCOME_FAILED + 1;
	check_source(s, &b, NULL, SNAPSHOT_ERROR);
	buf_reset(&b);
	sample_keys(&ks);
	assert_int_equal(keyset_encode(&ks, &b), 0);
	keyset_free(&ks);
	check_source(s, NULL, &b, SNAPSHOT_FOUND);
	(void)buf_putc(&b, 0);
	check_source(s, NULL, &b, SNAPSHOT_ERROR);
	b.len -= 2;
	check_source(s, NULL, &b, SNAPSHOT_ERROR);
	buf_free(&b);
}

/* A forged record of members; what a reader says. */
static void
check_members(
    const struct scratch *s, const struct buf *b, enum snapshot_find want)
{
	const struct record_key k = record_key_members();
	struct memberset ms;
	struct snapshot snap;
	struct forge f;

	forge_begin(&f, s);
	forge_head(&f, 0);
	forge_put(&f, &k, b);
	forge_end(&f);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), NULL), SNAPSHOT_OK);
	assert_int_equal(snapshot_members(&snap, &ms), want);
	assert_int_equal(ms.n, want == SNAPSHOT_FOUND ? 2 : 0);
	memberset_free(&ms);
	snapshot_close(&snap);
}

static void
test_forged_members(void **state)
{
	const struct scratch *s = *state;
	struct memberset ms;
	struct buf b;
	size_t len;

	buf_init(&b, 4096);
	sample_members(&ms);
	assert_int_equal(memberset_encode(&ms, &b), 0);
	memberset_free(&ms);
	check_members(s, &b, SNAPSHOT_FOUND);
	(void)buf_putc(&b, 0);
	check_members(s, &b, SNAPSHOT_ERROR);
	for (len = b.len - 1; len-- > 0;) {
		b.len = len;
		check_members(s, &b, SNAPSHOT_ERROR);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_version),
	    scratch_test(test_forged_head),
	    scratch_test(test_forged_lines),
	    scratch_test(test_digest),
	    scratch_test(test_forged_sources),
	    scratch_test(test_forged_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
