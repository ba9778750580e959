/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/url.h"
#include "cmd/answers.h"
#include "cmd/round.h"
#include "cmd/tell.h"
#include "cmd/token.h"

/* `auto` is learned anew once a day. */
#define LEARN_MS (86400 * INT64_C(1000))
/* And this long after it could not be learned. */
#define LEARN_RETRY_MS (600 * INT64_C(1000))

struct asking {
	struct round *r;
	struct holdings *h;
	int64_t at; /* wall clock */
	unsigned sources; /* asked for now */
	struct portal_source answers[SOURCE_COUNT];
};

/* boot_id of random(4): new at each start of the kernel. */
static void
read_boot(char boot[SNAPSHOT_UUID_SIZE])
{
	ssize_t n = -1;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		n = read(fd, boot, SNAPSHOT_UUID_SIZE - 1);
		(void)close(fd);
	}
	boot[n > 0 ? n : 0] = '\0';
	if (!uuid_ok(boot))
		boot[0] = '\0';
}

void
round_open(struct round *r, const struct config *cfg, struct contact *contact,
    const struct holdings *h, bool due_only, int64_t deadline)
{
	const struct snapshot_head *head = &h->head;

	*r = (struct round){.cfg = cfg,
	    .contact = contact,
	    .all = !due_only || head->config_digest != cfg->digest,
	    .deadline = deadline};
	memcpy(r->ids.device, head->device, sizeof(r->ids.device));
	memcpy(r->ids.project, head->project, sizeof(r->ids.project));
	r->ids.learned_ms = head->learned_ms;
	read_boot(r->boot);
}

void
contact_close(struct contact *c)
{
	portal_free(c->portal);
	*c = (struct contact){.portal = NULL};
}

static void
choose(struct asking *a, unsigned sources)
{
	struct freshness f = holdings_freshness(a->r->cfg);
	unsigned i;

	portal_sources_init(a->answers);
	for (i = 0; i < SOURCE_COUNT; i++) {
		struct source_state *st = &a->h->state[i];

		if ((sources & SOURCE_BIT(i)) == 0)
			continue;
		freshness_doubt(st, a->at);
		if (!a->r->all && !freshness_needs_ask(st, &f, a->at))
			continue;
		a->sources |= SOURCE_BIT(i);
		a->answers[i].ask = true;
		/* Without records a "not modified" would be no answer. */
		if (st->checked_ms == 0)
			continue;
		memcpy(a->answers[i].etag, st->etag, sizeof(st->etag));
		memcpy(a->answers[i].url, st->url, sizeof(st->url));
	}
}

/* Gives sources that were to be asked an outcome without asking. */
static void
set_failed(struct asking *a, unsigned sources, const char *reason)
{
	unsigned i;

	for (i = 0; i < SOURCE_COUNT; i++) {
		struct portal_source *answer = &a->answers[i];

		if ((a->sources & sources & SOURCE_BIT(i)) == 0)
			continue;
		answer->ask = false;
		answer->outcome = PORTAL_FAILED;
		memcpy(answer->id, a->h->state[i].id, sizeof(answer->id));
		(void)text_copy(answer->reason, sizeof(answer->reason), reason);
	}
}

/* Sources that need the token, which can't be had, are not asked. */
static unsigned
without_token(struct asking *a)
{
	unsigned i, sources = a->sources & ~SOURCE_BIT(SOURCE_METADATA);

	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((sources & SOURCE_BIT(i)) != 0)
			a->answers[i].ask = false;
	}
	return sources;
}

/*
 * Once a day, and once a boot: a disk that was copied to another machine
 * brings the ids of the first one along.
 */
static bool
must_relearn(const struct asking *a)
{
	const struct round *r = a->r;

	return strcmp(r->boot, a->h->head.boot) != 0 ||
	    r->ids.learned_ms > a->at || a->at - r->ids.learned_ms >= LEARN_MS;
}

static void
open_portal(struct contact *c, const struct config *cfg)
{
	struct error token_err = {""};
	struct buf token;

	c->settings = (struct portal_settings){.url = cfg->url,
	    .metadata_url = cfg->metadata_url,
	    .ca_file = cfg->ca_file,
	    .proxy = cfg->proxy,
	    .token_file = cfg->token_file,
	    .project = cfg->project,
	    .device = cfg->device,
	    .fleet = cfg->fleet,
	    .connect_timeout_ms = cfg->connect_timeout_ms};
	c->no_token = token_read(cfg->token_file, &token, &token_err) == -1;
	c->portal = portal_new(
	    &c->settings, c->no_token ? NULL : (char *)token.data, &c->err);
	token_wipe(&token);
	if (c->portal != NULL)
		c->err = token_err;
}

/* Asks the portal; every asked source has an outcome afterwards. */
static void
ask_portal(struct asking *a)
{
	struct round *r = a->r;
	struct contact *c = r->contact;
	unsigned shut_out = 0;
	bool relearn = must_relearn(a);
	struct error err;

	if (c->portal == NULL)
		open_portal(c, r->cfg);
	if (c->portal == NULL) {
		set_failed(a, ~0u, c->err.text);
		return;
	}
	if (c->no_token)
		shut_out = without_token(a);
	if (portal_fetch(c->portal, &r->ids, relearn, a->answers, r->deadline,
		&err) == -1)
		tell(TELL_NOTHING_NEW, LOG_ERR, tell_key(err.text), "%s",
		    err.text);
	set_failed(a, shut_out, c->err.text);
	/* Ids that could not be confirmed stay in use; a metadata service
	 * that is gone must not hold up every fetch from now on. */
	memcpy(a->h->head.boot, r->boot, sizeof(r->boot));
	if (relearn && r->ids.learned_ms == a->h->head.learned_ms)
		r->ids.learned_ms = a->at - LEARN_MS + LEARN_RETRY_MS;
}

static void
store_ids(const struct round *r, struct snapshot_head *head)
{
	memcpy(head->device, r->ids.device, sizeof(head->device));
	memcpy(head->project, r->ids.project, sizeof(head->project));
	head->learned_ms = r->ids.learned_ms;
}

/* What the portal's clock says, whose word on keys we take as well. */
static void
take_date(struct asking *a, enum source src)
{
	int64_t date = a->answers[src].date_ms;

	if (date == 0 || a->h->state[src].outcome == OUTCOME_FAILED)
		return;
	if (!a->r->dated || date > a->h->head.portal_ms)
		a->h->head.portal_ms = date;
	a->r->dated = true;
}

static int
take_answers(struct asking *a, struct error *err)
{
	int64_t now = clock_wall_ms();
	uint32_t random = 0;
	unsigned i;

	/* Only the spread of retries hangs on it. */
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) == -1)
		random = 0;
	for (i = 0; i < SOURCE_COUNT; i++) {
		if (answer_take(a->h, i, &a->answers[i], a->r->cfg, a->at, now,
			random) == -1)
			return error_set(err, "no memory for the answers");
		if ((a->sources & SOURCE_BIT(i)) == 0)
			continue;
		take_date(a, i);
		if (a->h->state[i].outcome != OUTCOME_FAILED)
			a->r->confirmed = true;
		else
			(void)text_copy(a->r->reason, sizeof(a->r->reason),
			    a->h->state[i].reason);
	}
	return 0;
}

int
round_ask(
    struct round *r, struct holdings *h, unsigned sources, struct error *err)
{
	struct asking a = {.r = r, .h = h, .at = clock_wall_ms()};
	int result;

	choose(&a, sources);
	r->asked |= a.sources;
	if (a.sources != 0)
		ask_portal(&a);
	store_ids(r, &h->head);
	result = take_answers(&a, err);
	portal_sources_free(a.answers);
	return result;
}
