/*
 * Holdings made into a new snapshot: policy applied, lines rendered, written.
 */
#ifndef CMD_PUBLISH_H
#define CMD_PUBLISH_H

#include "cache/writer.h"
#include "cmd/holdings.h"
#include "cmd/policies.h"
#include "policy/compile.h"

/*
 * Fills in h->head (but for what `auto` stands for) and publishes by way of
 * w, which is gone afterwards.  0, or -1 with the reason: the old snapshot
 * still stands.
 */
int publish(struct writer *w, const struct config *cfg,
    const struct policies *p, struct holdings *h, int64_t now,
    struct error *err);

/* Calls fn with each line that a snapshot made at now has.  0, or -1 when fn
 * stopped it or there was no memory. */
int publish_each(const struct config *cfg, const struct policies *p,
    const struct holdings *h, int64_t now,
    int (*fn)(void *ctx, const struct compile_line *line), void *ctx);

#endif
