/*
 * Holdings that answers are taken into.  Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_ANSWERS_FIXTURE_H
#define TESTS_UNIT_ANSWERS_FIXTURE_H

#include <sys/mman.h>

#include "cmd/answers.h"
#include "policy/base64.h"
#include "policy/pubkey.h"
#include "scratch.h"

#define NOW INT64_C(1750000000000)
#define S INT64_C(1000)
#define SRC SOURCE_PROJECT
#define ID_A "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
#define ID_B "1a1b2c3d-4e5f-6789-abcd-ef0123456789"
#define DSA "ssh-dss AAAAB3NzaC1kc3M="

#define answer_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

struct fixture {
	struct holdings held;
	struct config cfg;
	char log[8192]; /* of the last answer */
};

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	unsigned i;

	if (f == NULL)
		return -1;
	for (i = 0; i < GRANT_ORIGINS; i++)
		buf_init(&f->held.policy[i], LIMIT_POLICY_FILE);
	f->cfg.fresh_ms = 5 * S;
	f->cfg.retry_ms = 10 * S;
	f->cfg.stale_ms = 3600 * S;
	f->cfg.mass_removal = 1;
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	holdings_free(&f->held);
	free(f);
	return 0;
}

/* The text of an Ed25519 key of its own for each n. */
static inline void
key_text(char *dst, size_t size, unsigned n)
{
	unsigned char blob[] = "\0\0\0\013ssh-ed25519\0\0\0\040"
			       "01234567890123456789012345678901";
	char b64[BASE64_SIZE(sizeof(blob))];

	(void)snprintf((char *)blob + 19, 33, "%032u", n);
	(void)base64_encode(blob, sizeof(blob) - 1, b64);
	(void)snprintf(dst, size, "ssh-ed25519 %s", b64);
}

static inline void
add_text(struct keyset *ks, const char *text, const char *label)
{
	struct keyrec *rec;

	assert_non_null(rec = keyset_add(ks));
	rec->label = keyset_copy(ks, label, strlen(label));
	rec->text = text == NULL ? NULL : keyset_copy(ks, text, strlen(text));
	rec->textlen = text == NULL ? 0 : strlen(text);
}

/* Takes the tags of a record, as the portal client does of ones it can't
 * keep. */
static inline void
lose_tags(struct keyset *ks, size_t i)
{
	assert_non_null(ks->v[i].tags = keyset_tags(ks, 1));
	ks->v[i].tags[0] = KEYREC_TAGS_LOST;
	ks->v[i].ntags = 1;
}

/* The keys from first to last. */
static inline void
add_keys(struct keyset *ks, unsigned first, unsigned last)
{
	char text[200], label[16];

	for (; first <= last; first++) {
		key_text(text, sizeof(text), first);
		(void)snprintf(label, sizeof(label), "key %u", first);
		add_text(ks, text, label);
	}
}

static inline struct portal_source
answer_new(unsigned first, unsigned last)
{
	struct portal_source a = {.ask = true,
	    .outcome = PORTAL_NEW,
	    .id = ID_A,
	    .etag = "\"1\"",
	    .url = "https://h/keys",
	    .status = 200};

	keyset_init(&a.keys);
	add_keys(&a.keys, first, last);
	return a;
}

/* Takes the answer, and what is logged to standard error on the way. */
static inline void
take_from(struct fixture *f, enum source src, struct portal_source *a,
    int64_t asked, int64_t now)
{
	int saved, fd;
	ssize_t n;

	(void)fflush(stderr);
	assert_int_not_equal(fd = memfd_create("log", MFD_CLOEXEC), -1);
	assert_int_not_equal(saved = dup(2), -1);
	assert_int_equal(dup2(fd, 2), 2);
	n = answer_take(&f->held, src, a, &f->cfg, asked, now, 0);
	assert_int_equal(dup2(saved, 2), 2);
	assert_int_equal(close(saved), 0);
	assert_int_equal(n, 0);
	n = pread(fd, f->log, sizeof(f->log) - 1, 0);
	assert_true(n >= 0);
	f->log[n] = '\0';
	assert_int_equal(close(fd), 0);
	keyset_free(&a->keys);
	memberset_free(&a->members);
	buf_free(&a->policy);
}

static inline void
take_at(struct fixture *f, struct portal_source *a, int64_t asked, int64_t now)
{
	take_from(f, SRC, a, asked, now);
}

static inline void
take(struct fixture *f, struct portal_source a)
{
	take_at(f, &a, NOW, NOW);
}

static inline unsigned
count(const char *text, const char *words)
{
	unsigned n = 0;

	for (; (text = strstr(text, words)) != NULL; text++)
		n++;
	return n;
}

/* Whether the records held are those with these labels. */
static inline void
assert_held(const struct fixture *f, unsigned first, unsigned last)
{
	const struct keyset *ks = &f->held.keys[SRC];
	char label[32];
	size_t i;

	assert_int_equal(ks->n, last - first + 1);
	assert_int_equal(f->held.state[SRC].keys, last - first + 1);
	for (i = 0; i < ks->n; i++) {
		(void)snprintf(label, sizeof(label), "key %zu", first + i);
		assert_string_equal(ks->v[i].label, label);
		assert_non_null(ks->v[i].blob);
	}
}

static inline struct portal_source
answer_failed(const char *reason, int64_t retry_after)
{
	struct portal_source a = {.outcome = PORTAL_FAILED,
	    .id = ID_A,
	    .retry_after_ms = retry_after};

	(void)snprintf(a.reason, sizeof(a.reason), "%s", reason);
	return a;
}

#endif
