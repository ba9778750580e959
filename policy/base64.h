/*
 * Base64 (RFC 4648, standard alphabet) by way of libcrypto.  Pure.
 */
#ifndef POLICY_BASE64_H
#define POLICY_BASE64_H

#include <stddef.h>

#define BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1) /* with the NUL */

/*
 * Decodes exactly the canonical form: padded, no white space, no stray bits
 * in the last character.  Returns the number of bytes in out, or -1; then
 * what is in out has no meaning.
 */
long base64_decode(const char *s, size_t len, unsigned char *out, size_t size);

/*
 * out needs BASE64_SIZE(len) bytes; NUL-terminated.  Returns the length, 0
 * (and "") also for over a gigabyte, which libcrypto's int can't count.
 */
size_t base64_encode(const unsigned char *data, size_t len, char *out);

#endif
