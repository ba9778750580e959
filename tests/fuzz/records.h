/*
 * The records of a good snapshot, with something of each kind: to be changed.
 */
#ifndef TESTS_FUZZ_RECORDS_H
#define TESTS_FUZZ_RECORDS_H

#include "cache/record.h"
#include "policy/pubkey.h"
#include "tests/fuzz/patch.h"

#define NOW INT64_C(1750000000000)
#define RECORDS 24
#define KEY                                                          \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK9IrDfoO8QKhSujiCwH5C" \
	"e35penvfUmsoi6Y3xFDOPb"
#define LINE KEY " laptop\n"
#define ALICE_ID "aaaaaaaa-0000-4000-8000-000000000001"
#define DENIED "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FILE_POLICY                                                  \
	"{\"version\":1,\"users\":{\"*\":{\"owners\":[\"%u@b.c\"],"  \
	"\"options\":\"no-pty\"}},\"groups\":{\"wheel\":{\"roles\":" \
	"[\"admin\"],\"options\":\"cert-authority\"}}}"
#define FLEET_POLICY                                                       \
	"{\"version\":1,\"keys\":{\"require_member\":true},\"users\":{\"*" \
	"\":{}},\"groups\":{\"ops\":{\"options\":\"cert-authority\"}}}"

struct record {
	struct record_key key;
	struct buf data;
};

static char fp[KEYREC_FP_LEN + 1];
static const char denied[] = DENIED;
static struct record records[RECORDS];
static unsigned nrecords;

static inline struct buf *
add_record(const struct record_key *k)
{
	struct record *r = &records[nrecords++];

	CHECK(nrecords <= RECORDS);
	r->key = *k;
	buf_init(&r->data, 65536);
	return &r->data;
}

static inline void
add_text(struct record_key k, const char *text)
{
	CHECK(buf_puts(add_record(&k), text) == 0);
}

static inline void
make_head(void)
{
	const struct snapshot_head head = {.made_ms = NOW,
	    .due_ms = NOW + 1,
	    .has = SNAPSHOT_HAS_ANY | SNAPSHOT_HAS_FOLDED |
		SNAPSHOT_HAS_AUTHORITIES,
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
	struct record_key k = record_key_head();

	record_put_head(add_record(&k), &head);
	k = record_key_source('s', SOURCE_PROJECT);
	record_put_state(add_record(&k), &st);
}

static inline void
make_held(void)
{
	struct record_key k = record_key_source('k', SOURCE_PROJECT);
	struct memberset ms;
	struct keyset ks;
	struct keyrec *rec;
	struct member *m;

	keyset_init(&ks);
	CHECK((rec = keyset_add(&ks)) != NULL);
	rec->owner = "user:" ALICE_ID;
	rec->text = KEY " laptop";
	rec->textlen = strlen(rec->text);
	CHECK(pubkey_check_record(&ks, rec) == 0 && rec->refused == NULL);
	memcpy(fp, rec->fp, sizeof(fp));
	CHECK((rec = keyset_add(&ks)) != NULL);
	rec->refused = "dsa";
	CHECK(keyset_encode(&ks, add_record(&k)) == 0);
	keyset_free(&ks);
	memberset_init(&ms);
	CHECK((m = memberset_add(&ms)) != NULL);
	m->id = ALICE_ID;
	m->email = "alice@b.c";
	CHECK((m->roles = memberset_roles(&ms, 1)) != NULL);
	m->roles[0] = "admin";
	m->nroles = 1;
	k = record_key_members();
	CHECK(memberset_encode(&ms, add_record(&k)) == 0);
	memberset_free(&ms);
	add_text(record_key_policy(GRANT_FILE), FILE_POLICY);
	add_text(record_key_policy(GRANT_FLEET), FLEET_POLICY);
	add_text(record_key_deny(), DENIED "\n");
}

static inline void
make_shut(void)
{
	struct record_key k = record_key_named();
	struct buf *b = add_record(&k);

	record_put_named(b, "bob", GRANT_BIT(GRANT_FILE));
	record_put_named(b, "carol", GRANT_NAMED_ALL);
	add_text(record_key_denied(), DENIED "\n");
	CHECK(record_key_refused(&k, DENIED) == 0);
	add_text(k, SNAPSHOT_DENIED);
	CHECK(record_key_refused(&k, fp) == 0);
	add_text(k, "not-member");
}

/* The same line for all lines of a name and for one key, or every one. */
static inline void
make_line(enum grant_scope scope, const char *name, bool authority,
    const char *file, const char *fleet)
{
	const struct snapshot_line line = {
	    .grant = {.unless_named = GRANT_BIT(GRANT_FILE),
		.groups = {file, fleet}},
	    .fp = fp,
	    .until_ms = NOW + 1,
	    .line = authority ? "cert-authority " LINE : LINE,
	    .len = strlen(LINE) + (authority ? 15 : 0)};
	struct record_key k;
	struct buf *b;

	CHECK(record_key_lines(&k, scope, name, NULL) == 0);
	b = add_record(&k);
	record_put_line(b, &line);
	record_put_line(b, &line);
	CHECK(record_key_lines(
		  &k, scope, name, authority ? SNAPSHOT_AUTHORITIES : fp) == 0);
	record_put_line(add_record(&k), &line);
}

static inline void
make_records(void)
{
	make_head();
	make_held();
	make_shut();
	make_line(GRANT_ACCOUNT, "root", false, NULL, NULL);
	make_line(GRANT_ACCOUNT, "ca", true, "wheel", "ops");
	make_line(GRANT_FOLDED, "alice", false, NULL, NULL);
	make_line(GRANT_ANY, "", false, "wheel", NULL);
}

#endif
