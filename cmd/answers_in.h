/*
 * Inside cmd/answers.h.
 */
#ifndef CMD_ANSWERS_IN_H
#define CMD_ANSWERS_IN_H

#include "cmd/answers.h"

/* Notes whose list it is, and the ETag and URL to ask for it with. */
void answer_take_ids(
    struct source_state *st, const struct portal_source *answer);

/* Says so if the source had failed until now; before: its state then. */
void answer_tell_again(
    enum source src, const struct source_state *before, int64_t now);

/* answers_document.c: the fleet's policy, new.  0, or -1 out of memory. */
int answer_take_document(struct holdings *h, struct portal_source *answer,
    const struct config *cfg, int64_t asked_at);

#endif
