/*
 * Words for a person about why a call failed.  Libraries fill one in and
 * return; only programs print it.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stddef.h>

#define ERROR_SIZE 512

struct error {
	char text[ERROR_SIZE]; /* one line, no control characters, no secret */
};

/*
 * Sets the text from a printf format, cut to fit; control characters (what
 * a hostile portal or file name may hold) become '?'.  err may be NULL.
 * Always returns -1, so that a caller can fail in one statement.
 */
int error_set(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* As error_set, with ": " and the words for errno behind it. */
int error_errno(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
