/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "policy/words.h"

int
words_add(struct words *w, const char *p, size_t len)
{
	char **v = w->v, *copy;

	/* Grown at each power of two. */
	if ((w->n & (w->n - 1)) == 0) {
		v = reallocarray(w->v, w->n == 0 ? 1 : 2 * w->n, sizeof(*v));
		if (v == NULL)
			return -1;
		w->v = v;
	}
	if ((copy = malloc(len + 1)) == NULL)
		return -1;
	if (len != 0)
		memcpy(copy, p, len);
	copy[len] = '\0';
	v[w->n++] = copy;
	return 0;
}

bool
words_has(const struct words *w, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (strlen(w->v[i]) == len && memcmp(w->v[i], p, len) == 0)
			return true;
	}
	return false;
}

int
words_join(struct words *dst, const struct words *src)
{
	size_t i, len;

	for (i = 0; i < src->n; i++) {
		len = strlen(src->v[i]);
		if (!words_has(dst, src->v[i], len) &&
		    words_add(dst, src->v[i], len) == -1)
			return -1;
	}
	return 0;
}

bool
words_printable(const char *p, size_t len)
{
	char clean[LIMIT_OPTIONS + 1];

	return len <= LIMIT_OPTIONS &&
	    text_clean(clean, sizeof(clean), p, len) == len &&
	    (len == 0 || memcmp(clean, p, len) == 0);
}

void
words_free(struct words *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct words){0};
}
