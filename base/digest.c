/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "base/digest.h"

/* Each step can be undone, so that no two words come to the same. */
static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ (h >> 29);
}

uint64_t
digest_add(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t word;
	size_t left;

	/* Eight bytes at a time: a policy file is read at each login.  The
	 * order of a word's bytes is this machine's, as the snapshot is. */
	for (left = len; left >= sizeof(word); left -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = mix(h, word);
		p += sizeof(word);
	}
	word = 0;
	if (left != 0)
		memcpy(&word, p, left);
	h = mix(h, word);
	return mix(h, len);
}
