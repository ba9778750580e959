/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rights.h"
#include "base/text.h"
#include "base/url.h"
#include "cache/flight.h"
#include "cmd/answers.h"
#include "cmd/publish.h"
#include "cmd/refresh.h"
#include "cmd/token.h"

/* `auto` is learned anew once a day. */
#define LEARN_MS (86400 * INT64_C(1000))
/* And this long after it could not be learned. */
#define LEARN_RETRY_MS (600 * INT64_C(1000))

struct work {
	const struct refresh *r;
	const struct config *cfg;
	int dirfd;
	uid_t owner;
	int64_t asked_at;
	struct holdings held;
	struct portal_source answers[SOURCE_COUNT];
	struct portal_ids ids;
	char boot[SNAPSHOT_UUID_SIZE]; /* this boot's id; "" if unknown */
	struct portal *portal;
	unsigned asked; /* SOURCE_BIT()s */
};

/* Takes the lock; done is set when another process did the work meanwhile. */
static int
take_lock(struct work *w, int *lock, bool *done, struct error *err)
{
	enum flight f;
	struct snapshot s;

	*done = false;
	if (w->r->lock != -1) {
		*lock = w->r->lock;
		return flight_check(*lock, w->dirfd, err);
	}
	if ((*lock = flight_open(w->dirfd, err)) == -1)
		return -1;
	if ((f = flight_try(*lock, err)) == FLIGHT_BUSY) {
		f = flight_wait(*lock, w->r->deadline, err);
		if (f == FLIGHT_BUSY)
			return error_set(err,
			    "another fetch is still "
			    "running");
		if (f == FLIGHT_LEADER &&
		    snapshot_open(&s, w->dirfd, w->owner, NULL) ==
			SNAPSHOT_OK) {
			*done = s.head.made_ms >= w->r->start_wall &&
			    !s.head.degraded;
			snapshot_close(&s);
		}
	}
	return f == FLIGHT_LEADER ? 0 : -1;
}

/* A changed config voids what was learned and planned under the old one. */
static void
choose_sources(struct work *w)
{
	struct freshness f = holdings_freshness(w->cfg);
	bool all =
	    !w->r->due_only || w->held.head.config_digest != w->cfg->digest;
	unsigned i;

	portal_sources_init(w->answers);
	for (i = 0; i < SOURCE_COUNT; i++) {
		struct source_state *st = &w->held.state[i];

		freshness_doubt(st, w->asked_at);
		if ((w->cfg->sources & SOURCE_BIT(i)) == 0 ||
		    (!all && !freshness_needs_ask(st, &f, w->asked_at)))
			continue;
		w->asked |= SOURCE_BIT(i);
		w->answers[i].ask = true;
		/* Without records a "not modified" would be no answer. */
		if (st->checked_ms == 0)
			continue;
		memcpy(w->answers[i].etag, st->etag, sizeof(st->etag));
		memcpy(w->answers[i].url, st->url, sizeof(st->url));
	}
}

/* Gives sources that were to be asked an outcome without asking. */
static void
set_failed(struct work *w, unsigned sources, const char *reason)
{
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		struct portal_source *answer = &w->answers[i];

		if ((w->asked & sources & SOURCE_BIT(i)) == 0)
			continue;
		answer->ask = false;
		answer->outcome = PORTAL_FAILED;
		memcpy(answer->id, w->held.state[i].id, sizeof(answer->id));
		(void)text_copy(answer->reason, sizeof(answer->reason), reason);
	}
}

/* boot_id of random(4): new at each start of the kernel. */
static void
read_boot(struct work *w)
{
	ssize_t n = -1;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		n = read(fd, w->boot, sizeof(w->boot) - 1);
		(void)close(fd);
	}
	w->boot[n > 0 ? n : 0] = '\0';
	if (!uuid_ok(w->boot))
		w->boot[0] = '\0';
}

static void
load_ids(struct work *w)
{
	const struct snapshot_head *head = &w->held.head;

	memcpy(w->ids.device, head->device, sizeof(w->ids.device));
	memcpy(w->ids.project, head->project, sizeof(w->ids.project));
	w->ids.learned_ms = head->learned_ms;
}

static void
store_ids(struct work *w)
{
	struct snapshot_head *head = &w->held.head;

	memcpy(head->device, w->ids.device, sizeof(head->device));
	memcpy(head->project, w->ids.project, sizeof(head->project));
	head->learned_ms = w->ids.learned_ms;
}

/* Sources that need the token, which can't be had, are not asked. */
static unsigned
without_token(struct work *w)
{
	unsigned i, sources = w->asked & ~SOURCE_BIT(SOURCE_METADATA);

	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((sources & SOURCE_BIT(i)) != 0)
			w->answers[i].ask = false;
	}
	return sources;
}

/*
 * Once a day, and once a boot: a disk that was copied to another machine
 * brings the ids of the first one along.
 */
static bool
must_relearn(const struct work *w)
{
	return strcmp(w->boot, w->held.head.boot) != 0 ||
	    w->ids.learned_ms > w->asked_at ||
	    w->asked_at - w->ids.learned_ms >= LEARN_MS;
}

/* Asks the portal; every asked source has an outcome afterwards. */
static void
ask_portal(struct work *w)
{
	const struct config *cfg = w->cfg;
	const struct portal_settings settings = {.url = cfg->url,
	    .metadata_url = cfg->metadata_url,
	    .ca_file = cfg->ca_file,
	    .proxy = cfg->proxy,
	    .token_file = cfg->token_file,
	    .project = cfg->project,
	    .device = cfg->device,
	    .connect_timeout_ms = cfg->connect_timeout_ms};
	struct error err, token_err;
	unsigned shut_out = 0;
	struct buf token;
	bool have, relearn = must_relearn(w);

	have = token_read(cfg->token_file, &token, &token_err) == 0;
	if (!have)
		shut_out = without_token(w);
	w->portal =
	    portal_new(&settings, have ? (char *)token.data : NULL, &err);
	token_wipe(&token);
	if (w->portal == NULL)
		set_failed(w, ~0u, err.text);
	else if (portal_fetch(w->portal, &w->ids, relearn, w->answers,
		     w->r->deadline, &err) == -1)
		log_line(LOG_ERR, "%s", err.text);
	set_failed(w, shut_out, token_err.text);
	/* Ids that could not be confirmed stay in use; a metadata service
	 * that is gone must not hold up every fetch from now on. */
	memcpy(w->held.head.boot, w->boot, sizeof(w->boot));
	if (relearn && w->ids.learned_ms == w->held.head.learned_ms)
		w->ids.learned_ms = w->asked_at - LEARN_MS + LEARN_RETRY_MS;
}

static int
take_answers(struct work *w, int64_t now, struct error *err)
{
	uint32_t random = 0;
	unsigned i;

	/* Only the spread of retries hangs on it. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) == -1)
		random = 0;
	for (i = 0; i < SOURCE_COUNT; i++) {
		if (answer_take(&w->held, i, &w->answers[i], w->cfg,
			w->asked_at, now, random) == -1)
			return error_set(err, "no memory for the keys");
	}
	return 0;
}

/* Something was confirmed, or nothing had to be. */
static enum refresh_result
judge(const struct work *w, struct error *err)
{
	unsigned i, failed = 0;

	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((w->asked & SOURCE_BIT(i)) == 0)
			continue;
		if (w->answers[i].outcome != PORTAL_FAILED)
			return REFRESH_DONE;
		(void)error_set(err, "nothing new: %s", w->answers[i].reason);
		failed++;
	}
	return failed == 0 ? REFRESH_DONE : REFRESH_FAILED;
}

static enum refresh_result
fetch_and_publish(struct work *w, struct error *err)
{
	enum refresh_result result = REFRESH_FAILED;
	struct writer out;
	int64_t now;

	holdings_load(&w->held, w->dirfd, w->owner);
	if (w->held.found == SNAPSHOT_BAD)
		log_line(LOG_WARNING, "the snapshot is taken as missing: %s",
		    w->held.why.text);
	if (writer_begin(&out, w->dirfd, w->held.size, err) == -1) {
		holdings_free(&w->held);
		return REFRESH_FAILED;
	}
	holdings_match(&w->held, w->cfg);
	load_ids(w);
	read_boot(w);
	w->asked_at = clock_wall_ms();
	choose_sources(w);
	if (w->asked != 0)
		ask_portal(w);
	store_ids(w);
	now = clock_wall_ms();
	if (take_answers(w, now, err) == -1)
		writer_abandon(&out);
	else if (publish(&out, w->cfg, &w->held, now, err) == 0)
		result = judge(w, err);
	holdings_free(&w->held);
	portal_sources_free(w->answers);
	return result;
}

enum refresh_result
refresh_run(struct refresh *r, struct error *err)
{
	struct work w = {.r = r, .cfg = r->cfg};
	enum refresh_result result = REFRESH_FAILED;
	gid_t group;
	int lock = r->lock;
	bool done;

	w.dirfd = file_open_dir(r->cfg->directory, &w.owner, &group, err);
	if (w.dirfd == -1)
		return REFRESH_FAILED;
	if (rights_drop(w.owner, group, err) == 0 && rights_confine(err) == 0 &&
	    take_lock(&w, &lock, &done, err) == 0)
		result = done ? REFRESH_DONE : fetch_and_publish(&w, err);
	if (lock != -1)
		(void)close(lock);
	(void)close(w.dirfd);
	/* After the deadline a name lookup may still hang in there, and would
	 * hold us up: the process's end cleans up just as well. */
	if (w.portal != NULL && clock_left_ms(r->deadline) > 0)
		portal_free(w.portal);
	return result;
}
