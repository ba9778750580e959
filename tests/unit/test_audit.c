/* SPDX-License-Identifier: ISC */
/*
 * What is told of a new snapshot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "scratch.h"

#include "cmd/audit.h"
#include "publish_fixture.h"

/* Publishes, and gives what was logged to standard error on the way. */
static void
publish_told(struct fixture *f, char *log, size_t size)
{
	struct error err = {""};
	struct audit audit;
	struct writer w;
	int saved, fd;
	ssize_t n;

	load_policies(f);
	(void)fflush(stderr);
	assert_int_not_equal(fd = memfd_create("log", MFD_CLOEXEC), -1);
	assert_int_not_equal(saved = dup(2), -1);
	assert_int_equal(dup2(fd, 2), 2);
	audit_open(&audit, dir_of(f), geteuid());
	if (writer_begin(&w, dir_of(f), 0, &err) == 0 &&
	    publish(&w, &f->cfg, &f->policies, &f->held, NOW, &err) == 0 &&
	    audit_differs(&audit, f->held.head.lines)) {
		audit_begin(&audit);
		if (publish_each(&f->cfg, &f->policies, &f->held, NOW,
			audit_line, &audit) == 0)
			audit_tell(&audit);
	}
	audit_close(&audit);
	assert_int_equal(dup2(saved, 2), 2);
	assert_int_equal(close(saved), 0);
	assert_string_equal(err.text, "");
	n = pread(fd, log, size - 1, 0);
	assert_true(n >= 0);
	log[n] = '\0';
	assert_int_equal(close(fd), 0);
}

static unsigned
lines(const char *log)
{
	unsigned n = 0;

	for (; (log = strchr(log, '\n')) != NULL; log++)
		n++;
	return n;
}

static void
test_changes(void **state)
{
	struct fixture *f = *state;
	char log[16384], want[512];
	struct keyrec *rec;

	rec = hold(f, SOURCE_DEVICE, ED, "al\nice", NOW);
	rec->owner = "user:" ID_A;
	publish_told(f, log, sizeof(log));
	(void)snprintf(want, sizeof(want),
	    "+ %s \"al?ice\" of user:" ID_A " (device) opens root", FP_ED);
	assert_non_null(strstr(log, want));
	assert_int_equal(lines(log), 1);
	/* Nothing new. */
	publish_told(f, log, sizeof(log));
	assert_string_equal(log, "");
	/* Another account for the same key. */
	set_file(&f->files.policy,
	    "{'version':1,'users':{'root':{},'*':{}},'groups':{'w':{}}}");
	publish_told(f, log, sizeof(log));
	assert_int_equal(lines(log), 2);
	assert_non_null(strstr(log, " opens *\n"));
	assert_non_null(strstr(log, " opens @w\n"));
	/* One goes, another comes. */
	keyset_free(&f->held.keys[SOURCE_DEVICE]);
	(void)hold(f, SOURCE_DEVICE, EC, "bob", NOW);
	set_file(&f->files.policy, NULL);
	publish_told(f, log, sizeof(log));
	(void)snprintf(want, sizeof(want),
	    "- %s \"al?ice user:" ID_A "\" no longer opens root", FP_ED);
	assert_non_null(strstr(log, want));
	(void)snprintf(want, sizeof(want),
	    "- %s \"al?ice user:" ID_A "\" no longer opens *", FP_ED);
	assert_non_null(strstr(log, want));
	(void)snprintf(want, sizeof(want),
	    "+ %s \"bob\" of nobody known (device) opens root", FP_EC);
	assert_non_null(strstr(log, want));
	assert_int_equal(lines(log), 4);
}

static void
test_groups(void **state)
{
	struct fixture *f = *state;
	char log[16384];

	(void)hold(f, SOURCE_DEVICE, ED, "alice", NOW);
	set_file(&f->files.policy, "{'version':1,'groups':{'w':{}}}");
	set_fleet(f, "{'version':1,'users':{'x':{}},'groups':{'v':{}}}", NOW);
	publish_told(f, log, sizeof(log));
	assert_non_null(strstr(log, " opens @w+@v\n"));
	assert_non_null(strstr(log, " opens x+@w\n"));
	assert_int_equal(lines(log), 2);
}

/* A key that so far opened who is in the group but for root now opens root. */
static void
test_star_and_group(void **state)
{
	struct fixture *f = *state;
	char log[16384];

	(void)hold(f, SOURCE_DEVICE, ED, "alice", NOW);
	set_file(&f->files.policy, "{'version':1,'users':{'*':{}}}");
	set_fleet(f, "{'version':1,'groups':{'v':{}}}", NOW);
	publish_told(f, log, sizeof(log));
	assert_non_null(strstr(log, " opens *+@v\n"));
	assert_int_equal(lines(log), 1);
	set_file(&f->files.policy, "{'version':1,'groups':{'v':{}}}");
	publish_told(f, log, sizeof(log));
	assert_non_null(strstr(log, " opens @v\n"));
	assert_non_null(strstr(log, " no longer opens *+@v\n"));
	assert_int_equal(lines(log), 2);
}

/* A thousand accounts must not fill the log. */
static void
test_many(void **state)
{
	struct fixture *f = *state;
	char log[65536], rule[32];
	struct buf b;
	unsigned i;

	(void)hold(f, SOURCE_DEVICE, ED, "alice", NOW);
	buf_init(&b, LIMIT_POLICY_FILE);
	(void)buf_puts(&b, "{'version':1,'users':{'root':{}");
	for (i = 0; i < 1000; i++) {
		(void)snprintf(rule, sizeof(rule), ",'u%u':{}", i);
		(void)buf_puts(&b, rule);
	}
	(void)buf_puts(&b, "}}");
	assert_int_equal(buf_putc(&b, '\0'), 0);
	set_file(&f->files.policy, (char *)b.data);
	buf_free(&b);
	publish_told(f, log, sizeof(log));
	assert_int_equal(lines(log), AUDIT_LINES + 1);
	assert_non_null(strstr(log, "1001 came and 0 went in all"));
	set_file(&f->files.policy, NULL);
	publish_told(f, log, sizeof(log));
	assert_int_equal(lines(log), AUDIT_LINES + 1);
	assert_non_null(strstr(log, "0 came and 1000 went in all"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    publish_test(test_changes),
	    publish_test(test_groups),
	    publish_test(test_star_and_group),
	    publish_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
