/*
 * The policy that is in force: what the files beside the config say now, and
 * where they say nothing valid, what they last said.
 */
#ifndef CMD_POLICIES_H
#define CMD_POLICIES_H

#include "base/config.h"
#include "cmd/holdings.h"
#include "policy/document.h"
#include "policy/judge.h"

struct policies {
	bool wanted[GRANT_ORIGINS];
	bool valid[GRANT_ORIGINS]; /* doc is one, the last valid */
	struct policy doc[GRANT_ORIGINS];
	/* Why the newest text is not in force: with the file's name, line,
	 * column and path.  "": it is. */
	char problem[GRANT_ORIGINS][LIMIT_REASON];
	char deny_problem[LIMIT_REASON]; /* the same of the denied keys */
	bool deny_unknown; /* never a good list: no key opens any account */
};

/*
 * Takes the texts of files into h, where they are valid, and reads the
 * documents that h then holds.  (That of the fleet came with the fetch, see
 * answers.h.)  0, or -1 with err out of memory: then nothing was decided and
 * nobody's lines may be made of it.  policies_free in either case.
 */
int policies_load(struct policies *p, const struct config *cfg,
    const struct config_files *files, struct holdings *h, struct error *err);
void policies_free(struct policies *p);

/* Whether a document needs the members of the project. */
bool policies_need_members(const struct policies *p);
/* SOURCE_BIT()s of all that is asked of the portal under cfg and p. */
unsigned policies_sources(const struct policies *p, const struct config *cfg);

/* What compile() and judge_open() take; borrows everything. */
struct judge_input policies_input(const struct policies *p,
    const struct config *cfg, const struct holdings *h,
    const struct merged *keys, int64_t now);

#endif
