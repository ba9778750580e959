/*
 * Inside `packet-keys list`: who can open what.
 */
#ifndef CMD_LIST_H
#define CMD_LIST_H

#include "cmd/describe.h"
#include "cmd/world.h"

struct listing {
	const char *user; /* only what opens this account; NULL: all */
	struct somebody who; /* the user, if there is one */
	const struct holdings *h;
	struct people people;
	struct grants g;
};

/* Whether a grant is to be shown. */
bool list_shows(const struct listing *l, const struct granted *v);

/* What the code of a refused record means, for a person. */
const char *list_refusal(const char *code);

/* All of it as JSON; NULL: no memory. */
json_t *list_json(const struct listing *l);

#endif
