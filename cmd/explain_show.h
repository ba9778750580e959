/*
 * Inside `packet-keys explain`: an explanation printed.
 */
#ifndef CMD_EXPLAIN_SHOW_H
#define CMD_EXPLAIN_SHOW_H

#include <jansson.h>

#include "cmd/explain.h"
#include "cmd/world.h"

struct explain_view {
	const struct world *w;
	const struct somebody *who;
	const struct explanation *e;
};

/* 0, or -1 after a message. */
int explain_print(const struct explain_view *v);
/* NULL: no memory. */
json_t *explain_json(const struct explain_view *v);

/* "in force", "last valid" (the newest text is not) or "never valid". */
const char *explain_state(const struct explain_view *v, enum grant_origin o);
/* What is wrong with the newest text; "" for nothing, or where there are no
 * documents. */
const char *explain_problem(const struct explain_view *v, enum grant_origin o);

/* The next record of the key in a source, from *i on, which moves behind it;
 * NULL: none. */
const struct keyrec *explain_record(
    const struct explain_view *v, enum source s, size_t *i);
/* Whether the records of a source still count. */
bool explain_counts(const struct explain_view *v, enum source s);
/* How many records can't be used at all: the key may be one of them. */
size_t explain_unusable(const struct explain_view *v);
/* What somebody noted in the list of denied keys, uncleaned, cut to fit;
 * returns dst. */
char *explain_note(const struct explain_view *v, char *dst, size_t size);

/* The code of a ruling; "-" where there was no key to ask. */
const char *explain_code(struct ruling r);
/* The type and size of the key, "" and 0 where they are not known. */
const char *explain_type(const struct explanation *e, unsigned *bits);

#endif
