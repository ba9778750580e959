/*
 * The lists of `from=` and of `from:` tags: addresses, networks and patterns
 * as sshd(8) matches them.  Pure.
 */
#ifndef POLICY_FROM_H
#define POLICY_FROM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"

struct from_entry {
	bool negated;
	int family; /* AF_INET, AF_INET6; 0: a pattern */
	unsigned char addr[16]; /* network order, the host's bits zero */
	unsigned bits;
	char pattern[LIMIT_HOST_PATTERN]; /* lower case; "" for an address */
};

/* All zero is the empty list: from anywhere. */
struct from {
	struct from_entry *v;
	size_t n;
};

enum from_result {
	FROM_OK = 0,
	FROM_BAD, /* a bad entry, or too many; err says which */
	FROM_EMPTY, /* the two lists have no address in common */
	FROM_UNCLEAR, /* what they have in common can't be written */
	FROM_NO_MEMORY
};

/*
 * Appends the entries of text[len], with commas between them: addresses,
 * networks in CIDR form (no bit set behind the prefix), host names and
 * patterns of `*` and `?`, each with a `!` in front to leave it out.
 * Stricter than sshd, which takes whatever is no address for a pattern that
 * then never matches: refused are what only looks like an address, a
 * character that no name has, white space, an empty entry and IPv4 written
 * as IPv6 (sshd compares the IPv4 address).  A second entry of the same is
 * dropped.  FROM_OK, FROM_BAD or FROM_NO_MEMORY; then f is as it was.
 */
enum from_result from_add(
    struct from *f, const char *text, size_t len, struct error *err);

/*
 * FROM_BAD for a list of negated entries alone, from which nobody could log
 * in; call it when all is added.
 */
enum from_result from_check(const struct from *f, struct error *err);

/*
 * What both lists let in: out is a new list, that of the other where one is
 * empty.  sshd has no word for "in this network and of this name", so it is
 * FROM_UNCLEAR where that is neither nothing nor in the result anyway.
 * Every address that out lets in is one that a and b let in.  FROM_OK,
 * FROM_EMPTY, FROM_UNCLEAR, FROM_NO_MEMORY; out is empty then and must not
 * be used: an empty list would open all.
 */
enum from_result from_intersect(
    struct from *out, const struct from *a, const struct from *b);

/* Appends the list in its one canonical form; 0, or -1 as buf.h. */
int from_put(const struct from *f, struct buf *b);

void from_free(struct from *f);

#endif
