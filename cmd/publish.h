/*
 * Holdings made into a new snapshot: policy applied, lines rendered, written.
 */
#ifndef CMD_PUBLISH_H
#define CMD_PUBLISH_H

#include "cache/writer.h"
#include "cmd/audit.h"
#include "cmd/holdings.h"
#include "cmd/policies.h"

/*
 * Fills in h->head (but for what `auto` stands for) and publishes by way of
 * w, which is gone afterwards.  0, or -1 with the reason: the old snapshot
 * still stands.
 */
int publish(struct writer *w, const struct config *cfg,
    const struct policies *p, struct holdings *h, int64_t now,
    struct error *err);
/* The same, and each line is noted in audit. */
int publish_noted(struct writer *w, const struct config *cfg,
    const struct policies *p, struct holdings *h, int64_t now,
    struct audit *audit, struct error *err);

#endif
