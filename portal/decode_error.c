/* SPDX-License-Identifier: ISC */
/*
 * The words of an error answer.
 */
#include <string.h>

#include "base/text.h"
#include "portal/decode.h"
#include "portal/jsonin.h"

struct words {
	char *dst;
	size_t size, len;
};

/* Adds the value at hand if it is a string. */
static int
add(struct jsonin *in, struct words *w)
{
	struct jsontext t;

	if (jsonin_text(in, &t) == -1)
		return -1;
	if (t.p == NULL || t.len == 0)
		return 0;
	if (w->len != 0 && w->size - w->len > 2) {
		memcpy(w->dst + w->len, "; ", 3);
		w->len += 2;
	}
	w->len += text_clean(w->dst + w->len, w->size - w->len, t.p, t.len);
	return 0;
}

static int
read_words(struct jsonin *in, struct words *w)
{
	static const char *const names[] = {"error", "errors"};
	struct jsontext name;
	unsigned seen = 0;
	int more, which;

	while ((more = jsonin_member(in, &name)) == 1) {
		which = jsonin_which(in, &name, names, 2, &seen);
		if (which == -1)
			return -1;
		if (which == 2) {
			more = jsonin_skip(in);
		} else if ((more = jsonin_array(in)) == 0) {
			more = add(in, w);
		} else {
			while (more != -1 && (more = jsonin_element(in)) == 1)
				more = add(in, w);
		}
		if (more == -1)
			return -1;
	}
	return more;
}

void
decode_error_text(const char *body, size_t len, char *dst, size_t size)
{
	struct words w = {dst, size, 0};
	struct jsonin in;

	dst[0] = '\0';
	if (jsonin_open(&in, body, len, NULL) == -1 ||
	    read_words(&in, &w) == -1 || jsonin_end(&in) == -1)
		dst[0] = '\0';
	jsonin_close(&in);
}
