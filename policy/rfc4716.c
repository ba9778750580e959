/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "policy/rfc4716.h"
#include "policy/span.h"

#define MARK_BEGIN "---- BEGIN SSH2 PUBLIC KEY ----"
#define MARK_END "---- END SSH2 PUBLIC KEY ----"
#define HEADER_MAX 1024 /* its continued lines joined */
#define BODY_LINE_MAX 72

/* What has been read so far; the caller's buffers. */
struct block {
	char *b64, *comment;
	size_t size, used;
};

bool
rfc4716_is(const char *text, size_t len)
{
	return span_starts(span_trim((struct span){text, len}), MARK_BEGIN);
}

/* Takes the quotes off in place; PuTTYgen puts '\' before '"' and '\'. */
static struct span
unquote(char *p, size_t len)
{
	size_t i, out = 0;

	if (len < 2 || p[0] != '"' || p[len - 1] != '"')
		return (struct span){p, len};
	for (i = 1; i < len - 1; i++) {
		if (p[i] == '\\' && i + 1 < len - 1 &&
		    (p[i + 1] == '\\' || p[i + 1] == '"'))
			i++;
		p[out++] = p[i];
	}
	return (struct span){p, out};
}

/* A header, its continued lines joined, without line ends. */
static int
join_header(
    struct span line, struct span *rest, char joined[HEADER_MAX], size_t *len)
{
	bool more;

	*len = 0;
	for (;;) {
		more = line.len != 0 && line.p[line.len - 1] == '\\';
		if (more)
			line.len--;
		if (line.len > HEADER_MAX - *len)
			return -1;
		memcpy(joined + *len, line.p, line.len);
		*len += line.len;
		if (!more)
			return 0;
		line = span_line(rest);
	}
}

static int
read_header(struct block *b, struct span line, struct span *rest)
{
	char joined[HEADER_MAX];
	struct span tag, value;
	const char *colon;
	size_t len;

	if (join_header(line, rest, joined, &len) == -1 ||
	    (colon = memchr(joined, ':', len)) == NULL || colon == joined)
		return -1;
	tag = (struct span){joined, (size_t)(colon - joined)};
	if (tag.len != strlen("Comment") ||
	    strncasecmp(tag.p, "Comment", tag.len) != 0)
		return 0;
	value = span_trim((struct span){colon + 1, len - tag.len - 1});
	value = unquote(joined + (value.p - joined), value.len);
	(void)text_clean(b->comment, LIMIT_COMMENT, value.p, value.len);
	return 0;
}

static int
read_body(struct block *b, struct span line)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/=";
	size_t i;

	if (line.len > BODY_LINE_MAX || line.len >= b->size - b->used)
		return -1;
	for (i = 0; i < line.len; i++) {
		if (memchr(alphabet, line.p[i], sizeof(alphabet) - 1) == NULL)
			return -1;
	}
	memcpy(b->b64 + b->used, line.p, line.len);
	b->used += line.len;
	return 0;
}

/* After the begin mark, up to the end mark; headers stand before the body. */
static int
read_block(struct block *b, struct span rest)
{
	struct span line, trimmed;
	int r;

	while (rest.len != 0) {
		line = span_line(&rest);
		trimmed = span_trim(line);
		if (span_is(trimmed, MARK_END))
			return rest.len == 0 && b->used != 0 ? 0 : -1;
		if (b->used == 0 && span_has(line, ':'))
			r = read_header(b, line, &rest);
		else
			r = read_body(b, trimmed);
		if (r == -1)
			return -1;
	}
	return -1;
}

int
rfc4716_parse(const char *text, size_t len, char *b64, size_t size,
    char comment[LIMIT_COMMENT])
{
	struct block b = {.b64 = b64, .comment = comment, .size = size};
	struct span rest = span_trim((struct span){text, len});
	struct span first = span_line(&rest);

	b64[0] = comment[0] = '\0';
	if (!span_is(span_trim(first), MARK_BEGIN) || span_has(rest, '\0') ||
	    read_block(&b, rest) == -1) {
		comment[0] = '\0';
		b64[0] = '\0';
		return -1;
	}
	b64[b.used] = '\0';
	return 0;
}
