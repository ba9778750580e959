/*
 * A portal, and a server for it, around each test.  Include after cmocka.h.
 */
#ifndef TESTS_UNIT_PORTAL_FIXTURE_H
#define TESTS_UNIT_PORTAL_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sanitized.h"
#include "portal/portal.h"
#include "tests/unit/httpd.h"

#define DEV "0b0a2f5e-1c9d-4b43-9d0e-00000000000d"
#define DEV2 "0b0a2f5e-1c9d-4b43-9d0e-0000000000d2"
#define PRJ "0b0a2f5e-1c9d-4b43-9d0e-00000000000f"
#define PRJ2 "0b0a2f5e-1c9d-4b43-9d0e-0000000000f2"
#define ORG "0b0a2f5e-1c9d-4b43-9d0e-00000000000c"
#define TOKEN "sEcReT.tOkEn-0123456789"

#define META_PATH "/metadata"
#define DEV_PATH(id) "/metal/v1/devices/" id
#define DEV_KEYS(id) "/metal/v1/devices/" id "/ssh-keys"
#define PRJ_KEYS(id) "/metal/v1/projects/" id "/ssh-keys"
#define MY_KEYS "/metal/v1/ssh-keys"
#define MEMBERS(id) "/metal/v1/projects/" id "/memberships"
#define MEMBERS_QUERY "?include=user&per_page=1000"
#define CUSTOMDATA(kind, id) "/metal/v1/" kind "s/" id "/customdata"

#define LIST(text) "{\"ssh_keys\":[{\"key\":\"" text "\"}]}"
#define META(id) "{\"id\":\"" id "\",\"ssh_keys\":[\"meta\"]}"
#define RECORD(project) \
	"{\"project\":{\"href\":\"/metal/v1/projects/" project "\"}}"

#define META_ROUTE                                                  \
	{                                                           \
		.path = META_PATH, .status = 200, .body = META(DEV) \
	}
#define RECORD_ROUTE                                                      \
	{                                                                 \
		.path = DEV_PATH(DEV), .status = 200, .body = RECORD(PRJ) \
	}
#define DEV_ROUTE                                                         \
	{                                                                 \
		.path = DEV_KEYS(DEV), .status = 200, .body = LIST("dev") \
	}
#define PRJ_ROUTE                                                         \
	{                                                                 \
		.path = PRJ_KEYS(PRJ), .status = 200, .body = LIST("prj") \
	}
#define MY_ROUTE                                                   \
	{                                                          \
		.path = MY_KEYS, .status = 200, .body = LIST("my") \
	}

struct fixture {
	struct httpd d;
	char url[64], metadata_url[64];
	struct portal_settings set;
	struct portal *p;
	struct portal_ids ids;
	struct portal_source src[SOURCE_COUNT];
	int64_t timeout, took;
};

static inline void
fixture_start(struct fixture *f, const struct httpd_route *routes, size_t n)
{
	memset(f, 0, sizeof(*f));
	/* A test that hangs is a failed one. */
	(void)alarm(120);
	assert_int_equal(httpd_start(&f->d, routes, n), 0);
	(void)snprintf(f->url, sizeof(f->url), "%s/metal/v1", f->d.origin);
	(void)snprintf(f->metadata_url, sizeof(f->metadata_url), "%s" META_PATH,
	    f->d.origin);
	f->set = (struct portal_settings){.url = f->url,
	    .metadata_url = f->metadata_url,
	    .ca_file = "",
	    .proxy = "",
	    .token_file = "/etc/packet-keys/token",
	    .project = "auto",
	    .device = "auto",
	    .connect_timeout_ms = 2000};
	f->timeout = 5000;
	portal_sources_init(f->src);
}

/* With that table of routes. */
#define FIXTURE(f, routes) \
	fixture_start(&(f), (routes), sizeof(routes) / sizeof((routes)[0]))

static inline void
fixture_stop(struct fixture *f)
{
	portal_sources_free(f->src);
	portal_free(f->p);
	f->p = NULL;
	httpd_stop(&f->d);
}

static inline void
fixture_ids(struct fixture *f, const char *device, const char *project)
{
	(void)snprintf(f->ids.device, sizeof(f->ids.device), "%s", device);
	(void)snprintf(f->ids.project, sizeof(f->ids.project), "%s", project);
	f->ids.learned_ms = 1;
}

/* Fetches the sources of that bit mask. */
static inline void
fixture_fetch(struct fixture *f, unsigned sources, bool relearn)
{
	int64_t start;
	struct error err = {""};
	unsigned i;

	if (f->p == NULL) {
		f->p = portal_new(&f->set, TOKEN, &err);
		if (f->p == NULL)
			fail_msg("%s", err.text);
	}
	for (i = 0; i < SOURCE_COUNT; i++)
		f->src[i].ask = (sources & SOURCE_BIT(i)) != 0;
	start = clock_mono_ms();
	assert_int_equal(portal_fetch(f->p, &f->ids, relearn, f->src,
			     start + f->timeout, &err),
	    0);
	f->took = clock_mono_ms() - start;
	/* What reads 64 MiB at its end is slow under a sanitizer. */
	assert_true(f->took < f->timeout + (SANITIZED ? 10000 : 1000));
	for (i = 0; i < SOURCE_COUNT; i++) {
		const struct portal_source *s = &f->src[i];

		assert_int_equal(s->outcome == PORTAL_NOT_ASKED, !s->ask);
		assert_int_equal(
		    s->outcome == PORTAL_FAILED, s->reason[0] != '\0');
		if (s->outcome != PORTAL_NEW || i >= SOURCE_KEYS)
			assert_int_equal(s->keys.n, 0);
		if (s->outcome != PORTAL_NEW || i != SOURCE_MEMBERS)
			assert_int_equal(s->members.n, 0);
		if (s->outcome != PORTAL_NEW || i != SOURCE_FLEET)
			assert_int_equal(s->policy.len, 0);
		assert_null(strstr(s->reason, TOKEN));
	}
}

/* A new list of one key with that text. */
#define assert_new(f, source, key)                                 \
	do {                                                       \
		const struct portal_source *s_ = &(f).src[source]; \
		if (s_->outcome != PORTAL_NEW)                     \
			fail_msg("%s: %d %s", source_name(source), \
			    (int)s_->outcome, s_->reason);         \
		assert_int_equal(s_->keys.n, 1);                   \
		assert_string_equal(s_->keys.v[0].text, key);      \
	} while (0)

/* A failure with these words in its reason. */
#define assert_failed(f, source, words)                            \
	do {                                                       \
		const struct portal_source *s_ = &(f).src[source]; \
		assert_int_equal(s_->outcome, PORTAL_FAILED);      \
		if (strstr(s_->reason, words) == NULL)             \
			fail_msg("%s", s_->reason);                \
	} while (0)

#define ALL_BUT_METADATA                                          \
	(SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_PROJECT) | \
	    SOURCE_BIT(SOURCE_PERSONAL))
#define ALL (ALL_BUT_METADATA | SOURCE_BIT(SOURCE_METADATA))

#endif
