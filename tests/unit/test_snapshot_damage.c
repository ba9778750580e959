/* SPDX-License-Identifier: ISC */
/* Snapshots that were cut, flipped or swapped for something else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "snapshot_checks.h"

/* The published sample as bytes, to be freed. */
static unsigned char *
sample_bytes(const struct scratch *s, size_t *len)
{
	unsigned char *p;
	struct stat st;
	int fd;

	sample_publish(s->fd);
	assert_true(never_wrong(s));
	fd = openat(s->fd, SNAPSHOT_FILE, O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	assert_non_null(p = malloc(*len));
	assert_int_equal(read(fd, p, *len), *len);
	assert_int_equal(close(fd), 0);
	return p;
}

static void
test_truncated(void **state)
{
	const struct scratch *s = *state;
	unsigned char *p;
	size_t len, i;
	unsigned fds;

	p = sample_bytes(s, &len);
	fds = scratch_fds();
	for (i = 0; i < len; i += i < 64 || i + 64 > len ? 1 : 97) {
		put_file(s, p, i);
		/* The CDB's last table is whole or it is none. */
		if (never_wrong(s))
			assert_true(i >= 2048);
	}
	assert_int_equal(scratch_fds(), fds);
	free(p);
}

static void
test_bit_flips(void **state)
{
	const struct scratch *s = *state;
	uint32_t seed = 12345;
	unsigned char *p;
	size_t len, at;
	unsigned i, j, fds, bad = 0;

	p = sample_bytes(s, &len);
	fds = scratch_fds();
	for (i = 0; i < 3000; i++) {
		unsigned char *q = malloc(len);

		assert_non_null(q);
		memcpy(q, p, len);
		/* One bit, or a few. */
		for (j = 0; j <= i % 4; j++) {
			seed = seed * 1664525 + 1013904223;
			at = (seed >> 8) % len;
			/* Records and their hash tables more than the table
			 * of tables in front. */
			if (i % 2 == 0 && at < 2048)
				at = 2048 + at % (len - 2048);
			q[at] ^= (unsigned char)(1u << (seed >> 4) % 8);
		}
		put_file(s, q, len);
		if (!never_wrong(s))
			bad++;
		free(q);
	}
	assert_true(bad > 10);
	assert_int_equal(scratch_fds(), fds);
	free(p);
}

/* A bit of each byte: records, their hash tables and the table of those. */
static void
test_each_byte(void **state)
{
	const struct scratch *s = *state;
	unsigned char *p;
	size_t len, i;

	p = sample_bytes(s, &len);
	for (i = 0; i < len; i++) {
		p[i] ^= (unsigned char)(1u << i % 8);
		put_file(s, p, len);
		(void)never_wrong(s);
		p[i] ^= (unsigned char)(1u << i % 8);
	}
	put_file(s, p, len);
	assert_true(never_wrong(s));
	free(p);
}

/* The lines are there, or the damage is seen: never just none. */
static void
check_not_lost(struct snapshot *snap, const char *user, const char *fp)
{
	enum snapshot_find r;
	struct buf out;

	buf_init(&out, 4096);
	r = sample_find(snap, user, fp, SAMPLE_NOW, &out);
	if (r == SNAPSHOT_NOT_FOUND)
		fail_msg("%s: its lines are lost in silence", user);
	buf_free(&out);
}

static void
check_nothing_lost(const struct scratch *s)
{
	struct error err = {""};
	struct source_state st;
	struct memberset ms;
	struct snapshot snap;
	struct keyset ks;
	struct buf text;
	unsigned o;

	if (snapshot_open(&snap, s->fd, geteuid(), &err) != SNAPSHOT_OK)
		fail_msg("%s", err.text);
	check_not_lost(&snap, "root", NULL);
	check_not_lost(&snap, "root", FP_A);
	check_not_lost(&snap, "root", FP_B);
	check_not_lost(&snap, "deploy", FP_A);
	check_not_lost(&snap, "cARol", FP_C);
	check_not_lost(&snap, "ca", FP_A);
	/* What no lookup can make again is all there. */
	assert_int_equal(
	    snapshot_source_state(&snap, SOURCE_PROJECT, &st), SNAPSHOT_FOUND);
	assert_int_equal(
	    snapshot_source_keys(&snap, SOURCE_PROJECT, &ks), SNAPSHOT_FOUND);
	keyset_free(&ks);
	assert_int_equal(snapshot_members(&snap, &ms), SNAPSHOT_FOUND);
	memberset_free(&ms);
	buf_init(&text, 4096);
	for (o = 0; o < GRANT_ORIGINS; o++)
		assert_int_equal(
		    snapshot_policy(&snap, o, &text), SNAPSHOT_FOUND);
	assert_int_equal(snapshot_deny(&snap, &text), SNAPSHOT_FOUND);
	buf_free(&text);
	snapshot_close(&snap);
}

/* Each bit of the file, one at a time. */
static void
test_one_bit(void **state)
{
	const struct scratch *s = *state;
	unsigned char *p, byte;
	size_t len, i;
	int fd;

	p = sample_bytes(s, &len);
	fd = openat(s->fd, SNAPSHOT_FILE, O_WRONLY | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	for (i = 0; i < 8 * len; i++) {
		byte = p[i / 8] ^ (unsigned char)(1u << i % 8);
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)(i / 8)), 1);
		check_nothing_lost(s);
		assert_int_equal(pwrite(fd, &p[i / 8], 1, (off_t)(i / 8)), 1);
	}
	assert_int_equal(close(fd), 0);
	free(p);
}

static enum snapshot_find
find_number(const struct scratch *s, unsigned i)
{
	struct snapshot snap;
	enum snapshot_find r;
	char name[16];
	struct buf out;

	buf_init(&out, 4096);
	(void)snprintf(name, sizeof(name), "u%u", i);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), NULL), SNAPSHOT_OK);
	r = sample_find(&snap, name, FP_A, SAMPLE_NOW, &out);
	snapshot_close(&snap);
	buf_free(&out);
	return r;
}

/* Of so many that the index has buckets, each is missed where its hash table
 * says that there is none. */
static void
test_each_missed(void **state)
{
	static char names[1000][16];
	struct sample_line lines[1000];
	const struct scratch *s = *state;
	const unsigned char none[8] = {0};
	unsigned char old[8];
	struct record_key k;
	struct writer w;
	unsigned i;
	off_t at;
	int fd;

	for (i = 0; i < 1000; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "u%u", i);
		lines[i] = (struct sample_line)SAMPLE_OWN(
		    names[i], FP_A, "ssh-ed25519 AAAA\n");
	}
	assert_int_equal(writer_begin(&w, s->fd, 0, NULL), 0);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	sample_put_shut(&w);
	sample_put_lines(&w, lines, 1000);
	assert_int_equal(writer_publish(&w, NULL), 0);
	fd = openat(s->fd, SNAPSHOT_FILE, O_RDWR | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(find_number(s, i), SNAPSHOT_FOUND);
		assert_int_equal(find_number(s, 1000 + i), SNAPSHOT_NOT_FOUND);
		assert_int_equal(
		    record_key_lines(&k, GRANT_ACCOUNT, names[i], FP_A), 0);
		at = (off_t)(cdb_hash(k.data, k.len) % 256) * 8;
		assert_int_equal(pread(fd, old, 8, at), 8);
		assert_int_equal(pwrite(fd, none, 4, at + 4), 4);
		if (find_number(s, i) == SNAPSHOT_NOT_FOUND)
			fail_msg("%s is lost in silence", names[i]);
		assert_int_equal(pwrite(fd, old, 8, at), 8);
	}
	assert_int_equal(close(fd), 0);
}

static void
test_garbage(void **state)
{
	const struct scratch *s = *state;
	unsigned char *p;
	uint32_t seed = 99;
	size_t i, round;
	int fd;

	put_file(s, "", 0);
	check_bad(s, geteuid(), "impossible size");
	assert_non_null(p = calloc(1, 100000));
	put_file(s, p, 2047);
	check_bad(s, geteuid(), "impossible size");
	put_file(s, p, 2048);
	check_bad(s, geteuid(), "damaged or of another version");
	put_file(s, p, 100000);
	check_bad(s, geteuid(), "damaged");
	memset(p, 0xff, 100000);
	put_file(s, p, 100000);
	check_bad(s, geteuid(), "damaged");
	for (round = 0; round < 200; round++) {
		for (i = 0; i < 100000; i++) {
			seed = seed * 1664525 + 1013904223;
			p[i] = (unsigned char)(seed >> 24);
			/* Small numbers, so that tables lie in the file. */
			if (round % 2 != 0 && i % 4 >= 2)
				p[i] = 0;
		}
		put_file(s, p, 2048 + round * 400);
		check_bad(s, geteuid(), "");
	}
	free(p);
	fd = openat(s->fd, SNAPSHOT_FILE, O_RDWR | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, (off_t)LIMIT_SNAPSHOT + 1), 0);
	check_bad(s, geteuid(), "impossible size");
	assert_int_equal(close(fd), 0);
}

static void
test_modes(void **state)
{
	static const mode_t good[] = {0640, 0600, 0400, 0644, 0444};
	static const mode_t bad[] = {0660, 0642, 0622, 0666, 0777, 01642};
	const struct scratch *s = *state;
	size_t i;

	sample_publish(s->fd);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(fchmodat(s->fd, SNAPSHOT_FILE, good[i], 0), 0);
		assert_true(never_wrong(s));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(fchmodat(s->fd, SNAPSHOT_FILE, bad[i], 0), 0);
		check_bad(s, geteuid(), "may be written to by others");
	}
}

static void
test_owner(void **state)
{
	const struct scratch *s = *state;
	struct snapshot snap;
	struct error err;

	if (geteuid() != 0)
		skip();
	sample_publish(s->fd);
	/* Root may have written it for the service. */
	assert_int_equal(
	    snapshot_open(&snap, s->fd, SCRATCH_UID, &err), SNAPSHOT_OK);
	snapshot_close(&snap);
	assert_int_equal(fchownat(s->fd, SNAPSHOT_FILE, SCRATCH_UID, 0, 0), 0);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, SCRATCH_UID, &err), SNAPSHOT_OK);
	snapshot_close(&snap);
	check_bad(s, 0, "belongs to uid 47321, its folder to uid 0");
	check_bad(s, SCRATCH_UID + 1, "belongs to uid 47321");
}

/* None is read, followed or waited for. */
static void
test_no_regular_file(void **state)
{
	const struct scratch *s = *state;

	sample_publish(s->fd);
	assert_int_equal(renameat(s->fd, SNAPSHOT_FILE, s->fd, "real"), 0);
	assert_int_equal(symlinkat("real", s->fd, SNAPSHOT_FILE), 0);
	check_bad(s, geteuid(), "symbolic links");
	assert_int_equal(unlinkat(s->fd, SNAPSHOT_FILE, 0), 0);
	assert_int_equal(symlinkat("none", s->fd, SNAPSHOT_FILE), 0);
	check_bad(s, geteuid(), "symbolic links");
	assert_int_equal(unlinkat(s->fd, SNAPSHOT_FILE, 0), 0);
	assert_int_equal(mkfifoat(s->fd, SNAPSHOT_FILE, 0600), 0);
	check_bad(s, geteuid(), "not a regular file");
	assert_int_equal(unlinkat(s->fd, SNAPSHOT_FILE, 0), 0);
	(void)scratch_dir(s, SNAPSHOT_FILE, 0755);
	check_bad(s, geteuid(), "not a regular file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_truncated),
	    scratch_test(test_bit_flips),
	    scratch_test(test_each_byte),
	    scratch_test(test_one_bit),
	    scratch_test(test_each_missed),
	    scratch_test(test_garbage),
	    scratch_test(test_modes),
	    scratch_test(test_owner),
	    scratch_test(test_no_regular_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
