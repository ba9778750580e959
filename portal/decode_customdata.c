/* SPDX-License-Identifier: ISC */
#include "portal/decode.h"
#include "portal/jsonin.h"

/* The value of ssh_policy as it stands; p stays NULL where there is none. */
static int
read_customdata(struct jsonin *in, struct jsontext *policy)
{
	static const char *const names[] = {"ssh_policy"};
	struct jsontext name;
	unsigned seen = 0;
	int more, which;

	while ((more = jsonin_member(in, &name)) == 1) {
		which = jsonin_which(in, &name, names, 1, &seen);
		if (which == -1 ||
		    (which == 0 ? jsonin_raw(in, policy) : jsonin_skip(in)) ==
			-1)
			return -1;
	}
	return more;
}

int
decode_customdata(
    const char *body, size_t len, struct buf *policy, struct error *err)
{
	struct jsontext raw = {NULL, 0};
	struct jsonin in;
	int r;

	if ((r = jsonin_open(&in, body, len, err)) == 0 &&
	    (r = read_customdata(&in, &raw)) == 0)
		r = jsonin_end(&in);
	jsonin_close(&in);
	if (r == -1 || raw.p == NULL)
		return r;
	if (raw.len > LIMIT_POLICY_FILE)
		return error_set(err,
		    "ssh_policy in the customdata is larger than %d MiB",
		    LIMIT_POLICY_FILE / (1024 * 1024));
	if (buf_put(policy, raw.p, raw.len) == -1)
		return error_set(err, "out of memory");
	return 0;
}
