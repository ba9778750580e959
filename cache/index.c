/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>

#include "base/digest.h"
#include "cache/index.h"

#define USUAL 128 /* marks in a bucket, at most about */
#define BITS_MAX 20

void
index_init(struct index *x)
{
	*x = (struct index){.v = NULL};
}

void
index_free(struct index *x)
{
	free(x->v);
	index_init(x);
}

static uint64_t
mark_of(const struct record_key *k)
{
	return digest_add(DIGEST_INIT, k->data, k->len);
}

int
index_note(struct index *x, const struct record_key *k)
{
	size_t size = x->size == 0 ? 256 : 2 * x->size;
	uint64_t *v;

	if (x->n == x->size) {
		if ((v = reallocarray(x->v, size, sizeof(*v))) == NULL)
			return -1;
		x->v = v;
		x->size = size;
	}
	x->v[x->n++] = mark_of(k);
	return 0;
}

static uint32_t
number_of(uint64_t mark, unsigned bits)
{
	return bits == 0 ? 0 : (uint32_t)(mark >> (64 - bits));
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int
index_write(struct index *x, index_put put, void *ctx)
{
	struct record_key k = record_key_index();
	struct buf b;
	uint32_t number;
	uint8_t bits = 0;
	size_t i = 0;
	int r;

	while (bits < BITS_MAX && x->n >> bits > USUAL)
		bits++;
	r = put(ctx, &k, &bits, sizeof(bits));
	if (x->n != 0)
		qsort(x->v, x->n, sizeof(*x->v), compare);
	buf_init(&b, LIMIT_RECORD - sizeof(uint64_t));
	/* Empty ones too: one that isn't there is damage. */
	for (number = 0; r == 0 && number >> bits == 0; number++) {
		buf_reset(&b);
		while (i < x->n && number_of(x->v[i], bits) == number)
			(void)buf_put_u64(&b, x->v[i++]);
		k = record_key_bucket(number);
		if (b.failed)
			errno = ENOMEM;
		r = b.failed ? -1 : put(ctx, &k, b.data, b.len);
	}
	buf_free(&b);
	return r;
}

bool
index_covers(const struct record_key *k)
{
	return k->data[0] != record_key_index().data[0] &&
	    k->data[0] != record_key_bucket(0).data[0] &&
	    k->data[0] != RECORD_REFUSED;
}

int
index_bucket(
    struct slice bits, const struct record_key *k, struct record_key *bucket)
{
	uint8_t n;

	if (slice_u8(&bits, &n) == -1 || bits.len != 0 || n > BITS_MAX)
		return -1;
	*bucket = record_key_bucket(number_of(mark_of(k), n));
	return 0;
}

bool
index_has(struct slice bucket, const struct record_key *k)
{
	uint64_t mark, want = mark_of(k);

	while (slice_u64(&bucket, &mark) == 0) {
		if (mark == want)
			return true;
	}
	return false;
}
