/* SPDX-License-Identifier: ISC */
/*
 * JSON's brackets, words and numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "portal/jsonin.h"

/* The next byte that is no white space, not consumed; '\0' at the end. */
static char
peek(struct jsonin *in)
{
	while (in->p < in->end &&
	    (*in->p == ' ' || *in->p == '\t' || *in->p == '\n' ||
		*in->p == '\r'))
		in->p++;
	if (in->p == in->end)
		return '\0';
	return *in->p;
}

int
jsonin_fail(struct jsonin *in, const char *what)
{
	if (in->p >= in->end)
		return error_set(in->err, "answer was cut short (%zu bytes)",
		    (size_t)(in->end - in->start));
	return error_set(in->err, "answer is not JSON (byte %zu: %s)",
	    (size_t)(in->p - in->start) + 1, what);
}

int
jsonin_open(struct jsonin *in, const char *body, size_t len, struct error *err)
{
	*in = (struct jsonin){.err = err};
	if (len == 0)
		return error_set(err, "answer is empty");
	in->start = in->p = body;
	in->end = body + len;
	if (peek(in) == '<')
		return error_set(err, "answer is HTML or XML, not JSON");
	if (peek(in) == '[')
		return error_set(err, "answer is no JSON object");
	if (jsonin_object(in) != 1)
		return jsonin_fail(in, "'{' expected");
	return 0;
}

void
jsonin_close(struct jsonin *in)
{
	free(in->scratch);
	in->scratch = NULL;
	in->scratch_size = 0;
}

int
jsonin_end(struct jsonin *in)
{
	(void)peek(in);
	return in->p < in->end ? jsonin_fail(in, "more behind the end") : 0;
}

static int
enter(struct jsonin *in, char bracket)
{
	if (peek(in) != bracket)
		return in->p < in->end ? 0 : jsonin_fail(in, "");
	if (in->depth >= JSONIN_DEPTH)
		return jsonin_fail(in, "nested too deep");
	in->p++;
	in->depth++;
	in->first = true;
	return 1;
}

int
jsonin_object(struct jsonin *in)
{
	return enter(in, '{');
}

int
jsonin_array(struct jsonin *in)
{
	return enter(in, '[');
}

/* Consumes the comma before all but the first item; 0 at the bracket. */
static int
next_item(struct jsonin *in, char bracket)
{
	char c = peek(in);

	if (c == bracket) {
		in->p++;
		in->depth--;
		in->first = false; /* around it: it was an item there */
		return 0;
	}
	if (!in->first) {
		if (c != ',')
			return jsonin_fail(
			    in, "comma or closing bracket expected");
		in->p++;
	}
	in->first = false;
	return 1;
}

int
jsonin_element(struct jsonin *in)
{
	return next_item(in, ']');
}

int
jsonin_member(struct jsonin *in, struct jsontext *name)
{
	int r = next_item(in, '}');

	*name = (struct jsontext){NULL, 0};
	if (r != 1)
		return r;
	if (peek(in) != '"')
		return jsonin_fail(in, "member name expected");
	if (jsontext_read(in, name) == -1)
		return -1;
	if (peek(in) != ':')
		return jsonin_fail(in, "':' expected");
	in->p++;
	return 1;
}

int
jsonin_which(struct jsonin *in, const struct jsontext *name,
    const char *const *names, int n, unsigned *seen)
{
	int i;

	for (i = 0; i < n; i++) {
		if (strlen(names[i]) == name->len &&
		    memcmp(names[i], name->p, name->len) == 0)
			break;
	}
	if (i == n)
		return n;
	if (*seen & 1u << i)
		return error_set(in->err,
		    "answer has the member %s twice in one object", names[i]);
	*seen |= 1u << i;
	return i;
}

bool
jsonin_word(struct jsonin *in, const char *word)
{
	size_t n = strlen(word);

	(void)peek(in);
	if ((size_t)(in->end - in->p) < n || memcmp(in->p, word, n) != 0)
		return false;
	in->p += n;
	return true;
}

int
jsonin_text(struct jsonin *in, struct jsontext *text)
{
	*text = (struct jsontext){NULL, 0};
	if (peek(in) != '"')
		return jsonin_skip(in);
	return jsontext_read(in, text) == -1 ? -1 : 1;
}

/* Consumes c if it is next; no white space here. */
static bool
eat(struct jsonin *in, char c)
{
	if (in->p == in->end || *in->p != c)
		return false;
	in->p++;
	return true;
}

static bool
eat_digits(struct jsonin *in)
{
	const char *start = in->p;

	while (in->p < in->end && *in->p >= '0' && *in->p <= '9')
		in->p++;
	return in->p > start;
}

/* No number matters here, so none can be too large. */
static int
skip_number(struct jsonin *in)
{
	(void)eat(in, '-');
	if (!eat(in, '0') && !eat_digits(in))
		return jsonin_fail(in, "value expected");
	if (eat(in, '.') && !eat_digits(in))
		return jsonin_fail(in, "digit expected");
	if (eat(in, 'e') || eat(in, 'E')) {
		if (!eat(in, '+'))
			(void)eat(in, '-');
		if (!eat_digits(in))
			return jsonin_fail(in, "digit expected");
	}
	return 0;
}

static int
skip_object(struct jsonin *in)
{
	struct jsontext name;
	int r = jsonin_object(in);

	while (r != -1 && (r = jsonin_member(in, &name)) == 1)
		r = jsonin_skip(in);
	return r;
}

static int
skip_array(struct jsonin *in)
{
	int r = jsonin_array(in);

	while (r != -1 && (r = jsonin_element(in)) == 1)
		r = jsonin_skip(in);
	return r;
}

int
jsonin_skip(struct jsonin *in)
{
	struct jsontext text;

	switch (peek(in)) {
	case '{':
		return skip_object(in);
	case '[':
		return skip_array(in);
	case '"':
		return jsontext_read(in, &text);
	default:
		break;
	}
	if (jsonin_word(in, "null") || jsonin_word(in, "true") ||
	    jsonin_word(in, "false"))
		return 0;
	return skip_number(in);
}

int
jsonin_raw(struct jsonin *in, struct jsontext *raw)
{
	const char *start;

	*raw = (struct jsontext){NULL, 0};
	(void)peek(in);
	start = in->p;
	if (jsonin_skip(in) == -1)
		return -1;
	*raw = (struct jsontext){start, (size_t)(in->p - start)};
	return 0;
}
