/* SPDX-License-Identifier: ISC */
/*
 * A changed snapshot, in one of three ways that the first byte names:
 *	f	triples (patch.h) to the bytes of a good file
 *	d	a record's number and a triple, again and again: changes to
 *		what is in the records, with digests that fit
 *	else	the bytes themselves, filled up to a size that is looked at
 * Whatever is read from it then goes the way that it takes in the programs.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cache/freshness.h"
#include "cache/record.h"
#include "cache/writer.h"
#include "policy/compile.h"
#include "policy/pubkey.h"
#include "tests/fuzz/patch.h"
#include "cache/index.h"
#include "tests/fuzz/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[512];
static int dirfd_ = -1, filefd = -1;
static struct buf whole; /* a good file */

/* An index_put, for all that is written, with digests that fit. */
static int
write_record(
    void *cdb, const struct record_key *k, const void *data, size_t len)
{
	struct buf b;

	buf_init(&b, 1024 * 1024);
	(void)buf_put_u64(&b, record_digest(k, data, len));
	CHECK(buf_put(&b, data, len) == 0);
	CHECK(cdb_make_add(cdb, k->data, k->len, b.data, (unsigned)b.len) == 0);
	buf_free(&b);
	return 0;
}

static void
write_records(const struct record *r, unsigned n)
{
	struct cdb_make cdb;
	struct index x;
	unsigned i;

	CHECK(ftruncate(filefd, 0) == 0 && lseek(filefd, 0, SEEK_SET) == 0);
	CHECK(cdb_make_start(&cdb, filefd) == 0);
	index_init(&x);
	for (i = 0; i < n; i++) {
		if (index_covers(&r[i].key))
			CHECK(index_note(&x, &r[i].key) == 0);
		CHECK(write_record(
			  &cdb, &r[i].key, r[i].data.data, r[i].data.len) == 0);
	}
	CHECK(index_write(&x, write_record, &cdb) == 0);
	index_free(&x);
	CHECK(cdb_make_finish(&cdb) == 0);
}

static void
write_bytes(const unsigned char *data, size_t len)
{
	CHECK(ftruncate(filefd, 0) == 0);
	CHECK(pwrite(filefd, data, len, 0) == (ssize_t)len);
}

static void
clean_up(void)
{
	(void)unlinkat(dirfd_, SNAPSHOT_FILE, 0);
	(void)rmdir(dir);
}

static void
set_up(void)
{
	const char *tmp = getenv("TMPDIR");
	struct stat st;

	(void)snprintf(dir, sizeof(dir), "%s/fuzz-snapshot.XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	CHECK(mkdtemp(dir) != NULL);
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dirfd_ != -1);
	CHECK(atexit(clean_up) == 0);
	filefd = openat(
	    dirfd_, SNAPSHOT_FILE, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	CHECK(filefd != -1);
	make_records();
	write_records(records, nrecords);
	CHECK(fstat(filefd, &st) == 0);
	buf_init(&whole, 1024 * 1024);
	CHECK(buf_reserve(&whole, (size_t)st.st_size) == 0);
	whole.len = (size_t)st.st_size;
	CHECK(pread(filefd, whole.data, whole.len, 0) == st.st_size);
}

static void
change_records(const uint8_t *data, size_t len)
{
	struct record changed[RECORDS];
	unsigned i;

	for (i = 0; i < nrecords; i++) {
		changed[i] = records[i];
		changed[i].data.data =
		    patch_copy(records[i].data.data, records[i].data.len);
	}
	for (; len > PATCH_SIZE;
	     data += 1 + PATCH_SIZE, len -= 1 + PATCH_SIZE) {
		i = data[0] % nrecords;
		patch_apply(
		    changed[i].data.data, &changed[i].data.len, data + 1);
	}
	write_records(changed, nrecords);
	for (i = 0; i < nrecords; i++)
		free(changed[i].data.data);
}

static void
change_file(const uint8_t *data, size_t len)
{
	unsigned char *p = patch_copy(whole.data, whole.len);
	size_t n = whole.len;

	for (; len >= PATCH_SIZE; data += PATCH_SIZE, len -= PATCH_SIZE)
		patch_apply(p, &n, data);
	write_bytes(p, n);
	free(p);
}

static int
in_some(
    void *ctx, const char *user, const char *const *names, size_t n, bool *in)
{
	unsigned *calls = ctx;
	size_t i, k;

	(void)user;
	CHECK((*calls)++ == 0 && n != 0);
	for (i = 0; i < n; i++) {
		CHECK(names[i][0] != '\0');
		CHECK(strlen(names[i]) <= LIMIT_USER_NAME);
		for (k = 0; k < i; k++)
			CHECK(strcmp(names[i], names[k]) != 0);
		in[i] = i % 2 == 0;
	}
	return 0;
}

static void
check_lines(struct snapshot *s, const char *user, const char *f)
{
	unsigned calls = 0;
	const struct snapshot_ask ask = {.user = user,
	    .fp = f,
	    .now_ms = NOW,
	    .deny = DENIED,
	    .denylen = KEYREC_FP_LEN,
	    .groups = in_some,
	    .ctx = &calls};
	char reason[SNAPSHOT_CODE_SIZE];
	enum snapshot_find r;
	struct buf out;
	size_t at, len;

	buf_init(&out, 65536);
	(void)buf_puts(&out, "before\n");
	r = snapshot_find(s, &ask, &out, reason);
	CHECK(strnlen(reason, sizeof(reason)) < sizeof(reason));
	CHECK(r == SNAPSHOT_NOT_FOUND || reason[0] == '\0');
	CHECK(out.len >= 7 && memcmp(out.data, "before\n", 7) == 0);
	CHECK((r == SNAPSHOT_FOUND) == (out.len > 7));
	CHECK(r != SNAPSHOT_FOUND || (user[0] != '\0' && f != denied));
	for (at = 0; at < out.len; at += len) {
		unsigned char *nl = memchr(out.data + at, '\n', out.len - at);

		CHECK(nl != NULL);
		len = (size_t)(nl - out.data) - at + 1;
		CHECK(len <= LIMIT_LINE);
	}
	buf_free(&out);
}

/* Each line of the policy is one line, whatever the records hold. */
static int
check_policy_line(void *ctx, const struct compile_line *line)
{
	(void)ctx;
	CHECK(line->len > 0 && line->len <= LIMIT_LINE);
	CHECK(
	    memchr(line->line, '\n', line->len) == line->line + line->len - 1);
	CHECK(strlen(line->fp) == KEYREC_FP_LEN);
	CHECK(strlen(line->grant.name) <= LIMIT_USER_NAME);
	return 0;
}

/* A document of the snapshot, if it has one that is valid. */
static void
read_policy(struct snapshot *s, enum grant_origin o, struct policy *p,
    struct judge_origin *origin)
{
	struct error err;
	struct buf text;

	buf_init(&text, LIMIT_POLICY_FILE);
	*origin = (struct judge_origin){.wanted = true, .until_ms = NOW + 1};
	if (snapshot_policy(s, o, &text) == SNAPSHOT_FOUND &&
	    policy_parse(p, (const char *)text.data, text.len, &err) ==
		POLICY_OK)
		origin->doc = p;
	buf_free(&text);
}

/* What a fetch without a portal makes of it, with and without documents. */
static void
check_policy(struct snapshot *s, const struct merged *keys)
{
	const struct compile_out out = {.line = check_policy_line};
	struct policy doc[GRANT_ORIGINS] = {0};
	struct judge_input in = {.keys = keys, .now_ms = NOW};
	struct memberset ms;
	struct buf deny;
	unsigned o;

	(void)snapshot_members(s, &ms);
	buf_init(&deny, LIMIT_DENY_FILE);
	(void)snapshot_deny(s, &deny);
	in.members = &ms;
	in.members_until_ms = NOW + 1;
	in.deny = (const char *)deny.data;
	in.denylen = deny.len;
	CHECK(compile(&in, &out) == 0);
	for (o = 0; o < GRANT_ORIGINS; o++) {
		read_policy(s, o, &doc[o], &in.origin[o]);
		CHECK(compile(&in, &out) == 0);
	}
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (in.origin[o].doc != NULL)
			policy_free(&doc[o]);
	}
	buf_free(&deny);
	memberset_free(&ms);
}

static void
check_source(struct snapshot *s, enum source src)
{
	const struct freshness f = {5000, INT64_C(604800000), 10000};
	struct source_state st[SOURCE_COUNT] = {0};
	struct merge_input in;
	struct merged m;
	struct keyset ks;
	char span[32];

	(void)snapshot_source_state(s, src, &st[src]);
	CHECK(st[src].outcome <= OUTCOME_FAILED);
	CHECK(strlen(st[src].reason) < LIMIT_REASON);
	CHECK(strlen(st[src].url) < LIMIT_URL);
	(void)freshness_needs_ask(&st[src], &f, NOW);
	(void)freshness_until(&st[src], &f);
	(void)freshness_due(st, SOURCE_BIT(src), &f, NOW);
	(void)freshness_backoff(f.retry, st[src].failures, 0, 0);
	freshness_doubt(&st[src], NOW);
	CHECK(st[src].checked_ms <= NOW || st[src].doubted_ms <= NOW);
	(void)text_span(span, sizeof(span), st[src].checked_ms);
	if (src >= SOURCE_KEYS)
		return;
	(void)snapshot_source_keys(s, src, &ks);
	in = (struct merge_input){&ks, src, freshness_until(&st[src], &f)};
	CHECK(merge_keys(&m, &in, 1) == 0);
	CHECK(m.n <= ks.n);
	if (src == SOURCE_PROJECT)
		check_policy(s, &m);
	merge_free(&m);
	keyset_free(&ks);
}

static void
check_logins(struct snapshot *s)
{
	static const char *const users[] = {
	    "root", "ca", "Alice", "bob", "carol", "nobody", ""};
	const char *const fps[] = {NULL, fp, denied, ""};
	size_t i, k;

	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		for (k = 0; k < sizeof(fps) / sizeof(fps[0]); k++)
			check_lines(s, users[i], fps[k]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct freshness_digests none = {0};
	struct error err = {""};
	struct snapshot s;
	unsigned i;

	if (dirfd_ == -1)
		set_up();
	if (len > 0 && data[0] == 'f') {
		change_file(data + 1, len - 1);
	} else if (len > 0 && data[0] == 'd') {
		change_records(data + 1, len - 1);
	} else {
		write_bytes(data, len);
		if (len < 2048)
			CHECK(ftruncate(filefd, 4096) == 0);
	}
	if (snapshot_open(&s, dirfd_, geteuid(), &err) != SNAPSHOT_OK) {
		CHECK(err.text[0] != '\0' && s.fd == -1);
		return 0;
	}
	CHECK(strlen(s.head.device) < SNAPSHOT_UUID_SIZE);
	CHECK(strlen(s.head.project) < SNAPSHOT_UUID_SIZE);
	(void)freshness_holds(&s.head, &none, NOW);
	check_logins(&s);
	for (i = 0; i < SOURCE_COUNT; i++)
		check_source(&s, i);
	snapshot_close(&s);
	return 0;
}
