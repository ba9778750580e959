/* SPDX-License-Identifier: ISC */
/* One line about an answer that was not plain. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/note.h"
#include "syslog_fixture.h"

#define NOW INT64_C(1750000000000)
#define FP "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

static int
setup(void **state)
{
	(void)state;
	said_nothing();
	return 0;
}

/* Nothing to say: no line. */
static void
test_plain(void **state)
{
	struct note n;

	(void)state;
	note_begin(&n, "root");
	note_tell(&n);
	assert_int_equal(said->n, 0);
}

static void
test_old(void **state)
{
	struct note n;

	(void)state;
	note_begin(&n, "root");
	note_old(&n, NULL, NOW - 1000, NOW);
	note_tell(&n);
	assert_string_equal(
	    said_last(), "<4>[failed-source] user root: old keys");
	note_begin(&n, "root");
	note_old(&n, "disk full", NOW - 180000, NOW);
	note_tell(&n);
	assert_string_equal(said_last(),
	    "<4>[old-snapshot] user root: old keys; the snapshot of 3 min ago "
	    "serves: disk full");
}

/* One line with all of it; the code is that of what weighs most. */
static void
test_one_line(void **state)
{
	struct note n;

	(void)state;
	note_begin(&n, "alice");
	note_add(&n, TELL_NO_GROUPS, LOG_ERR, 1, "no groups");
	note_refused(&n, FP, "not-member");
	note_old(&n, NULL, NOW, NOW);
	note_tell(&n);
	assert_int_equal(said->n, 1);
	assert_string_equal(said_last(),
	    "<3>[refused] user alice: key " FP
	    " refused: not-member; no groups; old keys");
	note_begin(&n, "alice");
	note_refused(&n, FP, SNAPSHOT_DENIED);
	note_tell(&n);
	assert_string_equal(
	    said_last(), "<5>[denied] user alice: key " FP " refused: denied");
	note_lead(&n, TELL_NO_SNAPSHOT, LOG_ERR, 1, "no answer: %s", "why");
	note_tell(&n);
	assert_string_equal(
	    said_last(), "<3>[no-snapshot] user alice: no answer: why");
}

static uint64_t
key_of(const char *user, const char *fp, const char *why)
{
	struct note n;

	note_begin(&n, user);
	note_refused(&n, fp, why);
	return n.key;
}

/* Another account's, key's or kind of refusal is another reason; old keys
 * are the same whoever asks, and whenever. */
static void
test_keys(void **state)
{
	const uint64_t key = key_of("alice", FP, "not-member");
	struct note a, b;

	(void)state;
	assert_true(key == key_of("alice", FP, "not-member"));
	assert_true(key != key_of("bob", FP, "not-member"));
	assert_true(key != key_of("alice", FP, "account"));
	assert_true(key != key_of("alice", "SHA256:x", "not-member"));
	note_begin(&a, "alice");
	note_old(&a, "the fetch did not end in 2 s", NOW - 1000, NOW);
	note_begin(&b, "bob");
	note_old(&b, "the fetch did not end in 3 s", NOW - 90000, NOW);
	assert_true(a.key == b.key);
	note_add(&b, TELL_NO_GROUPS, LOG_ERR, 1, "no groups");
	assert_true(a.key != b.key);
}

/* However much there is to say, and from whom. */
static void
test_long(void **state)
{
	char name[5000];
	struct note n;
	int i;

	(void)state;
	memset(name, '\n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	note_begin(&n, name);
	note_lead(&n, TELL_NOT_RENEWED, LOG_ERR, 1, "%s", name);
	for (i = 0; i < 20; i++)
		note_add(&n, TELL_NO_GROUPS, LOG_ERR, 1, "%s%d", name, i);
	note_tell(&n);
	assert_int_equal(said->n, 1);
	assert_null(strchr(said_last(), '\n'));
	assert_in_range(strlen(said_last()), 500, LIMIT_LOG_TEXT + 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_plain, setup),
	    cmocka_unit_test_setup(test_old, setup),
	    cmocka_unit_test_setup(test_one_line, setup),
	    cmocka_unit_test_setup(test_keys, setup),
	    cmocka_unit_test_setup(test_long, setup),
	};

	return cmocka_run_group_tests(tests, said_setup, NULL);
}
