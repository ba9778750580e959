/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/keyset.h"
#include "base/limits.h"

void
keyset_init(struct keyset *ks)
{
	*ks = (struct keyset){0};
}

void
keyset_free(struct keyset *ks)
{
	arena_free(&ks->arena);
	free(ks->v);
	keyset_init(ks);
}

struct keyrec *
keyset_add(struct keyset *ks)
{
	struct keyrec *v;
	size_t size;

	if (ks->n >= LIMIT_KEYS)
		return NULL;
	if (ks->n == ks->size) {
		size = ks->size == 0 ? 16 : ks->size + ks->size / 2;
		if ((v = reallocarray(ks->v, size, sizeof(*v))) == NULL)
			return NULL;
		ks->v = v;
		ks->size = size;
	}
	v = &ks->v[ks->n++];
	*v = (struct keyrec){
	    .id = "", .label = "", .owner = "", .created_ms = KEYREC_NO_DATE};
	return v;
}

char *
keyset_copy(struct keyset *ks, const void *data, size_t len)
{
	return arena_copy(&ks->arena, data, len);
}

const char **
keyset_tags(struct keyset *ks, size_t n)
{
	const char **v;

	if (n > LIMIT_TAGS ||
	    (v = arena_take(
		 &ks->arena, n * sizeof(*v), _Alignof(const char *))) == NULL)
		return NULL;
	memset(v, 0, n * sizeof(*v));
	return v;
}

bool
keyrec_tags_lost(const struct keyrec *rec)
{
	size_t i;

	for (i = 0; i < rec->ntags; i++) {
		if (strcmp(rec->tags[i], KEYREC_TAGS_LOST) == 0)
			return true;
	}
	return false;
}

static void
encode_record(const struct keyrec *rec, struct buf *b)
{
	size_t i;

	(void)buf_put_cstring(b, rec->id);
	(void)buf_put_cstring(b, rec->label);
	(void)buf_put_cstring(b, rec->owner);
	(void)buf_put_i64(b, rec->created_ms);
	(void)buf_put_u32(b, (uint32_t)rec->ntags);
	for (i = 0; i < rec->ntags; i++)
		(void)buf_put_cstring(b, rec->tags[i]);
	(void)buf_put_cstring(b, rec->refused);
	(void)buf_put_string(b, rec->blob, rec->bloblen);
	(void)buf_put_cstring(b, rec->fp);
}

int
keyset_encode(const struct keyset *ks, struct buf *b)
{
	size_t i;

	(void)buf_put_u32(b, (uint32_t)ks->n);
	for (i = 0; i < ks->n; i++)
		encode_record(&ks->v[i], b);
	return b->failed ? -1 : 0;
}

static int
decode_tags(struct keyset *ks, struct slice *in, struct keyrec *rec)
{
	uint32_t i, n;

	if (slice_u32(in, &n) == -1 || n > LIMIT_TAGS)
		return -1;
	if (n == 0)
		return 0;
	if ((rec->tags = keyset_tags(ks, n)) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		if (arena_text(&ks->arena, in, &rec->tags[i]) == -1)
			return -1;
	}
	rec->ntags = n;
	return 0;
}

static int
decode_record(struct keyset *ks, struct slice *in, struct keyrec *rec)
{
	struct slice blob;

	if (arena_text(&ks->arena, in, &rec->id) == -1 ||
	    arena_text(&ks->arena, in, &rec->label) == -1 ||
	    arena_text(&ks->arena, in, &rec->owner) == -1 ||
	    slice_i64(in, &rec->created_ms) == -1 ||
	    decode_tags(ks, in, rec) == -1 ||
	    arena_text(&ks->arena, in, &rec->refused) == -1 ||
	    slice_string(in, &blob, LIMIT_KEY_BLOB) == -1 ||
	    slice_cstring(in, rec->fp, sizeof(rec->fp)) == -1)
		return -1;
	if (rec->refused[0] == '\0')
		rec->refused = NULL;
	/* A record is a usable key or a refused one, never both or neither. */
	if ((blob.len == 0) != (rec->refused != NULL) ||
	    strlen(rec->fp) != (blob.len == 0 ? 0 : KEYREC_FP_LEN))
		return -1;
	if (blob.len != 0) {
		rec->blob = (unsigned char *)keyset_copy(ks, blob.p, blob.len);
		if (rec->blob == NULL)
			return -1;
		rec->bloblen = blob.len;
	}
	return 0;
}

int
keyset_decode(struct slice *in, struct keyset *ks)
{
	struct keyrec *rec;
	uint32_t i, n;

	keyset_init(ks);
	if (slice_u32(in, &n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if ((rec = keyset_add(ks)) == NULL ||
		    decode_record(ks, in, rec) == -1) {
			keyset_free(ks);
			return -1;
		}
	}
	return 0;
}
