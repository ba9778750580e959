/* SPDX-License-Identifier: ISC */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void
buf_init(struct buf *b, size_t cap)
{
	*b = (struct buf){.cap = cap};
}

void
buf_init_on(struct buf *b, void *storage, size_t size, size_t cap)
{
	buf_init(b, cap);
	b->data = storage;
	b->size = size < cap ? size : cap;
	b->borrowed = true;
}

void
buf_free(struct buf *b)
{
	if (!b->borrowed)
		free(b->data);
	buf_init(b, b->cap);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

/* Grows by half, to keep copies few. */
int
buf_reserve(struct buf *b, size_t len)
{
	size_t want, size;
	unsigned char *data;

	if (b->failed || len > b->cap - b->len) {
		b->failed = true;
		return -1;
	}
	want = b->len + len;
	if (want <= b->size)
		return 0;
	size = b->size + b->size / 2;
	if (size < 256)
		size = 256;
	if (size < want)
		size = want;
	if (size > b->cap)
		size = b->cap;
	data = realloc(b->borrowed ? NULL : b->data, size);
	if (data == NULL) {
		b->failed = true;
		return -1;
	}
	if (b->borrowed && b->len != 0)
		memcpy(data, b->data, b->len);
	b->borrowed = false;
	b->data = data;
	b->size = size;
	return 0;
}

int
buf_put(struct buf *b, const void *data, size_t len)
{
	if (buf_reserve(b, len) == -1)
		return -1;
	if (len != 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	return 0;
}

int
buf_puts(struct buf *b, const char *s)
{
	return buf_put(b, s, strlen(s));
}

int
buf_putc(struct buf *b, unsigned char c)
{
	return buf_put(b, &c, 1);
}

int
buf_put_u8(struct buf *b, uint8_t v)
{
	return buf_put(b, &v, 1);
}

int
buf_put_u32(struct buf *b, uint32_t v)
{
	v = htole32(v);
	return buf_put(b, &v, sizeof(v));
}

int
buf_put_u64(struct buf *b, uint64_t v)
{
	v = htole64(v);
	return buf_put(b, &v, sizeof(v));
}

int
buf_put_i64(struct buf *b, int64_t v)
{
	return buf_put_u64(b, (uint64_t)v);
}

int
buf_put_string(struct buf *b, const void *data, size_t len)
{
	if (len > UINT32_MAX || len > b->cap ||
	    buf_reserve(b, len + sizeof(uint32_t)) == -1) {
		b->failed = true;
		return -1;
	}
	(void)buf_put_u32(b, (uint32_t)len);
	return buf_put(b, data, len);
}

int
buf_put_cstring(struct buf *b, const char *s)
{
	if (s == NULL)
		s = "";
	return buf_put_string(b, s, strlen(s));
}

static int
slice_raw(struct slice *s, void *out, size_t len)
{
	if (s->len < len) {
		memset(out, 0, len);
		return -1;
	}
	memcpy(out, s->p, len);
	s->p += len;
	s->len -= len;
	return 0;
}

int
slice_u8(struct slice *s, uint8_t *out)
{
	return slice_raw(s, out, 1);
}

int
slice_u32(struct slice *s, uint32_t *out)
{
	int r = slice_raw(s, out, sizeof(*out));

	*out = le32toh(*out);
	return r;
}

int
slice_u64(struct slice *s, uint64_t *out)
{
	int r = slice_raw(s, out, sizeof(*out));

	*out = le64toh(*out);
	return r;
}

int
slice_i64(struct slice *s, int64_t *out)
{
	uint64_t v;
	int r = slice_u64(s, &v);

	*out = (int64_t)v;
	return r;
}

int
slice_string(struct slice *s, struct slice *out, size_t max)
{
	struct slice in = *s;
	uint32_t len;

	*out = (struct slice){NULL, 0};
	if (slice_u32(&in, &len) == -1 || len > in.len || len > max)
		return -1;
	*out = (struct slice){in.p, len};
	*s = (struct slice){in.p + len, in.len - len};
	return 0;
}

int
slice_cstring(struct slice *s, char *dst, size_t size)
{
	struct slice in = *s, str;

	dst[0] = '\0';
	if (slice_string(&in, &str, size - 1) == -1 ||
	    memchr(str.p, '\0', str.len) != NULL)
		return -1;
	memcpy(dst, str.p, str.len);
	dst[str.len] = '\0';
	*s = in;
	return 0;
}
