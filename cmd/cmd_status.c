/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/packet-keys.h"

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
static int
judge(const struct config *cfg, const struct holdings *h, int64_t now)
{
	int code = STATUS_FRESH;
	bool usable = false;
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		const struct source_state *st = &h->state[i];

		if ((cfg->sources & SOURCE_BIT(i)) == 0)
			continue;
		if (st->outcome == OUTCOME_FAILED ||
		    st->outcome == OUTCOME_NEVER || st->votes != 0)
			code = STATUS_OLD;
		if (st->checked_ms != 0 && !is_stale(st, cfg, now))
			usable = true;
	}
	/* Answered long ago and quiet since: the next login asks again. */
	if (!usable && code == STATUS_FRESH && h->found == SNAPSHOT_OK)
		return STATUS_OLD;
	return usable ? code : STATUS_NOTHING;
}

static void
print_source(const struct config *cfg, const struct holdings *h, enum source s,
    int64_t now)
{
	const struct source_state *st = &h->state[s];
	char when[32], span[32];

	(void)printf("%s\n  outcome    %s\n  keys       %u usable, %u left "
		     "out%s\n",
	    source_name(s), outcomes[st->outcome], st->keys, st->refused,
	    st->checked_ms != 0 && is_stale(st, cfg, now) ? ", all stale" : "");
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

static void
print_text(
    const struct config *cfg, const struct holdings *h, int code, int64_t now)
{
	char when[32], span[32];
	unsigned i;

	(void)printf("state      %s\n", words[code]);
	if (h->found == SNAPSHOT_OK)
		(void)printf("snapshot   %s, %s old\n",
		    stamp_text(when, h->head.made_ms),
		    text_span(span, sizeof(span), now - h->head.made_ms));
	else
		(void)printf("snapshot   none: %s\n", h->why.text);
	if (h->head.device[0] != '\0')
		(void)printf("device     %s\n", h->head.device);
	if (h->head.project[0] != '\0')
		(void)printf("project    %s\n", h->head.project);
	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((cfg->sources & SOURCE_BIT(i)) != 0)
			print_source(cfg, h, i, now);
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
status_json(
    const struct config *cfg, const struct holdings *h, int code, int64_t now)
{
	json_t *sources = json_array();
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((cfg->sources & SOURCE_BIT(i)) != 0)
			(void)json_array_append_new(
			    sources, source_json(cfg, &h->state[i], i, now));
	}
	return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "state",
	    code == STATUS_FRESH     ? "fresh"
		: code == STATUS_OLD ? "old"
				     : "nothing",
	    "exit", code, "made", stamp_json(h->head.made_ms), "error",
	    h->found == SNAPSHOT_OK ? json_null() : clean_json(h->why.text),
	    "device", clean_json(h->head.device), "project",
	    clean_json(h->head.project), "sources", sources);
}

int
cmd_status(const char *config, int argc, char **argv)
{
	int64_t now = clock_wall_ms();
	static struct config cfg;
	struct holdings h;
	bool json;
	int code;

	if (parse_json_operand(argc, argv, &json, NULL) == -1)
		return EXIT_CMD_USAGE;
	if (load_holdings(config, &cfg, &h) == -1)
		return STATUS_NOTHING;
	code = judge(&cfg, &h, now);
	if (json) {
		if (print_json(status_json(&cfg, &h, code, now)) == -1)
			code = STATUS_NOTHING;
	} else {
		print_text(&cfg, &h, code, now);
	}
	holdings_free(&h);
	if (fflush(stdout) == EOF || ferror(stdout))
		code = complain(STATUS_NOTHING, "cannot write the output");
	return code;
}
