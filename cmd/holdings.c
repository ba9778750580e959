/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <sys/stat.h>

#include "cmd/holdings.h"

void
holdings_load(struct holdings *h, int dirfd, uid_t owner)
{
	struct snapshot s;
	struct stat st;
	unsigned i;

	*h = (struct holdings){0};
	h->found = snapshot_open(&s, dirfd, owner, &h->why);
	if (h->found != SNAPSHOT_OK)
		return;
	h->head = s.head;
	if (fstat(s.fd, &st) == 0)
		h->size = st.st_size;
	for (i = 0; i < SOURCE_COUNT; i++) {
		/* State and records count together or not at all. */
		if (snapshot_source_state(&s, i, &h->state[i]) !=
			SNAPSHOT_FOUND ||
		    snapshot_source_keys(&s, i, &h->keys[i]) != SNAPSHOT_FOUND)
			holdings_forget(h, i);
	}
	snapshot_close(&s);
}

void
holdings_free(struct holdings *h)
{
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++)
		keyset_free(&h->keys[i]);
}

void
holdings_forget(struct holdings *h, enum source src)
{
	keyset_free(&h->keys[src]);
	h->state[src] = (struct source_state){0};
}

/*
 * Whether records of `id` may stand under the setting auto, none or uuid.  A
 * source that has never answered has no id, and no records either.
 */
static bool
id_matches(const char *setting, const char *id)
{
	return id[0] == '\0' || strcmp(setting, "auto") == 0 ||
	    strcasecmp(setting, id) == 0;
}

void
holdings_match(struct holdings *h, const struct config *cfg)
{
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((cfg->sources & SOURCE_BIT(i)) == 0)
			holdings_forget(h, i);
	}
	if (!id_matches(cfg->device, h->state[SOURCE_DEVICE].id))
		holdings_forget(h, SOURCE_DEVICE);
	if (!id_matches(cfg->project, h->state[SOURCE_PROJECT].id))
		holdings_forget(h, SOURCE_PROJECT);
}

int
holdings_merge(
    const struct holdings *h, const struct config *cfg, struct merged *m)
{
	struct freshness f = holdings_freshness(cfg);
	struct merge_input in[SOURCE_COUNT];
	unsigned i;
	size_t n = 0;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((cfg->sources & SOURCE_BIT(i)) == 0)
			continue;
		in[n++] = (struct merge_input){
		    &h->keys[i], i, freshness_until(&h->state[i], &f)};
	}
	return merge_keys(m, in, n);
}

struct freshness
holdings_freshness(const struct config *cfg)
{
	return (struct freshness){cfg->fresh_ms, cfg->stale_ms, cfg->retry_ms};
}
