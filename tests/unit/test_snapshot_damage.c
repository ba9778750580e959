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
	    scratch_test(test_garbage),
	    scratch_test(test_modes),
	    scratch_test(test_owner),
	    scratch_test(test_no_regular_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
