/*
 * Borrowed text, cut into lines and words.  The bytes may be anything.  Pure.
 */
#ifndef POLICY_SPAN_H
#define POLICY_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *p;
	size_t len;
};

/* Without the blanks, tabs and line ends around it. */
struct span span_trim(struct span s);
/* Takes the next line off s and returns it without its end: LF, CRLF, CR. */
struct span span_line(struct span *s);
/* Takes the next word off s, skipping blanks and tabs; empty at the end. */
struct span span_word(struct span *s);

bool span_is(struct span s, const char *text);
bool span_starts(struct span s, const char *text);
bool span_ends(struct span s, const char *text);
bool span_has(struct span s, char c);

#endif
