/* SPDX-License-Identifier: ISC */
/* A snapshot that cannot be written leaves the old one as it was. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mount.h>
#include <sys/syscall.h>

#include <errno.h>
#include <sched.h>

#include "writer_checks.h"

static void
test_begin_fails(void **state)
{
	const struct scratch *s = *state;
	struct error err = {""};
	struct writer w;
	int fd;

	assert_int_equal(writer_begin(&w, -1, 0, &err), -1);
	assert_non_null(strstr(err.text, WRITER_FILE));
	writer_abandon(&w);
	/* A folder in the way can't be unlinked as a file. */
	(void)scratch_dir(s, WRITER_FILE, 0755);
	err.text[0] = '\0';
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), -1);
	assert_non_null(strstr(err.text, "cannot remove " WRITER_FILE));
	writer_abandon(&w);
	assert_true(scratch_exists(s, WRITER_FILE));
	/* A folder that is gone. */
	(void)scratch_dir(s, "gone", 0755);
	fd = openat(s->fd, "gone", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	assert_int_equal(unlinkat(s->fd, "gone", AT_REMOVEDIR), 0);
	err.text[0] = '\0';
	assert_int_equal(writer_begin(&w, fd, 0, &err), -1);
	assert_non_null(strstr(err.text, "cannot write the cache"));
	writer_abandon(&w);
	assert_int_equal(close(fd), 0);
}

/* As a login's user, who may not write there. */
static int
begin_without_right(void *ctx)
{
	const struct scratch *s = ctx;
	struct error err = {""};
	struct writer w;

	if (geteuid() == 0 &&
	    (setgid(SCRATCH_GID) == -1 || setuid(SCRATCH_UID) == -1))
		return 1;
	if (writer_begin(&w, s->fd, 0, &err) != -1)
		return 2;
	return strstr(err.text, "ermission denied") == NULL;
}

static void
test_no_right(void **state)
{
	const struct scratch *s = *state;

	publish(s->fd, 1);
	assert_int_equal(fchmod(s->fd, 0555), 0);
	assert_int_equal(scratch_child(begin_without_right, *state), 0);
	assert_int_equal(fchmod(s->fd, 0755), 0);
	assert_int_equal(generation(s->fd), 1);
}

/* The last step can't be done: nothing is left of the attempt. */
static void
test_rename_fails(void **state)
{
	const struct scratch *s = *state;
	struct error err = {""};
	struct writer w;

	(void)scratch_dir(s, SNAPSHOT_FILE, 0755);
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(put_generation(&w, 1), 0);
	assert_int_equal(writer_publish(&w, &err), -1);
	assert_non_null(strstr(err.text, "cannot publish " SNAPSHOT_FILE));
	assert_int_equal(w.fd, -1);
	assert_false(scratch_exists(s, WRITER_FILE));
	writer_abandon(&w);
}

/* What no reader takes must not replace what all of them take. */
static void
test_too_large(void **state)
{
	const struct scratch *s = *state;
	struct error err = {""};
	struct writer w;

	publish(s->fd, 1);
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(put_generation(&w, 2), 0);
	if (ftruncate(w.fd, (off_t)LIMIT_SNAPSHOT + 1) == -1) {
		writer_abandon(&w);
		skip();
	}
	assert_int_equal(writer_publish(&w, &err), -1);
	assert_non_null(strstr(err.text, "too large"));
	assert_int_equal(generation(s->fd), 1);
	assert_false(scratch_exists(s, WRITER_FILE));
}

/* Space that was taken beforehand and not needed is given back. */
static void
test_reserve(void **state)
{
	const off_t reserve = 8 * 1024 * 1024;
	const struct scratch *s = *state;
	struct error err;
	struct writer w;
	struct stat st;
	bool taken;

	assert_int_equal(writer_begin(&w, s->fd, reserve, &err), 0);
	assert_int_equal(fstat(w.fd, &st), 0);
	taken = st.st_blocks * 512 >= reserve;
	assert_true(st.st_size < reserve);
	assert_int_equal(put_generation(&w, 1), 0);
	assert_int_equal(writer_publish(&w, &err), 0);
	assert_int_equal(generation(s->fd), 1);
	assert_int_equal(fstatat(s->fd, SNAPSHOT_FILE, &st, 0), 0);
	assert_true(st.st_size < 10000);
	assert_true(st.st_blocks * 512 < reserve / 8);
	if (!taken)
		skip();
}

/* A file system that can't take them beforehand is no full one. */
static void
test_no_reserve(void **state)
{
	const struct scratch *s = *state;
	struct error err = {""};
	struct writer w;

	if (writer_begin(&w, s->fd, INT64_MAX, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(put_generation(&w, 1), 0);
	assert_int_equal(writer_publish(&w, &err), 0);
	assert_int_equal(generation(s->fd), 1);
}

/* In the place of libc's: what was published when, and which one fails. */
static struct {
	int dirfd, calls, fail;
	int before[4];
	bool folder[4];
} sync_log = {.fail = -1};

int
fsync(int fd)
{
	struct stat st;
	int i = sync_log.calls++;

	if (i < 4 && fstat(fd, &st) == 0) {
		sync_log.before[i] = generation(sync_log.dirfd);
		sync_log.folder[i] = S_ISDIR(st.st_mode);
	}
	if (i != sync_log.fail)
		return (int)syscall(SYS_fsync, fd);
	errno = EIO;
	return -1;
}

static void
start_sync_log(const struct scratch *s, int fail)
{
	memset(&sync_log, 0, sizeof(sync_log));
	sync_log.dirfd = s->fd;
	sync_log.fail = fail;
}

/* The file is on disk before it has the name, and then the name. */
static void
test_sync(void **state)
{
	const struct scratch *s = *state;

	publish(s->fd, 1);
	start_sync_log(s, -1);
	publish(s->fd, 2);
	assert_int_equal(sync_log.calls, 2);
	assert_false(sync_log.folder[0]);
	assert_int_equal(sync_log.before[0], 1);
	assert_true(sync_log.folder[1]);
	assert_int_equal(sync_log.before[1], 2);
}

/* The first may fail: the old one stands.  The second: said, but done. */
static void
test_sync_fails(void **state)
{
	const struct scratch *s = *state;
	struct error err = {""};
	struct writer w;
	int i;

	publish(s->fd, 1);
	for (i = 0; i < 2; i++) {
		assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
		assert_int_equal(put_generation(&w, 2), 0);
		start_sync_log(s, i);
		assert_int_equal(writer_publish(&w, &err), -1);
		sync_log.fail = -1;
		assert_non_null(strstr(err.text, "Input/output error"));
		assert_int_equal(w.fd, -1);
		assert_int_equal(generation(s->fd), i + 1);
		assert_false(scratch_exists(s, WRITER_FILE));
		writer_abandon(&w);
	}
}

/* On a file system of 256 KiB; 77 where none can be mounted. */
static int
full_disk(void *ctx)
{
	const struct scratch *s = ctx;
	struct error err = {""};
	struct writer w;
	struct stat st;
	int fd;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", s->dir, "tmpfs", 0, "size=256k") == -1)
		return 77;
	fd = open(s->dir, O_RDONLY | O_DIRECTORY);
	if (fd == -1 || writer_begin(&w, fd, 0, &err) == -1 ||
	    put_generation(&w, 1) == -1 || writer_publish(&w, &err) == -1)
		return 1;
	if (writer_begin(&w, fd, 1024 * 1024, &err) != -1)
		return 2;
	if (strstr(err.text, "No space left") == NULL)
		return 3;
	if (fstatat(fd, WRITER_FILE, &st, 0) != -1 || generation(fd) != 1)
		return 4;
	if (writer_begin(&w, fd, 100 * 1024, &err) == -1)
		return 5;
	writer_abandon(&w);
	return 0;
}

/* Found before the portal is asked, and the old one stands. */
static void
test_full_disk(void **state)
{
	int r = scratch_child(full_disk, *state);

	if (r == 77)
		skip();
	assert_int_equal(r, 0);
}

/* The same, found only while writing. */
static int
full_late(void *ctx)
{
	const struct scratch *s = ctx;
	struct error err = {""};
	struct keyset ks;
	struct writer w;
	struct stat st;
	unsigned i;
	int fd, r = 0;

	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", s->dir, "tmpfs", 0, "size=256k") == -1)
		return 77;
	fd = open(s->dir, O_RDONLY | O_DIRECTORY);
	if (fd == -1 || writer_begin(&w, fd, 0, &err) == -1 ||
	    put_generation(&w, 1) == -1 || writer_publish(&w, &err) == -1)
		return 1;
	keyset_init(&ks);
	for (i = 0; i < 20000; i++) {
		struct keyrec *rec = keyset_add(&ks);

		if (rec == NULL)
			return 2;
		rec->refused = "dsa";
	}
	if (writer_begin(&w, fd, 0, &err) == -1)
		return 3;
	if (writer_put_keys(&w, SOURCE_DEVICE, &ks) == -1)
		writer_abandon(&w);
	else if (writer_publish(&w, &err) != -1)
		r = 4;
	keyset_free(&ks);
	if (fstatat(fd, WRITER_FILE, &st, 0) != -1 || generation(fd) != 1)
		r = 5;
	return r;
}

static void
test_full_late(void **state)
{
	int r = scratch_child(full_late, *state);

	if (r == 77)
		skip();
	assert_int_equal(r, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_begin_fails),
	    scratch_test(test_no_right),
	    scratch_test(test_rename_fails),
	    scratch_test(test_too_large),
	    scratch_test(test_reserve),
	    scratch_test(test_no_reserve),
	    scratch_test(test_sync),
	    scratch_test(test_sync_fails),
	    scratch_test(test_full_disk),
	    scratch_test(test_full_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
