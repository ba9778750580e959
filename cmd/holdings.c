/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cmd/holdings.h"

static void
init_texts(struct holdings *h)
{
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++)
		buf_init(&h->policy[o], LIMIT_POLICY_FILE);
	buf_init(&h->deny, LIMIT_DENY_FILE);
}

/* State and what was held count together or not at all.  -1: lacks. */
static int
load_source(struct holdings *h, struct snapshot *s, enum source src)
{
	enum snapshot_find r;

	if (snapshot_source_state(s, src, &h->state[src]) != SNAPSHOT_FOUND) {
		holdings_forget(h, src);
		return 0;
	}
	if (src == SOURCE_MEMBERS)
		r = snapshot_members(s, &h->members);
	else if (src == SOURCE_FLEET)
		r = snapshot_policy(s, GRANT_FLEET, &h->policy[GRANT_FLEET]);
	else
		r = snapshot_source_keys(s, src, &h->keys[src]);
	if (r == SNAPSHOT_ERROR && snapshot_lacks())
		return -1;
	if (r != SNAPSHOT_FOUND)
		holdings_forget(h, src);
	return 0;
}

static int
load_all(struct holdings *h, struct snapshot *s)
{
	enum snapshot_find r;
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if (load_source(h, s, i) == -1)
			return -1;
	}
	/* What can't be read was never valid. */
	r = snapshot_policy(s, GRANT_FILE, &h->policy[GRANT_FILE]);
	if (r == SNAPSHOT_ERROR && snapshot_lacks())
		return -1;
	if (r != SNAPSHOT_FOUND)
		buf_free(&h->policy[GRANT_FILE]);
	r = snapshot_deny(s, &h->deny);
	if (r == SNAPSHOT_ERROR && snapshot_lacks())
		return -1;
	h->deny_known = r == SNAPSHOT_FOUND;
	if (!h->deny_known)
		buf_free(&h->deny);
	return 0;
}

int
holdings_load(struct holdings *h, int dirfd, uid_t owner)
{
	struct snapshot s;
	struct stat st;
	int r;

	*h = (struct holdings){0};
	init_texts(h);
	h->found = snapshot_open(&s, dirfd, owner, &h->why);
	if (h->found != SNAPSHOT_OK)
		return h->found == SNAPSHOT_BAD && snapshot_lacks() ? -1 : 0;
	h->head = s.head;
	if (fstat(s.fd, &st) == 0)
		h->size = st.st_size;
	if ((r = load_all(h, &s)) == -1)
		(void)error_set(&h->why, "no memory for " SNAPSHOT_FILE);
	snapshot_close(&s);
	return r;
}

void
holdings_free(struct holdings *h)
{
	unsigned i;

	for (i = 0; i < SOURCE_KEYS; i++)
		keyset_free(&h->keys[i]);
	memberset_free(&h->members);
	for (i = 0; i < GRANT_ORIGINS; i++)
		buf_free(&h->policy[i]);
	buf_free(&h->deny);
}

void
holdings_forget(struct holdings *h, enum source src)
{
	if (src == SOURCE_MEMBERS)
		memberset_free(&h->members);
	else if (src == SOURCE_FLEET)
		buf_free(&h->policy[GRANT_FLEET]);
	else
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

/* Whether the document that is held is of the customdata that fleet names:
 * "project", "device" or "organization:<uuid>". */
static bool
fleet_matches(const struct config *cfg, const struct source_state *st)
{
	static const char organization[] = "organization:";
	size_t len = sizeof(organization) - 1, tail_len, url_len;
	const char *kind = cfg->fleet;
	char tail[128];

	/* It has not answered yet. */
	if (st->url[0] == '\0')
		return true;
	if (strncmp(kind, organization, len) == 0) {
		if (!id_matches(kind + len, st->id))
			return false;
		kind = "organization";
	} else if (!id_matches(
		       strcmp(kind, "device") == 0 ? cfg->device : cfg->project,
		       st->id)) {
		return false;
	}
	(void)snprintf(tail, sizeof(tail), "/%ss/%s/customdata", kind, st->id);
	tail_len = strlen(tail);
	url_len = strlen(st->url);
	return url_len >= tail_len &&
	    strcasecmp(st->url + url_len - tail_len, tail) == 0;
}

void
holdings_match(struct holdings *h, const struct config *cfg)
{
	unsigned i;

	for (i = 0; i < SOURCE_KEYS; i++) {
		if ((cfg->sources & SOURCE_BIT(i)) == 0)
			holdings_forget(h, i);
	}
	if (!id_matches(cfg->device, h->state[SOURCE_DEVICE].id))
		holdings_forget(h, SOURCE_DEVICE);
	if (!id_matches(cfg->project, h->state[SOURCE_PROJECT].id))
		holdings_forget(h, SOURCE_PROJECT);
	if (!id_matches(cfg->project, h->state[SOURCE_MEMBERS].id))
		holdings_forget(h, SOURCE_MEMBERS);
	if (!fleet_matches(cfg, &h->state[SOURCE_FLEET]))
		holdings_forget(h, SOURCE_FLEET);
}

int
holdings_merge(
    const struct holdings *h, const struct config *cfg, struct merged *m)
{
	struct freshness f = holdings_freshness(cfg);
	struct merge_input in[SOURCE_KEYS];
	unsigned i;
	size_t n = 0;

	for (i = 0; i < SOURCE_KEYS; i++) {
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
