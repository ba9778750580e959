/*
 * A digest that finds changes and damage; it is no protection against a
 * forger.  Pure.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_INIT UINT64_C(0xcbf29ce484222325)

/*
 * Takes len bytes into h, going on from DIGEST_INIT or an earlier result.
 * One changed bit always changes the result.  The same bytes in other
 * portions give another one.
 */
uint64_t digest_add(uint64_t h, const void *data, size_t len);

#endif
