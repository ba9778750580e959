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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NOW INT64_C(1750000000000)
#define RECORDS 8
#define KEY                                                          \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK9IrDfoO8QKhSujiCwH5C" \
	"e35penvfUmsoi6Y3xFDOPb"

struct record {
	struct record_key key;
	struct buf data;
};

static char dir[512];
static int dirfd_ = -1, filefd = -1;
static char fp[KEYREC_FP_LEN + 1];
static struct record records[RECORDS];
static unsigned nrecords;
static struct buf whole; /* a good file */

static struct buf *
add_record(const struct record_key *k)
{
	struct record *r = &records[nrecords++];

	CHECK(nrecords <= RECORDS);
	r->key = *k;
	buf_init(&r->data, 65536);
	return &r->data;
}

static void
make_records(void)
{
	const struct snapshot_head head = {.made_ms = NOW,
	    .due_ms = NOW + 1,
	    .usable = true,
	    .device = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"};
	const struct source_state st = {.outcome = OUTCOME_FAILED,
	    .reason = "portal answered 500",
	    .checked_ms = NOW - 5,
	    .asked_ms = NOW - 1,
	    .next_ms = NOW + 9,
	    .failures = 2,
	    .etag = "\"1\"",
	    .url = "https://h/keys"};
	struct record_key k;
	struct keyrec *rec;
	struct keyset ks;
	struct buf *b;

	keyset_init(&ks);
	CHECK((rec = keyset_add(&ks)) != NULL);
	rec->text = KEY " laptop";
	rec->textlen = strlen(rec->text);
	CHECK(pubkey_check_record(&ks, rec) == 0 && rec->refused == NULL);
	memcpy(fp, rec->fp, sizeof(fp));
	CHECK((rec = keyset_add(&ks)) != NULL);
	rec->refused = "dsa";
	k = record_key_head();
	record_put_head(add_record(&k), &head);
	k = record_key_source('s', SOURCE_PROJECT);
	record_put_state(add_record(&k), &st);
	k = record_key_source('k', SOURCE_PROJECT);
	CHECK(keyset_encode(&ks, add_record(&k)) == 0);
	keyset_free(&ks);
	CHECK(record_key_user(&k, "root") == 0);
	b = add_record(&k);
	record_put_line(b, NOW + 1, KEY " laptop\n", strlen(KEY) + 8);
	record_put_line(b, INT64_MAX, "ssh-rsa AAAA\n", 13);
	CHECK(record_key_line(&k, "root", fp) == 0);
	record_put_line(
	    add_record(&k), NOW + 1, KEY " laptop\n", strlen(KEY) + 8);
}

/* The records into the file, with digests that fit. */
static void
write_records(const struct record *r, unsigned n)
{
	struct cdb_make cdb;
	struct buf b;
	unsigned i;

	CHECK(ftruncate(filefd, 0) == 0 && lseek(filefd, 0, SEEK_SET) == 0);
	CHECK(cdb_make_start(&cdb, filefd) == 0);
	buf_init(&b, 1024 * 1024);
	for (i = 0; i < n; i++) {
		buf_reset(&b);
		(void)buf_put_u64(&b,
		    record_digest(&r[i].key, r[i].data.data, r[i].data.len));
		CHECK(buf_put(&b, r[i].data.data, r[i].data.len) == 0);
		CHECK(cdb_make_add(&cdb, r[i].key.data, r[i].key.len, b.data,
			  (unsigned)b.len) == 0);
	}
	CHECK(cdb_make_finish(&cdb) == 0);
	buf_free(&b);
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

static void
check_lines(struct snapshot *s, const char *user, const char *f)
{
	enum snapshot_find r;
	struct buf out;
	size_t at, len;

	buf_init(&out, 65536);
	(void)buf_puts(&out, "before\n");
	r = f == NULL ? snapshot_find_user(s, user, NOW, &out)
		      : snapshot_find_key(s, user, f, NOW, &out);
	CHECK(out.len >= 7 && memcmp(out.data, "before\n", 7) == 0);
	CHECK((r == SNAPSHOT_FOUND) == (out.len > 7));
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
	return 0;
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
	(void)snapshot_source_keys(s, src, &ks);
	in = (struct merge_input){&ks, src, freshness_until(&st[src], &f)};
	CHECK(merge_keys(&m, &in, 1) == 0);
	CHECK(m.n <= ks.n);
	CHECK(compile_builtin(&m, check_policy_line, NULL) == 0);
	merge_free(&m);
	keyset_free(&ks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
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
	(void)freshness_holds(&s.head, 0, 0, NOW);
	check_lines(&s, "root", NULL);
	check_lines(&s, "root", fp);
	check_lines(&s, "nobody", NULL);
	check_lines(&s, "", "");
	for (i = 0; i < SOURCE_COUNT; i++)
		check_source(&s, i);
	snapshot_close(&s);
	return 0;
}
