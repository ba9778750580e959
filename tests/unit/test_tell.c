/* SPDX-License-Identifier: ISC */
/* What reaches the log: the first of each reason, and then how many more. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>

#include "cache/logstate.h"
#include "cmd/tell.h"
#include "scratch.h"
#include "syslog_fixture.h"

#define BURST LIMIT_LOG_BURST

static int
setup(void **state)
{
	if (scratch_setup(state) == -1)
		return -1;
	tell_begin(((struct scratch *)*state)->fd, geteuid());
	said_nothing();
	return 0;
}

static int
teardown(void **state)
{
	tell_end();
	return scratch_teardown(state);
}

#define tell_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void
say(const char *what, int times)
{
	while (times-- > 0)
		tell(TELL_FAILED_SOURCE, LOG_WARNING, tell_key(what), "%s",
		    what);
}

/* All buckets as they will be after a time. */
static void
let_pass(const struct scratch *s, int64_t ms)
{
	struct throttle_slot *slot, was;
	struct logstate l;
	size_t i;

	assert_int_equal(logstate_open(&l, s->fd, geteuid()), 0);
	for (i = 0; i < THROTTLE_SLOTS; i++) {
		slot = &l.table.slot[i];
		if (!throttle_sound(slot) || slot->held == 0)
			continue;
		was = *slot;
		slot->full_ms -= ms;
		slot->since_ms -= ms;
		/* Seals it again. */
		slot->held--;
		throttle_hold(slot, was.code, was.text, slot->since_ms);
		assert_int_equal(logstate_save(&l, slot), 0);
	}
	logstate_close(&l);
}

static void
test_limit(void **state)
{
	say("down", 200);
	assert_int_equal(said->n, BURST);
	assert_string_equal(said_last(), "<4>[failed-source] down");
	say("denied", 1);
	assert_string_equal(said_last(), "<4>[failed-source] denied");
	/* Another code with the same key is another reason. */
	tell(TELL_BAD_POLICY, LOG_ERR, tell_key("down"), "down");
	assert_string_equal(said_last(), "<3>[bad-policy] down");
	let_pass(*state, 130 * INT64_C(1000));
	say("down", 1);
	assert_string_equal(said_last(),
	    "<4>[failed-source] down (and 195 more like it in 2 min)");
}

static void
test_always(void **state)
{
	const struct tell t = {
	    .code = TELL_ANSWERS_AGAIN, .priority = LOG_NOTICE, .always = true};
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		tell_line(&t, "again");
	assert_int_equal(said->n, 50);
	assert_string_equal(said_last(), "<5>[answers-again] again");
}

/* The count comes out though no such line comes any more, once. */
static void
test_rest(void **state)
{
	say("down", BURST + 12);
	tell_rest();
	/* It is no way round the limit. */
	assert_int_equal(said->n, BURST);
	let_pass(*state, 90 * INT64_C(1000));
	tell_rest();
	assert_string_equal(
	    said_last(), "<4>[failed-source] 12 more in 90 s, the last: down…");
	said_nothing();
	tell_rest();
	assert_int_equal(said->n, 0);
}

/* Nowhere to count: all of them. */
static void
test_no_state(void **state)
{
	const struct scratch *s = *state;

	tell_end();
	say("down", 20);
	assert_int_equal(said->n, 20);
	tell_begin(s->fd, geteuid() + 1);
	say("down", 20);
	assert_int_equal(said->n, 40);
	(void)scratch_dir(s, LOGSTATE_FILE, 0700);
	tell_begin(s->fd, geteuid());
	say("down", 20);
	assert_int_equal(said->n, 60);
}

/* What can't be written down is told, without a count that isn't true. */
static int
no_writing(void *ctx)
{
	(void)ctx;
	say("down", BURST);
	if (setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0}) == -1)
		return 77;
	say("down", 3);
	return 0;
}

static void
test_full(void **state)
{
	assert_int_equal(scratch_child(no_writing, *state), 0);
	assert_int_equal(said->n, BURST + 3);
	assert_string_equal(said_last(), "<4>[failed-source] down");
}

/* Of many at once the first is never lost, and few are too many. */
static void
test_together(void **state)
{
	pid_t pids[8];
	int i, status;

	(void)state;
	for (i = 0; i < 8; i++) {
		assert_int_not_equal(pids[i] = fork(), -1);
		if (pids[i] == 0) {
			say("down", 25);
			_exit(0);
		}
	}
	for (i = 0; i < 8; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_in_range(said->n, BURST, BURST + 8 * 2);
}

static void
test_clean(void **state)
{
	char big[4000];

	(void)state;
	tell(TELL_REFUSED, LOG_NOTICE, 1, "%s",
	    "a\nb\033[31m \xe2\x80\xae \xff %s%n");
	assert_string_equal(said_last(), "<5>[refused] a?b?[31m ? ? %s%n");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	tell(TELL_REFUSED, LOG_NOTICE, 2, "%s", big);
	assert_in_range(strlen(said_last()), 1000, LIMIT_LOG_TEXT + 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    tell_test(test_limit),
	    tell_test(test_always),
	    tell_test(test_rest),
	    tell_test(test_no_state),
	    tell_test(test_full),
	    tell_test(test_together),
	    tell_test(test_clean),
	};

	return cmocka_run_group_tests(tests, said_setup, NULL);
}
