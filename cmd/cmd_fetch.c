/* SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <stdio.h>

#include "base/clock.h"
#include "cmd/packet-keys.h"
#include "cmd/run.h"
#include "cmd/world.h"

/* Beyond `timeout`: for the fetcher to start, publish and end. */
#define GRACE_MS 5000

static const char *const outcomes[] = {
    [OUTCOME_NEVER] = "not asked yet",
    [OUTCOME_NEW] = "new list",
    [OUTCOME_UNCHANGED] = "unchanged",
    [OUTCOME_FAILED] = "failed",
};

static void
print_sources(const struct config *cfg, const struct holdings *h)
{
	const struct source_state *st;
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		st = &h->state[i];
		/* Members are asked for only where a policy needs them. */
		if ((cfg->sources & SOURCE_BIT(i)) == 0 &&
		    st->outcome == OUTCOME_NEVER)
			continue;
		(void)printf("%-9s %s", source_name(i),
		    i == SOURCE_FLEET && st->outcome == OUTCOME_NEW
			? "new document"
			: outcomes[st->outcome]);
		if (i < SOURCE_KEYS)
			(void)printf(
			    ", %u key%s", st->keys, st->keys == 1 ? "" : "s");
		if (i == SOURCE_MEMBERS)
			(void)printf(", %u", st->keys);
		if (st->refused != 0)
			(void)printf(", %u left out", st->refused);
		if (st->reason[0] != '\0')
			(void)printf(": %s", st->reason);
		(void)putchar('\n');
	}
}

int
cmd_fetch(const char *config, int argc, char **argv)
{
	static const struct option options[] = {
	    {"members", no_argument, NULL, 'm'}, {NULL, 0, NULL, 0}};
	const char *fetcher[] = {FETCHER, "--once", "-c", config, NULL, NULL};
	struct run run = {.argv = fetcher, .uid = (uid_t)-1};
	static struct config cfg;
	static struct world w;
	struct error err;
	int code, ch;

	while ((ch = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (ch != 'm')
			return EXIT_CMD_USAGE;
		fetcher[4] = "--members";
	}
	if (optind != argc)
		return complain(EXIT_CMD_USAGE,
		    "usage: packet-keys %s [--members]", argv[0]);
	if (config_load(&cfg, config, &err) == -1)
		return complain(1, "%s", err.text);
	run.deadline = clock_mono_ms() + cfg.timeout_ms + GRACE_MS;
	if ((code = run_program(&run, &err)) == -1)
		return complain(1, "%s", err.text);
	if (code == 127)
		return complain(1, "cannot run %s", FETCHER);
	if (world_load(&w, config) == 0)
		print_sources(&w.cfg, &w.h);
	else
		code = 1;
	world_free(&w);
	return code == 0 ? 0 : 1;
}
