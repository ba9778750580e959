/*
 * A list of the portal's: an array in an object that also says whether there
 * is more of it.  Pure.
 */
#ifndef PORTAL_DECODE_LIST_H
#define PORTAL_DECODE_LIST_H

#include <stddef.h>

#include "base/error.h"
#include "base/limits.h"
#include "portal/decode.h"
#include "portal/jsonin.h"

struct list {
	const char *name; /* of the member that is the array */
	const char *what; /* it is of, in messages: "keys" */
	const char *lacks; /* what no element does, there: "holds a key" */
	/*
	 * Reads the element at hand into set.  1: it fits the list; 0: it is
	 * something else; -1 with in->err set: the answer can't be used.
	 */
	int (*read)(struct jsonin *in, void *set);
	void *set;
	/* How many elements fitted: before, on earlier pages; then in all. */
	size_t fit;
	size_t elements; /* fit or not, of this answer */
};

/*
 * Reads the array at hand.  0, or -1 with in->err set, also where there are
 * elements of which none ever fitted: that is another resource.
 */
int decode_elements(struct jsonin *in, struct list *list);

/*
 * Reads a whole answer, as decode_key_list() says.  0, or -1 with err set and
 * page empty.
 */
int decode_list(const char *body, size_t len, struct list *list,
    struct decode_page *page, struct error *err);

#endif
