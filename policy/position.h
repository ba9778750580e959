/*
 * Where in a JSON text a value stands.  jansson tells that only of what is
 * no JSON; these walk the text, which it must have found valid (up to the
 * offset, where there is one), with no memory but the stack's.  Pure.
 */
#ifndef POLICY_POSITION_H
#define POLICY_POSITION_H

#include <stdbool.h>
#include <stddef.h>

struct position {
	size_t line, column; /* from 1; a column is a character */
};

/* The line and column of an offset (past the end: of the end). */
struct position position_at(const char *text, size_t len, size_t offset);

/*
 * Follows n steps from the outermost value, each the ordinal (from 0) of a
 * member or element in the order of the text, and gives the offset of the
 * value there; with name, of the last member's name.  False where the steps
 * lead nowhere; then *offset is 0.
 */
bool position_find(const char *text, size_t len, const size_t *steps, size_t n,
    bool name, size_t *offset);

/*
 * The member's name that ends at offset or is the next after it: its offset,
 * and the path to it in dst[size], such as `users.root.owners` or `a[2].b`,
 * cut to fit.  False where there is none.
 */
bool position_path(const char *text, size_t len, size_t offset, char *dst,
    size_t size, size_t *start);

#endif
