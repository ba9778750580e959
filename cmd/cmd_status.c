/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/describe.h"
#include "cmd/packet-keys.h"
#include "cmd/world.h"

enum { STATUS_FRESH = 0, STATUS_OLD = 1, STATUS_NOTHING = 2 };

static const char *const outcomes[] = {
    [OUTCOME_NEVER] = "never",
    [OUTCOME_NEW] = "new",
    [OUTCOME_UNCHANGED] = "unchanged",
    [OUTCOME_FAILED] = "failed",
};

static const char *const words[] = {
    [STATUS_FRESH] = "fresh",
    [STATUS_OLD] = "serving old keys",
    [STATUS_NOTHING] = "nothing usable",
};

static bool
is_stale(const struct source_state *st, const struct config *cfg, int64_t now)
{
	struct freshness f = holdings_freshness(cfg);

	return freshness_until(st, &f) <= now;
}

/*
 * Fresh: each wanted source answered when it was last asked.  That it was a
 * while ago only means that nobody has logged in since.
 */
static unsigned
wanted(const struct world *w)
{
	return policies_sources(&w->p, &w->cfg);
}

static int
judge(const struct world *w)
{
	unsigned i, sources = wanted(w);
	int code = STATUS_FRESH;
	bool usable = false;

	for (i = 0; i < SOURCE_COUNT; i++) {
		const struct source_state *st = &w->h.state[i];

		if ((sources & SOURCE_BIT(i)) == 0)
			continue;
		if (st->outcome == OUTCOME_FAILED ||
		    st->outcome == OUTCOME_NEVER || st->votes != 0)
			code = STATUS_OLD;
		if (i < SOURCE_KEYS && st->checked_ms != 0 &&
		    !is_stale(st, &w->cfg, w->now))
			usable = true;
	}
	/* An old document or list is in force, or none. */
	if (w->p.problem[GRANT_FILE][0] != '\0' || w->p.deny_problem[0] != '\0')
		code = STATUS_OLD;
	/* Answered long ago and quiet since: the next login asks again. */
	if (!usable && code == STATUS_FRESH && w->h.found == SNAPSHOT_OK)
		return STATUS_OLD;
	return usable ? code : STATUS_NOTHING;
}

static void
print_held(const struct source_state *st, enum source s, bool stale)
{
	if (s < SOURCE_KEYS)
		(void)printf("  keys       %u usable, %u left out%s\n",
		    st->keys, st->refused, stale ? ", all stale" : "");
	else if (s == SOURCE_MEMBERS)
		(void)printf("  members    %u%s\n", st->keys,
		    stale ? ", all stale" : "");
	else
		(void)printf("  document   %s%s\n",
		    st->checked_ms != 0 ? "valid" : "none",
		    stale ? ", stale" : "");
}

static void
print_source(const struct config *cfg, const struct holdings *h, enum source s,
    int64_t now)
{
	const struct source_state *st = &h->state[s];
	char when[32], span[32];

	(void)printf(
	    "%s\n  outcome    %s\n", source_name(s), outcomes[st->outcome]);
	print_held(st, s, st->checked_ms != 0 && is_stale(st, cfg, now));
	if (st->checked_ms != 0)
		(void)printf("  confirmed  %s, %s ago\n",
		    stamp_text(when, st->checked_ms),
		    text_span(span, sizeof(span), now - st->checked_ms));
	if (st->id[0] != '\0')
		(void)printf("  of         %s\n", st->id);
	if (st->reason[0] != '\0')
		(void)printf("  reason     %s\n", st->reason);
	if (st->failures != 0)
		(void)printf("  failures   %u in a row\n", st->failures);
	if (st->next_ms > now)
		(void)printf("  next try   %s, in %s\n",
		    stamp_text(when, st->next_ms),
		    text_span(span, sizeof(span), st->next_ms - now));
}

static const char *
policy_word(const struct policies *p, enum grant_origin o)
{
	if (!p->wanted[o])
		return "none";
	if (!p->valid[o])
		return "never valid: no key opens any account";
	return p->problem[o][0] != '\0' ? "last valid document" : "in force";
}

static void
print_policy(const struct world *w)
{
	static const char *const names[] = {"policy", "fleet"};
	const struct policies *p = &w->p;
	unsigned o;

	if (!p->wanted[GRANT_FILE] && !p->wanted[GRANT_FLEET])
		(void)puts("policy     built in: root gets every key");
	for (o = 0; o < GRANT_ORIGINS; o++) {
		if (!p->wanted[o])
			continue;
		(void)printf("%-10s %s\n", names[o], policy_word(p, o));
		if (p->problem[o][0] != '\0')
			(void)printf("  problem    %s\n", p->problem[o]);
	}
	if (p->deny_problem[0] != '\0')
		(void)printf("denied     %s\n  problem    %s\n",
		    p->deny_unknown ? "never good: no key opens any account"
				    : "last good list",
		    p->deny_problem);
}

static void
print_text(const struct world *w, int code)
{
	const struct holdings *h = &w->h;
	char when[32], span[32];
	unsigned i, sources = wanted(w);

	(void)printf("state      %s\n", words[code]);
	if (h->found == SNAPSHOT_OK)
		(void)printf("snapshot   %s, %s old\n",
		    stamp_text(when, h->head.made_ms),
		    text_span(span, sizeof(span), w->now - h->head.made_ms));
	else
		(void)printf("snapshot   none: %s\n", h->why.text);
	if (h->head.device[0] != '\0')
		(void)printf("device     %s\n", h->head.device);
	if (h->head.project[0] != '\0')
		(void)printf("project    %s\n", h->head.project);
	print_policy(w);
	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((sources & SOURCE_BIT(i)) != 0)
			print_source(&w->cfg, h, i, w->now);
	}
}

static json_t *
source_json(const struct config *cfg, const struct source_state *st,
    enum source s, int64_t now)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:b, s:o, s:o, s:o, s:i, s:o, "
			 "s:o}",
	    "name", source_name(s), "outcome", outcomes[st->outcome], "keys",
	    (int)st->keys, "refused", (int)st->refused, "stale",
	    st->checked_ms != 0 && is_stale(st, cfg, now), "confirmed",
	    stamp_json(st->checked_ms), "asked", stamp_json(st->asked_ms),
	    "next_try", stamp_json(st->next_ms), "failures", (int)st->failures,
	    "id", clean_json(st->id), "reason", clean_json(st->reason));
}

static json_t *
policy_json(const struct policies *p, enum grant_origin o)
{
	return json_pack("{s:b, s:b, s:o}", "wanted", p->wanted[o], "valid",
	    p->valid[o], "problem", clean_json(p->problem[o]));
}

static json_t *
status_json(const struct world *w, int code)
{
	const struct holdings *h = &w->h;
	json_t *sources = json_array();
	unsigned i;

	for (i = 0; i < SOURCE_COUNT && sources != NULL; i++) {
		if ((wanted(w) & SOURCE_BIT(i)) != 0)
			sources = describe_append(sources,
			    source_json(&w->cfg, &h->state[i], i, w->now));
	}
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "state",
	    code == STATUS_FRESH     ? "fresh"
		: code == STATUS_OLD ? "old"
				     : "nothing",
	    "exit", code, "made", stamp_json(h->head.made_ms), "error",
	    h->found == SNAPSHOT_OK ? json_null() : clean_json(h->why.text),
	    "device", clean_json(h->head.device), "project",
	    clean_json(h->head.project), "policy",
	    policy_json(&w->p, GRANT_FILE), "fleet",
	    policy_json(&w->p, GRANT_FLEET), "denied_problem",
	    clean_json(w->p.deny_problem), "sources", sources);
}

int
cmd_status(const char *config, int argc, char **argv)
{
	static struct world w;
	bool json;
	int code;

	if (parse_json_operand(argc, argv, &json, NULL) == -1)
		return EXIT_CMD_USAGE;
	if (world_load(&w, config) == -1) {
		world_free(&w);
		return STATUS_NOTHING;
	}
	code = judge(&w);
	if (json) {
		if (print_json(status_json(&w, code)) == -1)
			code = STATUS_NOTHING;
	} else {
		print_text(&w, code);
	}
	world_free(&w);
	if (fflush(stdout) == EOF || ferror(stdout))
		code = complain(STATUS_NOTHING, "cannot write the output");
	return code;
}
