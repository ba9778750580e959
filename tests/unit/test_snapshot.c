/* SPDX-License-Identifier: ISC */
/* Lookups in a snapshot: what the writer put in, and nothing else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "snapshot_sample.h"

static void
open_sample(const struct scratch *s, struct snapshot *snap)
{
	struct error err = {""};

	if (snapshot_open(snap, s->fd, geteuid(), &err) != SNAPSHOT_OK)
		fail_msg("%s", err.text);
}

/* Looks user up, by fp if it isn't NULL; NULL want: must not be found. */
static void
check_at(struct snapshot *snap, const char *user, const char *fp, int64_t now,
    const char *want)
{
	enum snapshot_find r;
	struct buf out;

	buf_init(&out, 1024 * 1024);
	assert_int_equal(buf_puts(&out, "before|"), 0);
	r = sample_find(snap, user, fp, now, &out);
	assert_int_equal(r, want == NULL ? SNAPSHOT_NOT_FOUND : SNAPSHOT_FOUND);
	assert_memory_equal(out.data, "before|", 7);
	assert_int_equal(out.len, 7 + (want == NULL ? 0 : strlen(want)));
	if (want != NULL)
		assert_memory_equal(out.data + 7, want, strlen(want));
	buf_free(&out);
}

static void
check(struct snapshot *snap, const char *user, const char *fp, const char *want)
{
	check_at(snap, user, fp, SAMPLE_NOW, want);
}

static void
test_missing(void **state)
{
	const struct scratch *s = *state;
	struct snapshot snap;
	struct error err = {""};

	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), &err), SNAPSHOT_MISSING);
	assert_non_null(strstr(err.text, "keys.cdb: No such file"));
	snapshot_close(&snap);
	snapshot_close(&snap);
}

static void
test_round_trip(void **state)
{
	const struct scratch *s = *state;
	struct source_state st;
	struct snapshot snap;
	struct memberset ms;
	struct keyset ks;

	sample_publish(s->fd);
	open_sample(s, &snap);
	assert_true(sample_head_same(&snap.head));
	assert_int_equal(fcntl(snap.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(
	    snapshot_source_state(&snap, SOURCE_PROJECT, &st), SNAPSHOT_FOUND);
	assert_true(sample_state_same(&st));
	assert_int_equal(
	    snapshot_source_keys(&snap, SOURCE_PROJECT, &ks), SNAPSHOT_FOUND);
	assert_true(sample_keys_same(&ks));
	keyset_free(&ks);
	assert_int_equal(snapshot_members(&snap, &ms), SNAPSHOT_FOUND);
	assert_true(sample_members_same(&ms));
	memberset_free(&ms);
	snapshot_close(&snap);
	assert_int_equal(snap.fd, -1);
}

/* Byte for byte, and behind what is there. */
static void
test_texts(void **state)
{
	const struct scratch *s = *state;
	struct snapshot snap;
	struct buf out;
	unsigned o;

	sample_publish(s->fd);
	open_sample(s, &snap);
	buf_init(&out, 4096);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		buf_reset(&out);
		assert_int_equal(
		    snapshot_policy(&snap, o, &out), SNAPSHOT_FOUND);
		assert_true(sample_text_same(&out, &sample_policies[o]));
	}
	assert_int_equal(snapshot_deny(&snap, &out), SNAPSHOT_FOUND);
	assert_int_equal(out.len, sample_policies[1].len + sample_deny.len);
	assert_memory_equal(
	    out.data + sample_policies[1].len, sample_deny.p, sample_deny.len);
	buf_free(&out);
	/* No room for it: nothing of it. */
	buf_init(&out, sample_deny.len - 1);
	assert_int_equal(snapshot_deny(&snap, &out), SNAPSHOT_ERROR);
	assert_int_equal(out.len, 0);
	buf_free(&out);
	snapshot_close(&snap);
}

/* A snapshot with nothing but a head. */
static void
test_nothing_else(void **state)
{
	const struct scratch *s = *state;
	struct snapshot_head head = sample_head;
	struct snapshot snap;
	struct memberset ms;
	struct writer w;
	struct buf out;

	head.has = 0;
	assert_int_equal(writer_begin(&w, s->fd, 0, NULL), 0);
	assert_int_equal(writer_put_head(&w, &head), 0);
	assert_int_equal(writer_publish(&w, NULL), 0);
	open_sample(s, &snap);
	memset(&ms, 0x5a, sizeof(ms));
	assert_int_equal(snapshot_members(&snap, &ms), SNAPSHOT_NOT_FOUND);
	assert_int_equal(ms.n, 0);
	assert_null(ms.v);
	buf_init(&out, 10);
	assert_int_equal(
	    snapshot_policy(&snap, GRANT_FILE, &out), SNAPSHOT_NOT_FOUND);
	assert_int_equal(
	    snapshot_policy(&snap, GRANT_FLEET, &out), SNAPSHOT_NOT_FOUND);
	assert_int_equal(snapshot_deny(&snap, &out), SNAPSHOT_NOT_FOUND);
	assert_int_equal(out.len, 0);
	buf_free(&out);
	check(&snap, "root", NULL, NULL);
	check(&snap, "root", FP_A, NULL);
	snapshot_close(&snap);
}

/* What was never put in comes back empty. */
static void
test_sources_not_there(void **state)
{
	static const struct source_state none;
	const struct scratch *s = *state;
	struct source_state st;
	struct snapshot snap;
	struct keyset ks;
	unsigned i;

	sample_publish(s->fd);
	open_sample(s, &snap);
	for (i = 0; i < SOURCE_COUNT; i++) {
		if (i == SOURCE_PROJECT)
			continue;
		memset(&st, 0x5a, sizeof(st));
		memset(&ks, 0x5a, sizeof(ks));
		assert_int_equal(
		    snapshot_source_state(&snap, i, &st), SNAPSHOT_NOT_FOUND);
		assert_memory_equal(&st, &none, sizeof(st));
		assert_int_equal(
		    snapshot_source_keys(&snap, i, &ks), SNAPSHOT_NOT_FOUND);
		assert_int_equal(ks.n, 0);
		assert_null(ks.v);
	}
	snapshot_close(&snap);
}

/* Each outcome and each end of the integers, all strings full. */
static void
test_state_values(void **state)
{
	const struct scratch *s = *state;
	struct source_state in = {0}, out;
	struct snapshot_head head = sample_head;
	struct snapshot snap;
	struct error err;
	struct writer w;
	unsigned i;

	memset(in.reason, 'r', sizeof(in.reason) - 1);
	memset(in.id, 'i', sizeof(in.id) - 1);
	memset(in.etag, 'e', sizeof(in.etag) - 1);
	memset(in.url, 'u', sizeof(in.url) - 1);
	in.checked_ms = INT64_MIN;
	in.votes = UINT32_MAX;
	memset(head.device, 'd', sizeof(head.device) - 1);
	memset(head.project, 'p', sizeof(head.project) - 1);
	head.usable = false;
	head.degraded = true;
	head.made_ms = INT64_MIN;
	head.learned_ms = INT64_MAX;
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(writer_put_head(&w, &head), 0);
	for (i = 0; i < SOURCE_COUNT; i++) {
		in.outcome = i % (OUTCOME_FAILED + 1);
		assert_int_equal(writer_put_state(&w, i, &in), 0);
	}
	assert_int_equal(writer_publish(&w, &err), 0);
	open_sample(s, &snap);
	assert_string_equal(snap.head.device, head.device);
	assert_string_equal(snap.head.project, head.project);
	assert_false(snap.head.usable);
	assert_true(snap.head.degraded);
	assert_true(snap.head.made_ms == INT64_MIN);
	assert_true(snap.head.learned_ms == INT64_MAX);
	for (i = 0; i < SOURCE_COUNT; i++) {
		assert_int_equal(
		    snapshot_source_state(&snap, i, &out), SNAPSHOT_FOUND);
		assert_int_equal(out.outcome, i % (OUTCOME_FAILED + 1));
		assert_string_equal(out.reason, in.reason);
		assert_string_equal(out.id, in.id);
		assert_string_equal(out.etag, in.etag);
		assert_string_equal(out.url, in.url);
		assert_true(out.checked_ms == INT64_MIN);
		assert_int_equal(out.votes, UINT32_MAX);
	}
	snapshot_close(&snap);
}

static void
test_find(void **state)
{
	const struct scratch *s = *state;
	struct snapshot snap;

	sample_publish(s->fd);
	open_sample(s, &snap);
	check(
	    &snap, "root", NULL, "ssh-ed25519 AAAA alice\nssh-rsa BBBB bob\n");
	check(&snap, "deploy", NULL, "restrict ssh-ed25519 AAAA alice\n");
	check(&snap, "root", FP_A, "ssh-ed25519 AAAA alice\n");
	check(&snap, "root", FP_B, "ssh-rsa BBBB bob\n");
	check(&snap, "deploy", FP_A, "restrict ssh-ed25519 AAAA alice\n");
	/* Another account's key, and nobody's. */
	check(&snap, "deploy", FP_B, NULL);
	check(&snap, "root", FP_C, NULL);
	check(&snap, "nobody", NULL, NULL);
	check(&snap, "nobody", FP_A, NULL);
	snapshot_close(&snap);
}

static void
test_expiry(void **state)
{
	const struct scratch *s = *state;
	struct snapshot snap;

	sample_publish(s->fd);
	open_sample(s, &snap);
	check_at(&snap, "root", FP_B, SAMPLE_SOON - 1, "ssh-rsa BBBB bob\n");
	check_at(&snap, "root", FP_B, SAMPLE_SOON, NULL);
	check_at(&snap, "root", FP_B, SAMPLE_SOON + 1, NULL);
	check_at(&snap, "root", NULL, SAMPLE_SOON, "ssh-ed25519 AAAA alice\n");
	check_at(&snap, "root", FP_B, INT64_MIN, "ssh-rsa BBBB bob\n");
	check_at(
	    &snap, "root", FP_A, INT64_MAX - 1, "ssh-ed25519 AAAA alice\n");
	snapshot_close(&snap);
}

/* An account all of whose lines have expired has none. */
static void
test_all_expired(void **state)
{
	struct sample_line lines[] = {SAMPLE_OWN("a", FP_A, "x\n"),
	    SAMPLE_OWN("a", FP_B, "y\n"), SAMPLE_OWN("a", FP_C, "z\n")};
	const struct scratch *s = *state;
	struct snapshot snap;
	struct error err;
	struct writer w;

	lines[0].until = SAMPLE_NOW;
	lines[1].until = SAMPLE_NOW - 1;
	lines[2].until = INT64_MIN;
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	sample_put_shut(&w);
	sample_put_lines(&w, lines, 3);
	assert_int_equal(writer_publish(&w, &err), 0);
	open_sample(s, &snap);
	check(&snap, "a", NULL, NULL);
	check_at(&snap, "a", NULL, SAMPLE_NOW - 1, "x\n");
	check_at(&snap, "a", NULL, SAMPLE_NOW - 2, "x\ny\n");
	snapshot_close(&snap);
}

static void
test_hostile_users(void **state)
{
	static const char *const users[] = {"", "roo", "roott", "Root", " root",
	    "root ", "root\n", "uroot", "eroot", "aroot", "a", "e", "h", "s\1",
	    "k\1", "m", "p\1", "d", "n", "x", ("r" FP_E), "../root", "/", "*",
	    "%u", "$(id)", ("root\t" FP_A), "\xff\xfe", "root\xc2\xa0", "-c",
	    "\1\2\3"};
	const struct scratch *s = *state;
	struct snapshot snap;
	char *huge;
	size_t i;

	sample_publish(s->fd);
	open_sample(s, &snap);
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		check(&snap, users[i], NULL, NULL);
		check(&snap, users[i], FP_A, NULL);
	}
	assert_non_null(huge = malloc(1000001));
	for (i = 1; i <= 1000000; i *= 10) {
		memset(huge, 'r', i);
		huge[i] = '\0';
		check(&snap, huge, NULL, NULL);
		check(&snap, huge, FP_A, NULL);
		check(&snap, "root", huge, NULL);
		check(&snap, huge, huge, NULL);
	}
	free(huge);
	snapshot_close(&snap);
}

static void
test_hostile_fingerprints(void **state)
{
	static const char *const fps[] = {"", "SHA256:", "MD5:00:11:22",
	    (FP_A "A"), (FP_A "="), (FP_A "\n"), (" " FP_A), "\n",
	    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "SHA256:aAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\xff",
	    "00000000000000000000000000000000000000000000000000"};
	const struct scratch *s = *state;
	struct snapshot snap;
	size_t i;

	sample_publish(s->fd);
	open_sample(s, &snap);
	for (i = 0; i < sizeof(fps) / sizeof(fps[0]); i++) {
		check(&snap, "root", fps[i], NULL);
		check(&snap, "", fps[i], NULL);
	}
	snapshot_close(&snap);
}

/* Whatever bytes an account's name has, only that account gets its lines. */
static void
test_any_names(void **state)
{
	char names[6][LIMIT_USER_NAME + 2] = {
	    "a", "a\n", "\xff\x80\x01", "a b\"c'd\\", "../../etc/shadow", ""};
	struct sample_line lines[6];
	char text[6][16];
	const struct scratch *s = *state;
	struct snapshot snap;
	struct error err;
	struct writer w;
	size_t i;

	memset(names[5], 'z', LIMIT_USER_NAME);
	for (i = 0; i < 6; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "line %zu\n", i);
		lines[i] =
		    (struct sample_line)SAMPLE_OWN(names[i], FP_A, text[i]);
	}
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	sample_put_shut(&w);
	sample_put_lines(&w, lines, 6);
	assert_int_equal(writer_publish(&w, &err), 0);
	open_sample(s, &snap);
	for (i = 0; i < 6; i++) {
		check(&snap, names[i], NULL, text[i]);
		check(&snap, names[i], FP_A, text[i]);
		check(&snap, names[i], FP_B, NULL);
	}
	/* One byte less or more than the longest is another name. */
	names[5][LIMIT_USER_NAME] = 'z';
	check(&snap, names[5], NULL, NULL);
	names[5][LIMIT_USER_NAME - 1] = '\0';
	check(&snap, names[5], NULL, NULL);
	snapshot_close(&snap);
}

/* What no lookup could ever ask for must not be written in silence. */
static void
test_writer_refuses(void **state)
{
	const struct scratch *s = *state;
	const enum grant_scope u = GRANT_ACCOUNT;
	char name[LIMIT_USER_NAME + 2];
	struct snapshot snap;
	struct error err;
	struct buf b;
	struct writer w;

	memset(name, 'z', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	buf_init(&b, 1000);
	sample_put_line(&b, &sample_lines[0]);
	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	sample_put_shut(&w);
	errno = 0;
	assert_int_equal(writer_put_lines(&w, u, name, FP_A, &b), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(writer_put_lines(&w, u, "", FP_A, &b), -1);
	assert_int_equal(writer_put_lines(&w, GRANT_FOLDED, "", FP_A, &b), -1);
	assert_int_equal(writer_put_lines(&w, u, "a", "", &b), -1);
	assert_int_equal(writer_put_lines(&w, u, "a", FP_A "A", &b), -1);
	assert_int_equal(writer_put_lines(&w, u, "a", "C", &b), -1);
	assert_int_equal(writer_put_lines(&w, u, "a", "CAA", &b), -1);
	assert_int_equal(writer_put_lines(&w, u, name, NULL, &b), -1);
	assert_int_equal(writer_put_lines(&w, u, "", NULL, &b), -1);
	b.failed = true;
	assert_int_equal(writer_put_lines(&w, u, "a", NULL, &b), -1);
	assert_int_equal(writer_publish(&w, &err), 0);
	open_sample(s, &snap);
	check(&snap, "a", NULL, NULL);
	check(&snap, "a", FP_A, NULL);
	snapshot_close(&snap);
	buf_free(&b);
}

/* Nor a code that is no key's, nor what memory ran out for. */
static void
test_writer_refuses_others(void **state)
{
	const struct scratch *s = *state;
	char code[SNAPSHOT_CODE_SIZE + 1];
	struct error err;
	struct writer w;
	struct buf b;

	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	errno = 0;
	assert_int_equal(writer_put_refused(&w, "", "x"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(writer_put_refused(&w, FP_A "A", "x"), -1);
	memset(code, 'x', sizeof(code));
	code[SNAPSHOT_CODE_SIZE] = '\0';
	assert_int_equal(writer_put_refused(&w, FP_A, code), -1);
	code[SNAPSHOT_CODE_SIZE - 1] = '\0';
	assert_int_equal(writer_put_refused(&w, FP_A, code), 0);
	buf_init(&b, 4);
	assert_int_equal(buf_puts(&b, "12345"), -1);
	errno = 0;
	assert_int_equal(writer_put_policy(&w, GRANT_FILE, &b), -1);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(writer_put_deny(&w, &b), -1);
	assert_int_equal(writer_put_named(&w, &b), -1);
	assert_int_equal(writer_put_denied(&w, &b), -1);
	writer_abandon(&w);
	buf_free(&b);
}

/* No room for the whole answer: not even the part that fits. */
static void
test_out_is_full(void **state)
{
	static const char want[] = "ssh-ed25519 AAAA alice\nssh-rsa BBBB bob\n";
	const struct scratch *s = *state;
	struct snapshot snap;
	struct buf out;
	size_t cap;

	sample_publish(s->fd);
	open_sample(s, &snap);
	for (cap = 0; cap < sizeof(want) - 1; cap++) {
		buf_init(&out, cap);
		assert_int_equal(
		    sample_find(&snap, "root", NULL, SAMPLE_NOW, &out),
		    SNAPSHOT_ERROR);
		assert_int_equal(out.len, 0);
		buf_free(&out);
	}
	buf_init(&out, cap);
	assert_int_equal(
	    sample_find(&snap, "root", NULL, SAMPLE_NOW, &out), SNAPSHOT_FOUND);
	buf_free(&out);
	snapshot_close(&snap);
}

/* Each of many is found, and a stranger among them is not. */
static void
test_many(void **state)
{
	enum { MANY = 3000 };
	const struct scratch *s = *state;
	char fp[KEYREC_FP_LEN + 1], line[32], user[16];
	const struct sample_line one = SAMPLE_OWN(user, fp, line);
	struct snapshot snap;
	struct error err;
	struct writer w;
	unsigned i;

	assert_int_equal(writer_begin(&w, s->fd, 0, &err), 0);
	assert_int_equal(writer_put_head(&w, &sample_head), 0);
	sample_put_shut(&w);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(fp, sizeof(fp), "SHA256:%043u", i);
		(void)snprintf(line, sizeof(line), "line %u\n", i);
		(void)snprintf(user, sizeof(user), "user%u", i / 10);
		sample_put_lines(&w, &one, 1);
	}
	assert_int_equal(writer_publish(&w, &err), 0);
	open_sample(s, &snap);
	for (i = 0; i < MANY + 1000; i++) {
		(void)snprintf(fp, sizeof(fp), "SHA256:%043u", i);
		(void)snprintf(line, sizeof(line), "line %u\n", i);
		(void)snprintf(user, sizeof(user), "user%u", i / 10);
		check(&snap, user, fp, i < MANY ? line : NULL);
		check(&snap, "user", fp, NULL);
	}
	snapshot_close(&snap);
}

/* The keys of the records as cache/snapshot.h documents them. */
static void
test_documented_keys(void **state)
{
	static const struct {
		const char *key;
		unsigned len;
	} keys[] = {{"h", 1}, {"s\1", 2}, {"k\1", 2}, {"m", 1}, {"p\0", 2},
	    {"p\1", 2}, {"d", 1}, {"n", 1}, {"x", 1},
	    {"r" FP_B, 1 + KEYREC_FP_LEN}, {"uroot", 5}, {"udeploy", 7},
	    {"uroot\0" FP_A, 6 + KEYREC_FP_LEN},
	    {"udeploy\0" FP_A, 8 + KEYREC_FP_LEN}, {"uca", 3}, {"uca\0CA", 6},
	    {"ecarol", 6}, {"ecarol\0" FP_C, 7 + KEYREC_FP_LEN}, {"a", 1},
	    {"a\0" FP_C, 2 + KEYREC_FP_LEN}};
	const struct scratch *s = *state;
	struct snapshot snap;
	size_t i;

	sample_publish(s->fd);
	open_sample(s, &snap);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_int_equal(
		    cdb_find(&snap.cdb, keys[i].key, keys[i].len), 1);
	}
	snapshot_close(&snap);
}

/* Whether the file is still mapped into this process. */
static bool
is_mapped(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[4096];
	bool mapped = false;

	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strstr(line, "/" SNAPSHOT_FILE) != NULL)
			mapped = true;
	}
	(void)fclose(f);
	return mapped;
}

/* A service that runs for months opens it again and again. */
static void
test_nothing_left(void **state)
{
	const struct scratch *s = *state;
	struct snapshot snap;
	char zero[4096] = "";

	sample_publish(s->fd);
	open_sample(s, &snap);
	if (!is_mapped()) {
		snapshot_close(&snap);
		skip();
	}
	snapshot_close(&snap);
	assert_false(is_mapped());
	(void)scratch_file(s, SNAPSHOT_FILE, zero, sizeof(zero), 0600);
	assert_int_equal(
	    snapshot_open(&snap, s->fd, geteuid(), NULL), SNAPSHOT_BAD);
	assert_false(is_mapped());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_missing),
	    scratch_test(test_round_trip),
	    scratch_test(test_texts),
	    scratch_test(test_nothing_else),
	    scratch_test(test_sources_not_there),
	    scratch_test(test_state_values),
	    scratch_test(test_find),
	    scratch_test(test_expiry),
	    scratch_test(test_all_expired),
	    scratch_test(test_hostile_users),
	    scratch_test(test_hostile_fingerprints),
	    scratch_test(test_any_names),
	    scratch_test(test_writer_refuses),
	    scratch_test(test_writer_refuses_others),
	    scratch_test(test_out_is_full),
	    scratch_test(test_many),
	    scratch_test(test_documented_keys),
	    scratch_test(test_nothing_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
