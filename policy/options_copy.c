/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "policy/options.h"

static int
copy_text(char **out, const char *text)
{
	*out = NULL;
	return text != NULL && (*out = strdup(text)) == NULL ? -1 : 0;
}

int
options_copy(struct options *out, const struct options *o)
{
	const struct from anywhere = {0};

	options_init(out);
	out->restricted = o->restricted;
	memcpy(out->denied, o->denied, sizeof(out->denied));
	out->cert_authority = o->cert_authority;
	out->verify_required = o->verify_required;
	out->no_touch_required = o->no_touch_required;
	out->expiry_utc_ms = o->expiry_utc_ms;
	out->expiry_local_ms = o->expiry_local_ms;
	out->tunnel = o->tunnel;
	if (copy_text(&out->command, o->command) == 0 &&
	    copy_text(&out->principals, o->principals) == 0 &&
	    from_intersect(&out->from, &o->from, &anywhere) == FROM_OK &&
	    words_join(&out->environment, &o->environment) == 0 &&
	    words_join(&out->permitopen, &o->permitopen) == 0 &&
	    words_join(&out->permitlisten, &o->permitlisten) == 0)
		return 0;
	options_free(out);
	return -1;
}
