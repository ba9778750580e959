/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/denylist.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/rights.h"
#include "cache/flight.h"
#include "cmd/audit.h"
#include "cmd/confine.h"
#include "cmd/publish.h"
#include "cmd/refresh.h"
#include "cmd/round.h"
#include "cmd/tell.h"

struct work {
	struct refresh *r;
	const struct config *cfg;
	struct holdings held;
	struct policies policies;
	struct round round;
};

/* Takes the lock; done is set when another process did the work meanwhile. */
static int
take_lock(struct refresh *r, bool *done, struct error *err)
{
	const struct freshness_digests d = {
	    r->cfg->digest, r->cfg->policy_digest, r->cfg->deny_digest};
	enum flight f;
	struct snapshot s;

	*done = false;
	if (r->lock != -1)
		return flight_check(r->lock, r->dirfd, err);
	if ((r->lock = flight_open(r->dirfd, err)) == -1)
		return -1;
	if ((f = flight_try(r->lock, err)) == FLIGHT_BUSY) {
		f = flight_wait(r->lock, r->deadline, err);
		if (f == FLIGHT_BUSY)
			return error_set(err,
			    "another fetch is still "
			    "running");
		if (f == FLIGHT_LEADER &&
		    snapshot_open(&s, r->dirfd, r->owner, NULL) ==
			SNAPSHOT_OK) {
			/* It may have read the files before they changed. */
			*done = s.head.made_ms >= r->start_wall &&
			    !s.head.degraded && freshness_same(&s.head, &d);
			snapshot_close(&s);
		}
	}
	return f == FLIGHT_LEADER ? 0 : -1;
}

static const char *
what_holds(const struct policies *p, enum grant_origin o)
{
	return p->valid[o] ? "the last valid document stays in force"
			   : "there has never been a valid one: no key opens "
			     "any account";
}

/* Lines in the list of denied keys that deny nothing. */
static void
log_deny_lines(const struct work *w)
{
	const struct buf *text = &w->held.deny;
	struct denylist_cursor c;
	struct denylist_entry e;
	int more;

	denylist_start(&c, (const char *)text->data, text->len);
	while ((more = denylist_next(&c, &e)) != 0) {
		if (more == 1)
			continue;
		tell(TELL_DENY_LINE, LOG_ERR, tell_key(w->cfg->deny_file),
		    "%s:%u: neither a fingerprint (SHA256:…) nor a comment: "
		    "this line denies nothing",
		    w->cfg->deny_file, c.line);
		/* The first will do. */
		return;
	}
}

/* The fleet's were logged as a source's, but for one that came with another
 * version of the program. */
static void
log_problems(const struct work *w)
{
	const struct policies *p = &w->policies;
	const char *file = p->problem[GRANT_FILE];
	const char *fleet = p->problem[GRANT_FLEET];

	if (file[0] != '\0')
		tell(TELL_BAD_POLICY, LOG_ERR, tell_key(file), "%s (%s)", file,
		    what_holds(p, GRANT_FILE));
	if (fleet[0] != '\0' &&
	    w->held.state[SOURCE_FLEET].outcome != OUTCOME_FAILED)
		tell(TELL_BAD_POLICY, LOG_ERR, tell_key(fleet), "%s (%s)",
		    fleet, what_holds(p, GRANT_FLEET));
	if (p->deny_problem[0] != '\0')
		tell(TELL_BAD_DENY_LIST, LOG_ERR, tell_key(p->deny_problem),
		    "%s (%s)", p->deny_problem,
		    p->deny_unknown
			? "there has never been a good list of denied keys: "
			  "no key opens any account"
			: "the last good list of denied keys stays in force");
	log_deny_lines(w);
}

static int
load_policies(struct work *w, struct error *err)
{
	policies_free(&w->policies);
	return policies_load(&w->policies, w->cfg, w->r->files, &w->held, err);
}

/*
 * Asks for what is due.  A fleet document that has just come may need the
 * members, who are asked for then.
 */
static int
ask_all(struct work *w, struct error *err)
{
	unsigned before, sources;

	if (load_policies(w, err) == -1)
		return -1;
	before = policies_sources(&w->policies, w->cfg);
	if (w->r->members)
		before |= SOURCE_BIT(SOURCE_MEMBERS);
	if (round_ask(&w->round, &w->held, before, err) == -1)
		return -1;
	if (!w->policies.wanted[GRANT_FLEET])
		return 0;
	if (load_policies(w, err) == -1)
		return -1;
	sources = policies_sources(&w->policies, w->cfg) & ~before;
	return sources == 0 ? 0 : round_ask(&w->round, &w->held, sources, err);
}

static enum refresh_result
judge(const struct work *w, struct error *err)
{
	const struct round *r = &w->round;

	/* Something was confirmed, or nothing had to be. */
	if (r->asked == 0 || r->confirmed)
		return REFRESH_DONE;
	(void)error_set(err, "nothing new: %s", r->reason);
	return REFRESH_FAILED;
}

/*
 * Members that no policy in force needs were asked for to see what another
 * policy would do.  They stay as long as they would count.
 */
static void
forget_members(struct work *w)
{
	const struct freshness f = holdings_freshness(w->cfg);
	const struct source_state *st = &w->held.state[SOURCE_MEMBERS];

	if (!policies_need_members(&w->policies) && !w->r->members &&
	    (st->outcome == OUTCOME_FAILED ||
		freshness_until(st, &f) <= clock_wall_ms()))
		holdings_forget(&w->held, SOURCE_MEMBERS);
}

/* Most snapshots change nothing, and then nothing more is to be done. */
static void
tell_changes(struct work *w, struct audit *audit, int64_t now)
{
	if (!audit_differs(audit, w->held.head.lines))
		return;
	audit_begin(audit);
	if (publish_each(
		w->cfg, &w->policies, &w->held, now, audit_line, audit) == -1)
		audit->failed = true;
	audit_tell(audit);
}

static enum refresh_result
fetch_and_publish(struct work *w, struct error *err)
{
	enum refresh_result result = REFRESH_FAILED;
	struct audit audit;
	int64_t now;
	struct writer out;

	if (holdings_load(&w->held, w->r->dirfd, w->r->owner) == -1) {
		(void)error_set(err, "%s", w->held.why.text);
		holdings_free(&w->held);
		return REFRESH_FAILED;
	}
	if (w->held.found == SNAPSHOT_BAD)
		tell(TELL_BAD_SNAPSHOT, LOG_WARNING, tell_key(w->held.why.text),
		    "the snapshot is taken as missing: %s", w->held.why.text);
	if (writer_begin(&out, w->r->dirfd, w->held.size, err) == -1) {
		holdings_free(&w->held);
		return REFRESH_FAILED;
	}
	holdings_match(&w->held, w->cfg);
	round_open(&w->round, w->cfg, &w->r->contact, &w->held, w->r->due_only,
	    w->r->deadline);
	if (ask_all(w, err) == -1) {
		writer_abandon(&out);
	} else {
		log_problems(w);
		forget_members(w);
		now = clock_wall_ms();
		audit_open(&audit, w->r->dirfd, w->r->owner);
		if (publish(&out, w->cfg, &w->policies, &w->held, now, err) ==
		    0) {
			tell_changes(w, &audit, now);
			result = judge(w, err);
		}
		audit_close(&audit);
	}
	policies_free(&w->policies);
	holdings_free(&w->held);
	return result;
}

/*
 * Becomes the owner of the cache folder, and reads as that account what was
 * read as root: a lookup sees no more either, and both must agree on what is
 * in force.
 */
static int
drop_root(struct refresh *r, gid_t group, struct error *err)
{
	bool root = geteuid() == 0;

	if (rights_drop(r->owner, group, err) == -1)
		return -1;
	if (!root || r->owner == 0)
		return 0;
	config_files_free(r->files);
	config_files_init(r->files);
	return config_load_files(r->cfg, r->cfg->path, r->files, err);
}

/* What a fetch says last: why there is nothing new, and of what more there is
 * than was told. */
static void
tell_result(enum refresh_result result, const struct error *err)
{
	if (result == REFRESH_FAILED)
		tell(TELL_NOTHING_NEW, LOG_ERR,
		    throttle_gist(DIGEST_INIT, err->text), "%s", err->text);
	tell_rest();
}

int
refresh_open(struct refresh *r, struct error *err)
{
	gid_t group;

	r->dirfd = file_open_dir(r->cfg->directory, &r->owner, &group, err);
	if (r->dirfd != -1) {
		tell_begin(r->dirfd, r->owner);
		if (drop_root(r, group, err) == 0 &&
		    confine_fetcher(r->cfg, r->dirfd, err) == 0)
			return 0;
	}
	tell_result(REFRESH_FAILED, err);
	if (r->dirfd != -1) {
		tell_end();
		(void)close(r->dirfd);
	}
	r->dirfd = -1;
	return -1;
}

enum refresh_result
refresh_run(struct refresh *r, struct error *err)
{
	struct work w = {.r = r, .cfg = r->cfg};
	enum refresh_result result = REFRESH_FAILED;
	bool done;

	if (take_lock(r, &done, err) == 0)
		result = done ? REFRESH_DONE : fetch_and_publish(&w, err);
	tell_result(result, err);
	if (r->lock != -1)
		(void)close(r->lock);
	r->lock = -1;
	return result;
}

void
refresh_close(struct refresh *r)
{
	tell_end();
	(void)close(r->dirfd);
	r->dirfd = -1;
	if (clock_left_ms(r->deadline) > 0)
		contact_close(&r->contact);
}
