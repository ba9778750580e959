/*
 * Reading a JSON text (RFC 8259) a value at a time: no tree is ever built, so
 * that an answer costs no more memory than its bytes, whatever is in them,
 * and no more time than reading them once.  Pure.
 *
 * (jansson's tree of 10,000 keys takes 35 MiB beside the answer and 65 to
 * 145 ms, more than jq.  The fuzzers hold this reader against jansson.)
 *
 * The caller has to walk to the end: only jsonin_end() says that the whole
 * text was well-formed.  Calls that return int give -1 with err set once it
 * is not; then only jsonin_close() may follow.
 */
#ifndef PORTAL_JSONIN_H
#define PORTAL_JSONIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define JSONIN_DEPTH 512 /* of objects and arrays in each other */

struct jsonin {
	const char *start, *p, *end; /* borrowed */
	char *scratch; /* the last string that had to be decoded */
	size_t scratch_size;
	unsigned depth;
	bool first; /* no comma is due yet */
	struct error *err;
};

/*
 * A string: valid UTF-8 without NUL, not terminated.  An escaped NUL or half
 * a surrogate pair, JSON but no text, is '?' in it, so that one odd label
 * can't spoil the rest.  Valid until the next string is read.
 */
struct jsontext {
	const char *p; /* NULL: none */
	size_t len;
};

/*
 * Starts to read body[len] and enters its object.  -1 where the text is none.
 * jsonin_close() must follow, even then.
 */
int jsonin_open(
    struct jsonin *in, const char *body, size_t len, struct error *err);
void jsonin_close(struct jsonin *in);
/* 0 if nothing but white space is left. */
int jsonin_end(struct jsonin *in);

/*
 * Goes on to the object's next member.  1: there is one, its value is to be
 * read next.  0: the object has ended.
 */
int jsonin_member(struct jsonin *in, struct jsontext *name);
/*
 * Which of the n names it is; n if none.  -1 for one that *seen says was
 * there before: which of two values counts must not be a matter of taste.
 */
int jsonin_which(struct jsonin *in, const struct jsontext *name,
    const char *const *names, int n, unsigned *seen);

/* Enters the value at hand if it is an object.  1; 0: it is not, and unread. */
int jsonin_object(struct jsonin *in);
/* The same for an array. */
int jsonin_array(struct jsonin *in);
/* 1: an element is to be read next.  0: the array has ended. */
int jsonin_element(struct jsonin *in);

/* Reads the word null, true or false: true.  False: it is not at hand. */
bool jsonin_word(struct jsonin *in, const char *word);
/* Reads the value at hand.  1: a string.  0: something else, read over. */
int jsonin_text(struct jsonin *in, struct jsontext *text);
/* Reads over the value at hand.  0. */
int jsonin_skip(struct jsonin *in);
/* The same; *raw is the value's JSON as it stands in the body, borrowed. */
int jsonin_raw(struct jsonin *in, struct jsontext *raw);

/* Notes that the text is no JSON at the place it was read to.  -1. */
int jsonin_fail(struct jsonin *in, const char *what);

/* jsontext.c: reads the string at hand, which starts with a quote.  0. */
int jsontext_read(struct jsonin *in, struct jsontext *text);

#endif
