/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "cmd/krl_form.h"

#define MAGIC "SSHKRL\n"
/* Magic (with its NUL), format version, number, date and flags. */
#define HEAD_LEN (8 + 4 + 8 + 8 + 8)
#define SECTION_SHA256 5

/* Its length is big-endian, not as in base/buf.h. */
static int
take_string(struct slice *in, struct slice *out)
{
	uint32_t len;

	*out = (struct slice){NULL, 0};
	if (in->len < 4)
		return -1;
	len = (uint32_t)in->p[0] << 24 | (uint32_t)in->p[1] << 16 |
	    (uint32_t)in->p[2] << 8 | in->p[3];
	if (len > in->len - 4)
		return -1;
	*out = (struct slice){in->p + 4, len};
	*in = (struct slice){in->p + 4 + len, in->len - 4 - len};
	return 0;
}

int
krl_form_read(struct krl_form *form, struct slice in)
{
	struct slice reserved, body;
	uint8_t type;

	*form = (struct krl_form){0};
	if (in.len < HEAD_LEN || memcmp(in.p, MAGIC "\0\0\0\0\1", 12) != 0)
		return -1;
	in = (struct slice){in.p + HEAD_LEN, in.len - HEAD_LEN};
	if (take_string(&in, &reserved) == -1 ||
	    take_string(&in, &form->comment) == -1)
		return -1;
	while (in.len != 0) {
		if (slice_u8(&in, &type) == -1 || take_string(&in, &body) == -1)
			return -1;
		if (type != SECTION_SHA256 || form->hashes.p != NULL)
			form->others = true;
		else
			form->hashes = body;
	}
	return 0;
}

int
krl_form_next(struct krl_form *form, const unsigned char **hash)
{
	struct slice s;

	if (form->hashes.len == 0)
		return 0;
	if (take_string(&form->hashes, &s) == -1 || s.len != KRL_HASH_LEN)
		return -1;
	*hash = s.p;
	return 1;
}
