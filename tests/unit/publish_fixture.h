/*
 * Holdings and a policy, published in a folder of their own, and what a login
 * gets then.  Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_PUBLISH_FIXTURE_H
#define TESTS_UNIT_PUBLISH_FIXTURE_H

#include "cmd/publish.h"
#include "pubkey_samples.h"
#include "snapshot_sample.h"

#define NOW INT64_C(1750000000000)
#define S INT64_C(1000)
#define ID_A "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
#define ID_B "1a1b2c3d-4e5f-6789-abcd-ef0123456789"
#define ED "ssh-ed25519 " B64_ED25519
#define PUTTY "ssh-ed25519 " B64_PUTTY25519
#define EC "ecdsa-sha2-nistp256 " B64_ECDSA256
#define FP_ED samples[0].fp
#define FP_EC samples[1].fp
#define FP_PUTTY samples[10].fp
#define ALL (SOURCE_BIT(SOURCE_KEYS) - 1)
#define FLEET_URL "https://h/projects/" ID_A "/customdata"

struct fixture {
	void *scratch;
	struct holdings held;
	struct config cfg;
	struct config_files files;
	struct policies policies;
};

#define publish_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	unsigned o;

	if (f == NULL || scratch_setup(&f->scratch) == -1)
		return -1;
	for (o = 0; o < GRANT_ORIGINS; o++)
		buf_init(&f->held.policy[o], LIMIT_POLICY_FILE);
	buf_init(&f->held.deny, LIMIT_DENY_FILE);
	config_files_init(&f->files);
	f->cfg = (struct config){.sources = ALL,
	    .fresh_ms = 5 * S,
	    .stale_ms = 100 * S,
	    .retry_ms = 10 * S,
	    .policy_file = "/etc/policy.json",
	    .deny_file = "/etc/denied-keys",
	    .fleet = "none",
	    .device = "auto",
	    .project = "auto",
	    .digest = 11,
	    .policy_digest = 22,
	    .deny_digest = 33};
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;
	int r = scratch_teardown(&f->scratch);

	policies_free(&f->policies);
	config_files_free(&f->files);
	holdings_free(&f->held);
	free(f);
	return r;
}

static inline int
dir_of(const struct fixture *f)
{
	return ((const struct scratch *)f->scratch)->fd;
}

/* Gives the source one more key, last confirmed at that time; the record
 * moves with the next one. */
static inline struct keyrec *
hold(struct fixture *f, enum source src, const char *text, const char *label,
    int64_t checked)
{
	struct source_state *st = &f->held.state[src];
	struct keyset *ks = &f->held.keys[src];
	struct keyrec *rec;

	assert_non_null(rec = keyset_add(ks));
	rec->label = label;
	rec->text = text;
	rec->textlen = strlen(text);
	assert_int_equal(pubkey_check_record(ks, rec), 0);
	st->outcome = OUTCOME_NEW;
	st->checked_ms = st->asked_ms = checked;
	(void)strcpy(st->etag, "\"x\"");
	if (rec->refused == NULL)
		st->keys++;
	else
		st->refused++;
	return rec;
}

/* One more member, all of them last confirmed at that time. */
static inline void
hold_member(struct fixture *f, const char *id, const char *email,
    const char *role, int64_t checked)
{
	struct source_state *st = &f->held.state[SOURCE_MEMBERS];
	struct member *m;

	assert_non_null(m = memberset_add(&f->held.members));
	m->id = id;
	m->email = email;
	if (role != NULL) {
		m->roles = memberset_roles(&f->held.members, 1);
		assert_non_null(m->roles);
		m->roles[0] = role;
		m->nroles = 1;
	}
	st->outcome = OUTCOME_NEW;
	st->checked_ms = st->asked_ms = checked;
	st->keys++;
}

/* Text with ' for ". */
static inline void
put_quoted(struct buf *b, const char *text)
{
	buf_reset(b);
	for (; *text != '\0'; text++)
		assert_int_equal(
		    buf_putc(b, (unsigned char)(*text == '\'' ? '"' : *text)),
		    0);
	/* As file_read leaves it. */
	assert_int_equal(buf_putc(b, '\0'), 0);
	b->len--;
}

/* What a file beside the config says now; NULL: there is none. */
static inline void
set_file(struct config_file *file, const char *text)
{
	buf_reset(&file->text);
	file->found = text == NULL ? FILE_MISSING : FILE_OK;
	if (text != NULL)
		put_quoted(&file->text, text);
}

static inline void
set_unreadable(struct config_file *file, const char *why)
{
	buf_free(&file->text);
	file->found = FILE_ERROR;
	(void)error_set(&file->err, "%s", why);
}

/* The fleet's document, as an answer of the portal has left it. */
static inline void
set_fleet(struct fixture *f, const char *text, int64_t checked)
{
	struct source_state *st = &f->held.state[SOURCE_FLEET];

	(void)strcpy(f->cfg.fleet, "project");
	put_quoted(&f->held.policy[GRANT_FLEET], text);
	*st = (struct source_state){.outcome = OUTCOME_NEW,
	    .checked_ms = checked,
	    .asked_ms = checked,
	    .keys = 1,
	    .id = ID_A,
	    .etag = "\"f\"",
	    .url = FLEET_URL};
}

static inline void
load_policies(struct fixture *f)
{
	struct error err = {""};

	policies_free(&f->policies);
	if (policies_load(&f->policies, &f->cfg, &f->files, &f->held, &err) ==
	    -1)
		fail_msg("%s", err.text);
}

static inline void
publish_at(struct fixture *f, int64_t now)
{
	struct error err = {""};
	struct writer w;

	load_policies(f);
	assert_int_equal(writer_begin(&w, dir_of(f), 0, &err), 0);
	if (publish(&w, &f->cfg, &f->policies, &f->held, now, &err) == -1)
		fail_msg("%s", err.text);
	assert_int_equal(w.fd, -1);
}

/* What a login gets, by way of what is published; NULL: nothing, and why. */
static inline void
check_ask(const struct fixture *f, const struct snapshot_ask *ask,
    const char *want, const char *why)
{
	char reason[SNAPSHOT_CODE_SIZE];
	enum snapshot_find r;
	struct snapshot s;
	struct buf out;

	buf_init(&out, 65536);
	assert_int_equal(
	    snapshot_open(&s, dir_of(f), geteuid(), NULL), SNAPSHOT_OK);
	r = snapshot_find(&s, ask, &out, reason);
	snapshot_close(&s);
	(void)buf_putc(&out, '\0');
	assert_string_equal((char *)out.data, want == NULL ? "" : want);
	assert_int_equal(r, want == NULL ? SNAPSHOT_NOT_FOUND : SNAPSHOT_FOUND);
	if (why != NULL)
		assert_string_equal(reason, why);
	buf_free(&out);
}

static inline void
check_lines(const struct fixture *f, const char *user, const char *fp,
    int64_t now, const char *want)
{
	const struct snapshot_ask ask = {.user = user, .fp = fp, .now_ms = now};

	check_ask(f, &ask, want, NULL);
}

#endif
