/* SPDX-License-Identifier: ISC */
/* packet-keys.conf read from its file, and the files beside it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/digest.h"
#include "scratch.h"

/* Loads; the words that the reason must hold, or NULL where it must load. */
static void
check_load(const char *path, struct config *cfg, const char *words)
{
	struct error err = {""};
	int r = config_load(cfg, path, &err);

	if (words == NULL && r != 0)
		fail_msg("%s", err.text);
	if (words == NULL)
		return;
	assert_int_equal(r, -1);
	if (strstr(err.text, words) == NULL)
		fail_msg("\"%s\" has no \"%s\"", err.text, words);
}

static const char *
write_conf(const struct scratch *s)
{
	char text[2 * SCRATCH_PATH];

	(void)snprintf(
	    text, sizeof(text), "[policy]\nfile = %s/p.json\n", s->dir);
	return scratch_text(s, "c", text, 0644);
}

static void
test_load(void **state)
{
	const struct scratch *s = *state;
	struct config a, b;
	char *big;

	check_load(scratch_path(s, "none"), &a, "No such file");
	(void)scratch_text(s, "c", "[policy]\nfile = p\n", 0644);
	check_load(scratch_path(s, "c"), &a, "/c:2: [policy] file: needs");
	check_load(write_conf(s), &a, NULL);
	assert_string_equal(a.policy_file, scratch_path(s, "p.json"));
	assert_string_equal(a.path, scratch_path(s, "c"));
	assert_int_equal(fchmodat(s->fd, "c", 0664, 0), 0);
	check_load(scratch_path(s, "c"), &b, "may be written to by others");
	/* Each byte counts, comments too. */
	assert_int_equal(fchmodat(s->fd, "c", 0644, 0), 0);
	check_load(scratch_path(s, "c"), &b, NULL);
	assert_true(a.digest == b.digest);
	assert_non_null(big = calloc(1, LIMIT_CONFIG_FILE + 1));
	memset(big, '\n', LIMIT_CONFIG_FILE + 1);
	check_load(
	    scratch_file(s, "c", big, LIMIT_CONFIG_FILE, 0644), &b, NULL);
	assert_true(a.digest != b.digest);
	assert_true(
	    b.digest == digest_add(DIGEST_INIT, big, LIMIT_CONFIG_FILE));
	check_load(scratch_file(s, "c", big, LIMIT_CONFIG_FILE + 1, 0644), &b,
	    "larger than");
	free(big);
}

/* In the place of base/clock.c's: the tests' files are as old as they like. */
static int64_t ahead_ms;

int64_t
clock_wall_ms(void)
{
	return (int64_t)time(NULL) * 1000 + ahead_ms;
}

/* One of the files beside the configuration, as it is read. */
struct beside {
	const char *name;
	uint64_t digest, other; /* of it, and of the other one */
	struct config_file file;
};

static void
read_beside(const char *conf, bool deny, struct beside *b)
{
	struct error err = {""};
	struct config_files files;
	struct config cfg;

	config_files_init(&files);
	if (config_load_files(&cfg, conf, &files, &err) != 0)
		fail_msg("%s", err.text);
	b->digest = deny ? cfg.deny_digest : cfg.policy_digest;
	b->other = deny ? cfg.policy_digest : cfg.deny_digest;
	b->file = deny ? files.deny : files.policy;
	buf_free(deny ? &files.policy.text : &files.deny.text);
}

/* As read_beside, where it must have this text. */
static uint64_t
digest_of(const struct scratch *s, bool deny, const char *text)
{
	const char *name = deny ? "denied-keys" : "p.json";
	struct beside b;

	(void)scratch_text(s, name, text, 0644);
	read_beside(scratch_path(s, "c"), deny, &b);
	assert_int_equal(b.file.found, FILE_OK);
	assert_int_equal(b.file.text.len, strlen(text));
	assert_string_equal((char *)b.file.text.data, text);
	buf_free(&b.file.text);
	return b.digest;
}

/* None, an empty one and another one are three things; the other file's
 * digest and the config's hang on none of them. */
static void
check_digests(const struct scratch *s, bool deny)
{
	const char *name = deny ? "denied-keys" : "p.json";
	uint64_t empty, some, other, config;
	struct beside none, again;
	struct config cfg;

	read_beside(write_conf(s), deny, &none);
	assert_int_equal(none.file.found, FILE_MISSING);
	check_load(scratch_path(s, "c"), &cfg, NULL);
	config = cfg.digest;
	empty = digest_of(s, deny, "");
	some = digest_of(s, deny, "{}");
	other = digest_of(s, deny, "{ }");
	assert_true(none.digest != empty && none.digest != some);
	assert_true(empty != some && some != other);
	assert_true(digest_of(s, deny, "{}") == some);
	check_load(scratch_path(s, "c"), &cfg, NULL);
	assert_true(cfg.digest == config);
	assert_true((deny ? cfg.deny_digest : cfg.policy_digest) == some);
	assert_true((deny ? cfg.policy_digest : cfg.deny_digest) == none.other);
	assert_int_equal(unlinkat(s->fd, name, 0), 0);
	read_beside(scratch_path(s, "c"), deny, &again);
	assert_true(again.digest == none.digest && again.other == none.other);
	buf_free(&none.file.text);
	buf_free(&again.file.text);
}

static void
test_digests(void **state)
{
	check_digests(*state, false);
	check_digests(*state, true);
}

/* What can't be had is there all the same, and its bytes are not. */
static void
check_error(const struct scratch *s, bool deny, uint64_t good, const char *why)
{
	struct beside b;

	read_beside(scratch_path(s, "c"), deny, &b);
	assert_int_equal(b.file.found, FILE_ERROR);
	if (strstr(b.file.err.text, why) == NULL)
		fail_msg("\"%s\" has no \"%s\"", b.file.err.text, why);
	assert_non_null(
	    strstr(b.file.err.text, deny ? "denied-keys" : "p.json"));
	assert_int_equal(b.file.text.len, 0);
	assert_true(b.digest != good);
	buf_free(&b.file.text);
}

/* A policy that can't be had must not count as none: none opens root.  Nor
 * must it keep the config from being read. */
static void
check_unreadable(const struct scratch *s, bool deny)
{
	const char *name = deny ? "denied-keys" : "p.json";
	const size_t max = deny ? LIMIT_DENY_FILE : LIMIT_POLICY_FILE;
	struct beside none;
	uint64_t good;
	char *big;

	read_beside(write_conf(s), deny, &none);
	good = digest_of(s, deny, "{}");
	assert_int_equal(fchmodat(s->fd, name, 0664, 0), 0);
	check_error(s, deny, good, "may be written to by others");
	check_error(s, deny, none.digest, "may be written to by others");
	assert_non_null(big = calloc(1, max + 1));
	(void)scratch_file(s, name, big, max, 0644);
	check_load(scratch_path(s, "c"), &(struct config){0}, NULL);
	(void)scratch_file(s, name, big, max + 1, 0644);
	check_error(s, deny, good, "larger than");
	free(big);
	assert_int_equal(unlinkat(s->fd, name, 0), 0);
	assert_int_equal(symlinkat("elsewhere", s->fd, name), 0);
	check_error(s, deny, none.digest, "No such file");
	assert_int_equal(unlinkat(s->fd, name, 0), 0);
	(void)scratch_dir(s, name, 0755);
	check_error(s, deny, none.digest, "not a regular file");
	assert_int_equal(unlinkat(s->fd, name, AT_REMOVEDIR), 0);
	buf_free(&none.file.text);
}

static void
test_unreadable(void **state)
{
	check_unreadable(*state, false);
	check_unreadable(*state, true);
}

/* Without a config there is nothing beside it. */
static void
test_no_config(void **state)
{
	const struct scratch *s = *state;
	struct config_files files;
	struct error err = {""};
	struct config cfg;

	(void)scratch_text(s, "denied-keys", "x", 0644);
	(void)scratch_text(s, "c", "[policy]\nfile = p\n", 0644);
	config_files_init(&files);
	assert_int_equal(
	    config_load_files(&cfg, scratch_path(s, "c"), &files, &err), -1);
	assert_string_not_equal(err.text, "");
	assert_int_equal(files.policy.found, FILE_MISSING);
	assert_int_equal(files.deny.found, FILE_MISSING);
	assert_null(files.policy.text.data);
	assert_null(files.deny.text.data);
	config_files_free(&files);
}

static void
test_deny_file(void **state)
{
	const struct scratch *s = *state;
	struct config cfg;

	check_load(write_conf(s), &cfg, NULL);
	assert_string_equal(cfg.deny_file, scratch_path(s, "denied-keys"));
	check_load(scratch_text(s, "c", "[policy]\nfile = /p.json\n", 0644),
	    &cfg, NULL);
	assert_string_equal(cfg.deny_file, "/denied-keys");
}

/* A login reads the list, and the policy only where it must. */
static void
test_load_deny(void **state)
{
	const struct scratch *s = *state;
	const char *conf = write_conf(s);
	struct config_files files;
	struct config cfg, both;

	(void)scratch_text(s, "denied-keys", "# list", 0644);
	(void)scratch_text(s, "p.json", "{}", 0644);
	check_load(conf, &both, NULL);
	config_files_init(&files);
	assert_int_equal(config_load_deny(&cfg, conf, &files, NULL), 0);
	assert_true(cfg.digest == both.digest);
	assert_true(cfg.deny_digest == both.deny_digest);
	assert_string_equal((char *)files.deny.text.data, "# list");
	assert_null(files.policy.text.data);
	assert_true(cfg.policy_digest == 0);
	config_load_policy(&cfg, &files);
	assert_true(cfg.policy_digest == both.policy_digest);
	assert_string_equal((char *)files.policy.text.data, "{}");
	config_files_free(&files);
}

static uint64_t
stamp(const char *conf)
{
	struct config cfg;

	check_load(conf, &cfg, NULL);
	return cfg.policy_stamp;
}

/* A stamp is one to go by only once a later change is sure to show in it. */
static void
test_stamp(void **state)
{
	const struct scratch *s = *state;
	const char *conf = write_conf(s);
	uint64_t first;

	assert_true(stamp(conf) == FILE_STAMP_MISSING);
	(void)scratch_text(s, "p.json", "{}", 0644);
	assert_true(stamp(conf) == FILE_STAMP_NONE);
	ahead_ms = -3600000;
	assert_true(stamp(conf) == FILE_STAMP_NONE);
	ahead_ms = 10000;
	first = stamp(conf);
	assert_true(first == file_stamp(scratch_path(s, "p.json")));
	assert_true(first > FILE_STAMP_MISSING);
	assert_true(stamp(conf) == first);
	(void)scratch_text(s, "p.json", "{ }", 0644);
	assert_true(stamp(conf) != first);
	/* What can't be trusted is read at each login. */
	assert_int_equal(fchmodat(s->fd, "p.json", 0664, 0), 0);
	assert_true(stamp(conf) == FILE_STAMP_NONE);
	ahead_ms = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_load),
	    scratch_test(test_digests),
	    scratch_test(test_unreadable),
	    scratch_test(test_no_config),
	    scratch_test(test_deny_file),
	    scratch_test(test_load_deny),
	    scratch_test(test_stamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
