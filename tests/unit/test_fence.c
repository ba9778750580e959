/* SPDX-License-Identifier: ISC */
/* What a fence leaves open.  Each test in a child of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/prctl.h>

#include <errno.h>

#include "base/fence.h"
#include "scratch.h"

struct inside {
	const struct scratch *s;
	void (*allow)(struct fence *, const struct scratch *);
	const char *path;
	int flags;
};

static int
try(void *arg)
{
	const struct inside *i = arg;
	struct fence f;

	fence_open(&f);
	i->allow(&f, i->s);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    fence_enter(&f, NULL) == -1)
		return 2;
	if (open(i->path, i->flags, 0600) != -1)
		return 0;
	return errno == EACCES ? 1 : 2;
}

/* Whether name can be opened inside a fence that allows so much. */
static bool
opens(const struct scratch *s,
    void (*allow)(struct fence *, const struct scratch *), const char *name,
    int flags)
{
	struct inside i = {s, allow, scratch_path(s, name), flags};
	int r = scratch_child(try, &i);

	assert_in_range(r, 0, 1);
	return r == 0;
}

static void
allow_links(struct fence *f, const struct scratch *s)
{
	const char *const known[] = {scratch_path(s, "known")};

	fence_read(f, scratch_path(s, "store"));
	fence_read_links(f, scratch_path(s, "store"), known, 1);
}

static void
put_link(const struct scratch *s, const char *to, const char *name)
{
	assert_int_equal(symlinkat(to, s->fd, name), 0);
}

/* A trust store of links, as openssl-rehash(1) and administrators make it. */
static void
test_links(void **state)
{
	const struct scratch *s = *state;

	if (fence_abi() == 0)
		skip();
	(void)scratch_dir(s, "store", 0700);
	(void)scratch_dir(s, "known", 0700);
	(void)scratch_dir(s, "far", 0700);
	(void)scratch_text(s, "store/own.pem", "x", 0600);
	(void)scratch_text(s, "known/a.crt", "x", 0600);
	(void)scratch_text(s, "far/b.crt", "x", 0600);
	(void)scratch_text(s, "far/secret", "x", 0600);
	put_link(s, "own.pem", "store/12345678.0");
	put_link(s, scratch_path(s, "known/a.crt"), "store/a.pem");
	put_link(s, scratch_path(s, "far/b.crt"), "store/b.pem");
	put_link(s, "b.pem", "store/23456789.0");
	put_link(s, "../far", "store/folder");
	put_link(s, "nowhere", "store/nothing");
	assert_true(opens(s, allow_links, "store/12345678.0", O_RDONLY));
	assert_true(opens(s, allow_links, "store/23456789.0", O_RDONLY));
	assert_true(opens(s, allow_links, "far/b.crt", O_RDONLY));
	assert_false(opens(s, allow_links, "far/secret", O_RDONLY));
	assert_false(opens(s, allow_links, "store/folder/secret", O_RDONLY));
	/* The caller was to allow these. */
	assert_false(opens(s, allow_links, "known/a.crt", O_RDONLY));
	assert_false(opens(s, allow_links, "far/b.crt", O_WRONLY));
}

/* A link out of a known folder is not straight below it. */
static void
test_links_back(void **state)
{
	const struct scratch *s = *state;
	char to[SCRATCH_PATH + 32];

	if (fence_abi() == 0)
		skip();
	(void)scratch_dir(s, "store", 0700);
	(void)scratch_dir(s, "known", 0700);
	(void)scratch_text(s, "b.crt", "x", 0600);
	(void)snprintf(to, sizeof(to), "%s/../b.crt", scratch_path(s, "known"));
	put_link(s, to, "store/b.pem");
	assert_true(opens(s, allow_links, "store/b.pem", O_RDONLY));
}

static void
allow_file(struct fence *f, const struct scratch *s)
{
	fence_write(f, scratch_path(s, "file"));
	fence_read(f, scratch_path(s, "missing"));
}

static void
allow_folder(struct fence *f, const struct scratch *s)
{
	fence_folder(f, s->fd);
}

static void
test_write(void **state)
{
	const struct scratch *s = *state;

	if (fence_abi() == 0)
		skip();
	(void)scratch_text(s, "file", "x", 0600);
	(void)scratch_text(s, "other", "x", 0600);
	assert_true(opens(s, allow_file, "file", O_RDWR | O_TRUNC));
	assert_false(opens(s, allow_file, "other", O_RDONLY));
	assert_false(opens(s, allow_file, "missing", O_RDWR | O_CREAT));
	assert_true(opens(s, allow_folder, "missing", O_RDWR | O_CREAT));
	assert_true(opens(s, allow_folder, "other", O_RDWR | O_TRUNC));
}

/* Without no_new_privs it can't be entered, which is said. */
static int
enter_early(void *arg)
{
	struct error err = {""};
	struct fence f;

	(void)arg;
	if (setgid(SCRATCH_GID) == -1 || setuid(SCRATCH_UID) == -1)
		return 2;
	fence_open(&f);
	return fence_enter(&f, &err) == -1 && err.text[0] != '\0' ? 0 : 1;
}

static void
test_enter_early(void **state)
{
	(void)state;
	if (fence_abi() == 0 || geteuid() != 0)
		skip();
	assert_int_equal(scratch_child(enter_early, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_links),
	    scratch_test(test_links_back),
	    scratch_test(test_write),
	    scratch_test(test_enter_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
