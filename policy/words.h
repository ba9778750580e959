/*
 * A list of short texts that it owns.  Pure.
 */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is the empty list. */
struct words {
	char **v;
	size_t n;
};

/*
 * Appends a copy of len bytes and a NUL.  0, or -1 out of memory; then the
 * list is as it was.
 */
int words_add(struct words *w, const char *p, size_t len);
/* Whether the list holds exactly these bytes. */
bool words_has(const struct words *w, const char *p, size_t len);
/* Appends copies of all of src, but for those that dst holds already; as
 * words_add, but dst may have got some of them when it fails. */
int words_join(struct words *dst, const struct words *src);
/*
 * Whether these bytes are text that may be printed: UTF-8 without control
 * characters or any other that text_clean (base/text.h) would replace, at
 * most LIMIT_OPTIONS of them.
 */
bool words_printable(const char *p, size_t len);
/* Frees the texts and leaves the empty list. */
void words_free(struct words *w);

#endif
