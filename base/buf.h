/*
 * A growing buffer with a cap, and a reader over bytes that trusts no length.
 * Integers are little-endian; a string is its length (u32) and its bytes.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	unsigned char *data; /* owned or borrowed; NULL while empty */
	size_t len, size, cap;
	bool failed; /* sticky: out of memory or over the cap */
	bool borrowed; /* data is the caller's storage */
};

/* An empty buffer that never grows over cap bytes.  No allocation yet. */
void buf_init(struct buf *b, size_t cap);
/*
 * The same on the caller's storage: memory is allocated only for what doesn't
 * fit.  The first allocation of a process is dear beside a lookup.
 */
void buf_init_on(struct buf *b, void *storage, size_t size, size_t cap);
/* Frees the bytes and leaves an empty buffer with the same cap (and without
 * the storage that it was given). */
void buf_free(struct buf *b);
/* Forgets the bytes, keeps the memory, clears failed. */
void buf_reset(struct buf *b);

/* Makes room for len more bytes behind data + len.  0, or -1 as below. */
int buf_reserve(struct buf *b, size_t len);

/*
 * Append.  0, or -1 (and failed set for good) when the cap or the memory is
 * at its end; then nothing was appended.  Callers may check failed once,
 * after a row of calls.
 */
int buf_put(struct buf *b, const void *data, size_t len);
int buf_puts(struct buf *b, const char *s);
int buf_putc(struct buf *b, unsigned char c);
int buf_put_u8(struct buf *b, uint8_t v);
int buf_put_u32(struct buf *b, uint32_t v);
int buf_put_u64(struct buf *b, uint64_t v);
int buf_put_i64(struct buf *b, int64_t v);
int buf_put_string(struct buf *b, const void *data, size_t len);
int buf_put_cstring(struct buf *b, const char *s); /* NULL counts as "" */

/* Borrowed bytes; the get calls move p forward and len down. */
struct slice {
	const unsigned char *p;
	size_t len;
};

/* 0, or -1 when the bytes end too early; then *out is zero and s unchanged. */
int slice_u8(struct slice *s, uint8_t *out);
int slice_u32(struct slice *s, uint32_t *out);
int slice_u64(struct slice *s, uint64_t *out);
int slice_i64(struct slice *s, int64_t *out);
/* A string without copying it; -1 also when it is longer than max. */
int slice_string(struct slice *s, struct slice *out, size_t max);
/* A string copied to dst[size] with a NUL; -1 if too long or NUL inside. */
int slice_cstring(struct slice *s, char *dst, size_t size);

#endif
