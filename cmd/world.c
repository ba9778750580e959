/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "base/clock.h"
#include "cmd/packet-keys.h"
#include "cmd/world.h"

static bool
is_fresh(const struct world *w)
{
	const struct freshness_digests d = {
	    w->cfg.digest, w->cfg.policy_digest, w->cfg.deny_digest};

	return w->h.found == SNAPSHOT_OK &&
	    freshness_holds(&w->h.head, &d, w->now);
}

int
world_load(struct world *w, const char *config)
{
	struct error err;
	unsigned i;
	uid_t owner;
	gid_t group;
	int dirfd, r;

	*w = (struct world){.now = clock_wall_ms()};
	config_files_init(&w->files);
	if (config_load_files(&w->cfg, config, &w->files, &err) == -1 ||
	    (dirfd = file_open_dir(w->cfg.directory, &owner, &group, &err)) ==
		-1)
		return complain(-1, "%s", err.text);
	r = holdings_load(&w->h, dirfd, owner);
	(void)close(dirfd);
	if (r == -1)
		return complain(-1, "%s", w->h.why.text);
	holdings_match(&w->h, &w->cfg);
	/* As the next fetch would, before it counts on any of them. */
	for (i = 0; i < SOURCE_COUNT; i++)
		freshness_doubt(&w->h.state[i], w->now);
	if (policies_load(&w->p, &w->cfg, &w->files, &w->h, &err) == -1)
		return complain(-1, "%s", err.text);
	if (holdings_merge(&w->h, &w->cfg, &w->keys) == -1)
		return complain(-1, "no memory");
	w->in = policies_input(&w->p, &w->cfg, &w->h, &w->keys, w->now);
	w->fresh = is_fresh(w);
	return 0;
}

void
world_free(struct world *w)
{
	merge_free(&w->keys);
	policies_free(&w->p);
	holdings_free(&w->h);
	config_files_free(&w->files);
}

void
world_notes(const struct world *w)
{
	static const char *const origins[GRANT_ORIGINS] = {
	    [GRANT_FILE] = "file", [GRANT_FLEET] = "fleet"};
	unsigned o;

	for (o = 0; o < GRANT_ORIGINS; o++) {
		const char *problem = w->p.problem[o];

		if (!w->p.wanted[o])
			continue;
		if (!w->p.valid[o])
			(void)complain(0,
			    "no key opens any account, for there has never "
			    "been a valid policy of the %s%s%s",
			    origins[o], problem[0] == '\0' ? "" : ": ",
			    problem);
		else if (problem[0] != '\0')
			(void)complain(0,
			    "the last valid policy of the %s stays in force: "
			    "%s",
			    origins[o], problem);
	}
	if (w->p.deny_problem[0] != '\0')
		(void)complain(0,
		    "the last good list of denied keys stays in force: %s",
		    w->p.deny_problem);
}
