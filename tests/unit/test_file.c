/* SPDX-License-Identifier: ISC */
/* Files that decide who gets in: what is read, and what is not trusted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "base/file.h"
#include "scratch.h"

#define MAX 5000

/* Reads path; checks the outcome and that the reason holds the words. */
static void
check_read(const char *path, enum file_rule rule, enum file_result want,
    const char *words)
{
	unsigned fds = scratch_fds();
	struct error err = {"nothing"};
	struct buf out;
	enum file_result r;

	buf_init(&out, MAX + 1);
	assert_int_equal(buf_puts(&out, "what was there before"), 0);
	r = file_read(path, rule, MAX, &out, &err);
	if (r != want)
		fail_msg("%s: %d instead of %d (%s)", path, r, want, err.text);
	if (want == FILE_OK) {
		assert_non_null(out.data);
		assert_int_equal(out.data[out.len], '\0');
		assert_int_equal(
		    file_read(path, rule, MAX, &out, NULL), FILE_OK);
	} else {
		assert_non_null(strstr(err.text, path));
		assert_non_null(strstr(err.text, words));
		assert_int_equal(out.len, 0);
		assert_int_equal(file_read(path, rule, MAX, &out, NULL), want);
	}
	buf_free(&out);
	assert_int_equal(scratch_fds(), fds);
}

static void
check_refused(const char *path, const char *words)
{
	check_read(path, FILE_PUBLIC, FILE_ERROR, words);
}

static void
test_contents(void **state)
{
	static const size_t sizes[] = {0, 1, 255, 256, 257, 4095, 4096, 4097,
	    MAX - 1, MAX, MAX + 1, MAX + 4096};
	const struct scratch *s = *state;
	char data[MAX + 4096];
	struct error err;
	struct buf out;
	const char *path;
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 31 + i / 256);
	buf_init(&out, MAX + 1);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		path = scratch_file(s, "f", data, sizes[i], 0600);
		if (sizes[i] > MAX) {
			check_read(path, FILE_PUBLIC, FILE_ERROR,
			    "larger than 5000 bytes");
			continue;
		}
		assert_int_equal(
		    file_read(path, FILE_PUBLIC, MAX, &out, &err), FILE_OK);
		assert_int_equal(out.len, sizes[i]);
		assert_memory_equal(out.data, data, sizes[i]);
		assert_int_equal(out.data[out.len], '\0');
	}
	buf_free(&out);
}

/* A kernel's file says that it has no bytes, and gives them bit by bit. */
static void
test_size_unknown(void **state)
{
	static const char path[] = "/proc/kallsyms";
	unsigned char *want;
	struct error err;
	struct buf out;
	size_t len;
	FILE *f;

	(void)state;
	if ((f = fopen(path, "r")) == NULL)
		skip();
	assert_non_null(want = malloc(64 * 1024 * 1024));
	len = fread(want, 1, 64 * 1024 * 1024, f);
	assert_int_equal(fclose(f), 0);
	if (len < 100000) {
		free(want);
		skip();
	}
	buf_init(&out, len + 1);
	assert_int_equal(
	    file_read(path, FILE_PUBLIC, len, &out, &err), FILE_OK);
	assert_int_equal(out.len, len);
	assert_memory_equal(out.data, want, len);
	free(want);
	assert_int_equal(
	    file_read(path, FILE_PUBLIC, len - 1, &out, &err), FILE_ERROR);
	assert_non_null(strstr(err.text, "too large"));
	buf_free(&out);
	/* No room for it is no end of the file. */
	buf_init(&out, 1000);
	assert_int_equal(
	    file_read(path, FILE_PUBLIC, len, &out, &err), FILE_ERROR);
	assert_non_null(strstr(err.text, "no memory"));
	buf_free(&out);
}

/* A buffer of less room than was asked for is an error with words. */
static void
test_buffer_too_small(void **state)
{
	const char *path = scratch_text(*state, "f", "0123456789", 0600);
	struct error err;
	struct buf out;
	size_t cap;

	for (cap = 0; cap <= 10; cap++) {
		buf_init(&out, cap);
		(void)error_set(&err, "nothing");
		assert_int_equal(
		    file_read(path, FILE_PUBLIC, 100, &out, &err), FILE_ERROR);
		assert_non_null(strstr(err.text, path));
		buf_free(&out);
	}
	buf_init(&out, 11);
	assert_int_equal(
	    file_read(path, FILE_PUBLIC, 100, &out, &err), FILE_OK);
	buf_free(&out);
}

static void
test_missing(void **state)
{
	const struct scratch *s = *state;

	check_read(
	    scratch_path(s, "none"), FILE_PUBLIC, FILE_MISSING, "No such file");
	check_read(scratch_path(s, "none/none"), FILE_SECRET, FILE_MISSING,
	    "No such file");
	(void)scratch_text(s, "f", "x", 0600);
	check_refused(scratch_path(s, "f/none"), "Not a directory");
}

/* It was meant to be there: no policy is another thing than a lost one. */
static void
test_link_to_nowhere(void **state)
{
	const struct scratch *s = *state;

	assert_int_equal(symlinkat("none", s->fd, "link"), 0);
	check_refused(scratch_path(s, "link"), "No such file");
	assert_int_equal(symlinkat("loop", s->fd, "loop"), 0);
	check_refused(scratch_path(s, "loop"), "symbolic link");
}

/* A link is followed, and judged by where it leads. */
static void
test_link(void **state)
{
	const struct scratch *s = *state;
	struct error err;
	struct buf out;

	(void)scratch_dir(s, "good", 0755);
	(void)scratch_dir(s, "bad", 0755);
	(void)scratch_dir(s, "bad/deep", 0755);
	(void)scratch_text(s, "bad/deep/f", "x", 0644);
	assert_int_equal(symlinkat("bad/deep/f", s->fd, "to-deep"), 0);
	(void)scratch_text(s, "good/f", "x", 0644);
	(void)scratch_text(s, "bad/f", "x", 0644);
	assert_int_equal(fchmodat(s->fd, "bad", 0777, 0), 0);
	assert_int_equal(symlinkat("good/f", s->fd, "to-good"), 0);
	assert_int_equal(symlinkat("bad/f", s->fd, "to-bad"), 0);
	assert_int_equal(symlinkat("../bad", s->fd, "good/dir"), 0);
	assert_int_equal(symlinkat("good", s->fd, "good-dir"), 0);
	check_read(scratch_path(s, "to-good"), FILE_PUBLIC, FILE_OK, NULL);
	check_read(scratch_path(s, "good-dir/f"), FILE_PUBLIC, FILE_OK, NULL);
	/* The reason names the real folder. */
	buf_init(&out, MAX + 1);
	assert_int_equal(
	    file_read(scratch_path(s, "to-bad"), FILE_PUBLIC, MAX, &out, &err),
	    FILE_ERROR);
	assert_non_null(strstr(err.text, scratch_path(s, "bad")));
	assert_int_equal(file_read(scratch_path(s, "good/dir/f"), FILE_PUBLIC,
			     MAX, &out, &err),
	    FILE_ERROR);
	assert_non_null(strstr(err.text, scratch_path(s, "bad")));
	assert_int_equal(
	    file_read(scratch_path(s, "to-deep"), FILE_PUBLIC, MAX, &out, &err),
	    FILE_ERROR);
	assert_non_null(strstr(err.text, scratch_path(s, "bad")));
	buf_free(&out);
}

/* None of them may hang the login, nor be read. */
static void
test_no_regular_file(void **state)
{
	const struct scratch *s = *state;
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	check_refused(scratch_dir(s, "dir", 0755), "not a regular file");
	assert_int_equal(mkfifoat(s->fd, "fifo", 0600), 0);
	check_refused(scratch_path(s, "fifo"), "not a regular file");
	check_refused("/dev/null", "not a regular file");
	assert_int_not_equal(fd = socket(AF_UNIX, SOCK_STREAM, 0), -1);
	/* Its own path may be longer than a socket's. */
	(void)snprintf(
	    sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/sock", s->fd);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	check_refused(scratch_path(s, "sock"), "");
	assert_int_equal(close(fd), 0);
}

static void
test_modes(void **state)
{
	static const struct {
		mode_t mode;
		enum file_result public, secret;
	} cases[] = {{0600, FILE_OK, FILE_OK}, {0400, FILE_OK, FILE_OK},
	    {0640, FILE_OK, FILE_OK}, {0440, FILE_OK, FILE_OK},
	    {0650, FILE_OK, FILE_OK}, {0644, FILE_OK, FILE_ERROR},
	    {0604, FILE_OK, FILE_ERROR}, {0755, FILE_OK, FILE_ERROR},
	    {0601, FILE_OK, FILE_ERROR}, {0660, FILE_ERROR, FILE_ERROR},
	    {0620, FILE_ERROR, FILE_ERROR}, {0602, FILE_ERROR, FILE_ERROR},
	    {0666, FILE_ERROR, FILE_ERROR}, {01666, FILE_ERROR, FILE_ERROR}};
	const struct scratch *s = *state;
	const char *path;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		path = scratch_text(s, "f", "x", cases[i].mode);
		check_read(path, FILE_PUBLIC, cases[i].public, "chmod go-w");
		check_read(path, FILE_SECRET, cases[i].secret, "chmod");
		assert_int_equal(unlinkat(s->fd, "f", 0), 0);
	}
	path = scratch_text(s, "f", "x", 0644);
	check_read(path, FILE_SECRET, FILE_ERROR,
	    "read by everybody (mode 644): chmod 0640");
	path = scratch_text(s, "g", "x", 0664);
	check_refused(path, "written to by others (mode 664): chmod go-w");
}

/* Not ours and not root's: whoever it belongs to can change it. */
static void
test_owner(void **state)
{
	const struct scratch *s = *state;
	const char *path = scratch_text(s, "f", "x", 0644);

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(path, SCRATCH_UID, 0), 0);
	check_refused(path, "belongs to uid 47321");
	check_read(path, FILE_SECRET, FILE_ERROR, "belongs to uid 47321");
	/* A group means nothing while it may not write. */
	assert_int_equal(chown(path, 0, SCRATCH_GID), 0);
	check_read(path, FILE_PUBLIC, FILE_OK, NULL);
}

static int
read_as_user(void *ctx)
{
	struct scratch *s = ctx;
	struct buf out;
	int r = 0;

	if (setgid(SCRATCH_GID) == -1 || setuid(SCRATCH_UID) == -1)
		return 99;
	buf_init(&out, MAX + 1);
	if (file_read(scratch_path(s, "root"), FILE_PUBLIC, MAX, &out, NULL) !=
	    FILE_OK)
		r |= 1;
	if (file_read(scratch_path(s, "own"), FILE_PUBLIC, MAX, &out, NULL) !=
	    FILE_OK)
		r |= 2;
	if (file_read(scratch_path(s, "other"), FILE_PUBLIC, MAX, &out, NULL) !=
	    FILE_ERROR)
		r |= 4;
	/* There, but not for us: that is no missing file. */
	if (file_read(scratch_path(s, "secret"), FILE_PUBLIC, MAX, &out,
		NULL) != FILE_ERROR)
		r |= 8;
	if (file_read(scratch_path(s, "group"), FILE_SECRET, MAX, &out, NULL) !=
	    FILE_OK)
		r |= 16;
	buf_free(&out);
	return r;
}

static void
test_as_user(void **state)
{
	struct scratch *s = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(s->dir, 0755), 0);
	(void)scratch_text(s, "root", "x", 0644);
	(void)scratch_text(s, "secret", "x", 0600);
	assert_int_equal(
	    chown(scratch_text(s, "own", "x", 0600), SCRATCH_UID, SCRATCH_GID),
	    0);
	assert_int_equal(chown(scratch_text(s, "other", "x", 0644),
			     SCRATCH_UID + 1, SCRATCH_GID),
	    0);
	assert_int_equal(
	    chown(scratch_text(s, "group", "x", 0640), 0, SCRATCH_GID), 0);
	assert_int_equal(scratch_child(read_as_user, s), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_contents),
	    scratch_test(test_size_unknown),
	    scratch_test(test_buffer_too_small),
	    scratch_test(test_missing),
	    scratch_test(test_link_to_nowhere),
	    scratch_test(test_link),
	    scratch_test(test_no_regular_file),
	    scratch_test(test_modes),
	    scratch_test(test_owner),
	    scratch_test(test_as_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
