/*
 * The key records of one source, and their form in the snapshot.
 *
 * A keyset owns every string of its records (one arena, freed whole);
 * pointers into it live until keyset_free.
 */
#ifndef BASE_KEYSET_H
#define BASE_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

#define KEYREC_NO_DATE INT64_MIN
/*
 * Stands for tags that can't all be kept.  Tags only narrow what a key opens,
 * so a key with this one opens nothing, from whatever source it comes too.
 */
#define KEYREC_TAGS_LOST "\177"
#define KEYREC_FP_LEN 50 /* "SHA256:" and 43 characters */

struct keyrec {
	const char *id; /* the portal's uuid, or "" */
	const char *label; /* UTF-8, any characters but NUL; may be "" */
	const char *owner; /* "user:<uuid>", "project:<uuid>" or "" */
	const char **tags; /* or the one tag KEYREC_TAGS_LOST */
	size_t ntags;
	int64_t created_ms; /* since 1970, or KEYREC_NO_DATE */
	/* What the customer pasted; only between portal and check, never
	 * stored.  NULL: the portal's record had no key text. */
	const char *text;
	size_t textlen;
	/* Filled by the check: either a blob with its fingerprint, or the
	 * stable code of why the key is refused. */
	const unsigned char *blob; /* RFC 4253 public key; NULL if refused */
	size_t bloblen;
	char fp[KEYREC_FP_LEN + 1]; /* "SHA256:…" */
	const char *refused; /* code, or NULL */
};

struct keyset {
	struct keyrec *v;
	size_t n, size;
	struct arena arena;
};

void keyset_init(struct keyset *ks);
void keyset_free(struct keyset *ks);

/*
 * Appends an empty record (all strings "", no date) and returns it, valid
 * until the next add; NULL when out of memory or over LIMIT_KEYS.
 */
struct keyrec *keyset_add(struct keyset *ks);

/* len bytes copied into the arena with a NUL behind; NULL: out of memory. */
char *keyset_copy(struct keyset *ks, const void *data, size_t len);
/* Room for n tag pointers, all NULL; NULL: out of memory. */
const char **keyset_tags(struct keyset *ks, size_t n);

bool keyrec_tags_lost(const struct keyrec *rec);

/* Appends the checked records (not their texts) to b.  0, or -1 as buf.h. */
int keyset_encode(const struct keyset *ks, struct buf *b);
/*
 * Reads what keyset_encode wrote; every length is checked.  0, or -1 for
 * bytes that it can't have written or no memory; then ks is empty.
 */
int keyset_decode(struct slice *in, struct keyset *ks);

#endif
